import type { DrillFault } from '../../../shared/model/drill/drill';
import type { DrillTools } from '../../../shared/rules/drill/check-drill';
import type { Remote, RunOptions } from '../ssh/remote';

/** The first line of the script; who answers in a server's place knows it by this. */
export const DRILL_FAULT_FIRST_LINE = '# matriarch:drill-fault v1';

/**
 * Looks at the leader's server, makes a fault there, takes it away, and says what is so. Root; arguments: look, arm, strike, heal or
 * after; the drill's id (hexadecimal), the fault, the limit in seconds, the port of Patroni's REST API, the data directory or '', the
 * port of SSH.
 *
 * `arm` starts a timer of systemd that takes the fault away after the limit, whatever becomes of the connection: it belongs to
 * systemd, not to a login. `strike` does nothing unless that timer waits. The network is cut by a table of its own that lets
 * loopback and SSH through; removing the table is all of the healing.
 */
const DRILL_FAULT_SCRIPT = `${DRILL_FAULT_FIRST_LINE}
LC_ALL=C; export LC_ALL; PATH=$PATH:/usr/sbin:/sbin; umask 077
what=$1 id=$2 fault=$3 limit=$4 rest=$5 data=$6 ssh=$7
name=matriarch-drill-$id table=matriarch_drill_$id
has() { command -v "$1" >/dev/null 2>&1; }
has_systemd() { has systemd-run && has systemctl && [ -d /run/systemd/system ]; }
patroni() {
  ss -Hltnp "sport = :$rest" 2>/dev/null | grep -o 'pid=[0-9]*' | cut -d= -f2 | sort -n | head -n 1
}
postgres() { [ -n "$data" ] && head -n 1 "$data/postmaster.pid" 2>/dev/null | grep -x '[0-9]*'; }
unit_of() { sed -n 's|.*/\\([^/]*\\.service\\)$|\\1|p' "/proc/$1/cgroup" 2>/dev/null | head -n 1; }
state_of() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f1; }
waits() { [ "$(systemctl is-active "$name.timer" 2>/dev/null)" = active ]; }
fail() { printf '%s\\n' "$1" >&2; exit "$2"; }
case $what in
look)
  has_systemd && echo systemd=yes
  has nft && echo nft=yes
  pid=$(patroni)
  if [ -n "$pid" ]; then
    unit=$(unit_of "$pid"); echo "unit=$unit"
    [ -z "$unit" ] || echo "restart=$(systemctl show -p Restart --value "$unit" 2>/dev/null)"
  fi
  pid=$(postgres); [ -z "$pid" ] || ! kill -0 "$pid" 2>/dev/null || echo postgres=yes
  ;;
arm)
  case $fault in
  network_cut) heal="nft delete table inet $table" ;;
  patroni_frozen)
    pid=$(patroni); [ -n "$pid" ] || fail 'Patroni was not found' 31
    heal="kill -CONT $pid" ;;
  patroni_killed)
    pid=$(patroni); unit=$(unit_of "$pid"); [ -n "$unit" ] || fail 'Patroni was not found' 31
    heal="systemctl start '$unit'" ;;
  *) exit 0 ;;
  esac
  systemd-run --quiet --collect --unit="$name" --on-active="$limit" --timer-property=AccuracySec=100ms \\
    /bin/sh -c "PATH=\\$PATH:/usr/sbin:/sbin; $heal" || fail 'the timer was not started' 32
  waits || fail 'the timer does not wait' 32
  echo "heals=$heal"
  ;;
strike)
  case $fault in
  network_cut)
    waits || fail 'the timer does not wait' 32
    nft -f - <<X || fail 'nft refused the rules' 33
table inet $table {
  chain arriving { type filter hook input priority -300; policy drop;
    iif lo accept
    tcp dport $ssh accept
    meta l4proto ipv6-icmp accept; }
  chain leaving { type filter hook output priority -300; policy drop;
    oif lo accept
    tcp sport $ssh accept
    meta l4proto ipv6-icmp accept; }
  chain passing { type filter hook forward priority -300; policy drop; }
}
X
    ;;
  patroni_frozen)
    waits || fail 'the timer does not wait' 32
    kill -STOP "$(patroni)" || fail 'Patroni was not found' 31 ;;
  patroni_killed)
    waits || fail 'the timer does not wait' 32
    kill -KILL "$(patroni)" || fail 'Patroni was not found' 31 ;;
  postgres_killed)
    pid=$(postgres); [ -n "$pid" ] || fail 'PostgreSQL was not found' 31
    kill -KILL "$pid" || fail 'PostgreSQL was not found' 31 ;;
  server_rebooted) systemctl --no-block reboot || fail 'systemd refused to reboot' 34 ;;
  *) fail 'no such fault' 35 ;;
  esac
  echo struck
  ;;
heal)
  # What the timer would do, now; doing it twice does no harm.
  if waits; then
    systemctl start "$name.service" 2>/dev/null
    systemctl stop "$name.timer" 2>/dev/null
  fi
  [ "$fault" != network_cut ] || ! nft list table inet "$table" >/dev/null 2>&1 || nft delete table inet "$table"
  if [ "$fault" = patroni_frozen ]; then
    pid=$(patroni); [ -z "$pid" ] || [ "$(state_of "$pid")" != T ] || kill -CONT "$pid"
  fi
  ;;
esac
case $what in heal|after)
  waits && echo timer=waits
  if has nft && nft list table inet "$table" >/dev/null 2>&1; then echo cut=yes; fi
  pid=$(patroni); if [ -z "$pid" ]; then echo patroni=none; else echo "patroni=$(state_of "$pid")"; fi
  ;;
esac
exit 0
`;

