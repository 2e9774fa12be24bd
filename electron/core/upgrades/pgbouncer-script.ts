import type { Remote } from '../ssh/remote';

/** The first line of the script; who answers in a server's place knows it by this. */
export const PGBOUNCER_PAUSE_FIRST_LINE = '# matriarch:upgrade-pgbouncer v1';

/**
 * Empties PgBouncer before something behind it, or it itself, is stopped: PAUSE lets every transaction end and holds new ones back
 * (pgbouncer's documentation, "admin console"). Arguments: pause or resume, whether it is emptied whatever it leads to (yes or no), the
 * port of the server's PostgreSQL, its address, and the longest wait in s. It prints one word: `none` (it does not run), `elsewhere` (it
 * does not lead to this PostgreSQL), `paused`, `busy` (a transaction did not end; it is as before), `resumed` or `refused`. As its own
 * system user, whom its console lets in over the Unix socket without a password.
 */
const PGBOUNCER_SCRIPT = `${PGBOUNCER_PAUSE_FIRST_LINE}
LC_ALL=C; export LC_ALL
what=$1 any=$2 port_of_postgres=$3 address=$4 limit=$5
line=$(ps -C pgbouncer -o user:64=,args= 2>/dev/null | head -n 1)
[ -n "$line" ] || { echo none; exit 0; }
user=\${line%% *}
ini=$(printf '%s\\n' "$line" | tr ' ' '\\n' | grep '\\.ini$' | tail -n 1)
[ -n "$ini" ] || ini=/etc/pgbouncer/pgbouncer.ini
setting() { sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*\\([^[:space:];#]*\\).*/\\1/p" "$ini" 2>/dev/null | tail -n 1; }
port=$(setting listen_port); port=\${port:-6432}
dir=$(setting unix_socket_dir); dir=\${dir:-/var/run/postgresql}
[ -S "$dir/.s.PGSQL.$port" ] || [ ! -S "/tmp/.s.PGSQL.$port" ] || dir=/tmp
for bin in /usr/lib/postgresql/*/bin; do PATH=$PATH:$bin; done
ask() {
  cd / || return 1
  set -- timeout "$1" psql -X -q -w -A -F '|' -P footer=off -h "$dir" -p "$port" -U pgbouncer -d pgbouncer -c "$2"
  if [ "$(id -un)" = "$user" ]; then PGCONNECT_TIMEOUT=5 "$@"
  else PGCONNECT_TIMEOUT=5 runuser -u "$user" -- "$@"; fi
}
resume() { ask 10 RESUME >/dev/null 2>&1; }
case $what in
resume) resume; echo resumed ;;
pause)
  leads=$(ask 10 'SHOW DATABASES' 2>/dev/null | awk -F '|' -v port="$port_of_postgres" -v own="$address" '
    NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    { host = $at["host"]; if ($at["name"] != "pgbouncer" && $at["port"] == port &&
        (host == "" || host ~ /^\\// || host == "127.0.0.1" || host == "localhost" || host == "::1" || host == own)) found = 1 }
    END { print found ? "yes" : "no" }')
  [ "$any" = yes ] || [ "$leads" = yes ] || { echo elsewhere; exit 0; }
  if ask "$limit" PAUSE >/dev/null 2>&1; then echo paused
  elif [ $? = 124 ]; then resume; echo busy
  else resume; echo refused; fi
  ;;
esac
`;

/** What PgBouncer of a server came to. */
export type PauseOutcome = 'none' | 'elsewhere' | 'paused' | 'busy' | 'resumed' | 'refused';

/** What is asked of PgBouncer on a server. */
export interface PauseOrder {
  readonly what: 'pause' | 'resume';
  /** Emptied whatever it leads to, since it is stopped itself. */
  readonly any: boolean;
  readonly postgresPort: number;
  readonly address: string;
  readonly limitSeconds: number;
}

/** Pauses or resumes. Rejects with `ssh.*`. */
export async function askPgbouncer(remote: Remote, order: PauseOrder): Promise<PauseOutcome> {
  const { what, any, postgresPort, address, limitSeconds } = order;
  const args = [what, any ? 'yes' : 'no', String(postgresPort), address, String(limitSeconds)];
  const { stdout } = await remote.script(PGBOUNCER_SCRIPT, args, {
    timeoutMs: (limitSeconds + 60) * 1000,
    sudo: true,
  });
  const word = stdout.trim().split('\n').at(-1) ?? '';
  return outcomes.find((one) => one === word) ?? 'refused';
}

const outcomes: readonly PauseOutcome[] = ['none', 'elsewhere', 'paused', 'busy', 'resumed', 'refused'];