const SCRIPT_MS = 15_000;

/** A fault as it is carried to a server. */
export interface FaultOrder {
  readonly id: string;
  readonly fault: DrillFault;
  readonly limitSeconds: number;
  readonly restPort: number;
  readonly dataDirectory: string;
  readonly sshPort: number;
}

/** What is so on the server of a fault: whether its timer still waits, whether its network is cut, and how Patroni runs. */
export interface FaultStanding {
  readonly timerWaits: boolean;
  readonly isCut: boolean;
  /** `frozen` is stopped by a signal; `none`: nobody listens on its REST port. */
  readonly patroni: 'runs' | 'frozen' | 'none';
}

type Step = 'look' | 'arm' | 'strike' | 'heal' | 'after';

/** Runs a step of the script. Rejects with `ssh.*`; the exit code is a value. */
export async function runFaultScript(
  remote: Pick<Remote, 'script'>,
  step: Step,
  order: FaultOrder,
  timeoutMs: number = SCRIPT_MS,
): Promise<{ readonly exitCode: number; readonly values: ReadonlyMap<string, string>; readonly problem: string }> {
  const { id, fault, limitSeconds, restPort, dataDirectory, sshPort } = order;
  const args = [step, id, fault, String(limitSeconds), String(restPort), dataDirectory, String(sshPort)];
  const options: RunOptions = { timeoutMs, sudo: true, maxOutputBytes: 64 * 1024 };
  const { exitCode, stdout, stderr } = await remote.script(DRILL_FAULT_SCRIPT, args, options);
  const values = new Map(
    stdout.split('\n').map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? ([line.trim(), ''] as const) : ([line.slice(0, at), line.slice(at + 1).trim()] as const);
    }),
  );
  return { exitCode, values, problem: stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '' };
}

/** What the leader's server has for a fault. Changes nothing. */
export async function lookAtServer(remote: Pick<Remote, 'script'>, order: FaultOrder): Promise<DrillTools> {
  const { values } = await runFaultScript(remote, 'look', order);
  const unit = values.get('unit') ?? '';
  const restart = values.get('restart') ?? 'no';
  return {
    systemd: values.get('systemd') === 'yes',
    nft: values.get('nft') === 'yes',
    patroniUnit: unit === '' ? null : unit,
    patroniRestarts: restart !== 'no' && restart !== '',
    postgresFound: values.get('postgres') === 'yes',
  };
}

/** What is so on the server now; with `heal` the fault is taken away first. */
export async function standingOnServer(
  remote: Pick<Remote, 'script'>,
  step: 'heal' | 'after',
  order: FaultOrder,
): Promise<FaultStanding> {
  const { values } = await runFaultScript(remote, step, order);
  const patroni = values.get('patroni') ?? 'none';
  const isStopped = patroni === 'T' || patroni === 't';
  return {
    timerWaits: values.get('timer') === 'waits',
    isCut: values.get('cut') === 'yes',
    patroni: patroni === 'none' ? 'none' : stoppedOr(isStopped),
  };
}

function stoppedOr(isStopped: boolean): 'frozen' | 'runs' {
  return isStopped ? 'frozen' : 'runs';
}

/** Whether nothing of the fault is left. */
export function isHealed({ isCut, patroni }: FaultStanding, fault: DrillFault): boolean {
  if (fault === 'network_cut') return !isCut;
  if (fault === 'patroni_frozen') return patroni !== 'frozen';
  return fault !== 'patroni_killed' || patroni === 'runs';
}

/** Prints the port on which the SSH server took this login; nothing where it does not tell. */
export const SSH_PORT_SCRIPT = `# matriarch:drill-ssh v1
set -- $SSH_CONNECTION
printf '%s' "\${4:-}"
`;
