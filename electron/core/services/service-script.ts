import { maskLogText } from '../../../shared/rules/logs/mask-log-text';
import type { ServiceName, ServiceState, ServiceStatus } from '../../../shared/model/operate/service';

/** The first line of the script that reads the services; who answers in a server's place knows it by this. */
export const SERVICES_SCRIPT_FIRST_LINE = '# matriarch:services v1';

/**
 * Prints what systemd knows of the units of the services that are installed, and the oldest PostgreSQL process. It changes
 * nothing and needs no root.
 */
export const SERVICES_SCRIPT = `${SERVICES_SCRIPT_FIRST_LINE}
LC_ALL=C TZ=UTC; export LC_ALL TZ
units='patroni.service etcd.service haproxy.service pgbouncer.service'
more=$(systemctl list-units --all --plain --no-legend --no-pager 'patroni@*.service' 'pgbouncer@*.service' 'etcd@*.service' \
  'postgresql@*.service' 'postgresql-[0-9]*.service' 2>/dev/null | awk '{ print $1 }')
systemctl show --no-pager -p Id,LoadState,ActiveState,UnitFileState,StateChangeTimestamp $units $more
printf '\nPostgres=%s\n' "$(pgrep -o -x 'postgres|postmaster' 2>/dev/null | head -n 1)"
`;

/**
 * Prints the last lines of PostgreSQL's own log file: the newest in the places where packages and Patroni put it. Prints
 * nothing where there is none; the journal of Patroni has the lines then. Arguments: how many lines.
 */
export const POSTGRES_LOG_SCRIPT = `# matriarch:postgres-log v1
file=$(ls -1t /var/log/postgresql/*.log /var/lib/postgresql/*/*/log/*.log /var/lib/pgsql/*/data/log/*.log 2>/dev/null | head -n 1)
[ -n "$file" ] && [ -r "$file" ] || exit 0
printf '%s\n' "$file"
tail -n "$1" -- "$file"
`;

const states: Readonly<Record<string, ServiceState>> = {
  active: 'running',
  reloading: 'running',
  activating: 'starting',
  deactivating: 'stopping',
  inactive: 'stopped',
  failed: 'failed',
};

const order: readonly ServiceName[] = ['patroni', 'postgresql', 'etcd', 'haproxy', 'pgbouncer'];

/** Which service a unit belongs to. */
function serviceOf(unit: string): ServiceName | null {
  return order.find((name) => unit.startsWith(name)) ?? null;
}

function readBlock(block: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    block.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
}

/** systemd's "Wed 2026-11-26 21:00:00 UTC" as ms since the epoch; null where there is none. */
function momentOf(text: string | undefined): number | null {
  const found = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)/.exec(text ?? '');
  return found === null ? null : Date.parse(`${found[1]}T${found[2]}Z`);
}

function statusOf(fields: Readonly<Record<string, string>>): readonly ServiceStatus[] {
  const unit = fields['Id'] ?? '';
  const name = serviceOf(unit);
  if (name === null || fields['LoadState'] !== 'loaded') return [];
  const file = fields['UnitFileState'] ?? '';
  return [
    {
      name,
      unit,
      state: states[fields['ActiveState'] ?? ''] ?? 'unknown',
      since: momentOf(fields['StateChangeTimestamp']),
      enabled: file === '' ? null : file.startsWith('enabled'),
    },
  ];
}

/** One status for each service that is installed, in the order of `serviceNames`; a running unit before one that is not. */
export function readServices(output: string): readonly ServiceStatus[] {
  const blocks = output.split(/\n\s*\n/).map(readBlock);
  const found = blocks.flatMap(statusOf);
  const runs = blocks.some((block) => (block['Postgres'] ?? '') !== '');
  return order.flatMap((name) => {
    const mine = found.filter((one) => one.name === name);
    const best = mine.find((one) => one.state !== 'stopped') ?? mine[0];
    if (name !== 'postgresql') return best === undefined ? [] : [best];
    if (best?.state === 'running') return [best];
    const isHere = runs || found.some((one) => one.name === 'patroni');
    return isHere ? [{ name, unit: null, state: runs ? 'running' : 'stopped', since: null, enabled: null }] : [];
  });
}

/** Escape sequences of terminals (ECMA-48), which programs write into their logs to colour them. */
const ESCAPES = /\u001b\[[0-?]*[ -/]*[@-~]/g;

/** The last lines of a log, without anything that a terminal or a page would act upon, and with secrets masked. */
export function readLog(output: string, most: number): readonly string[] {
  return output
    .replace(ESCAPES, '')
    .split('\n')
    .map((line) => line.replace(/\t/g, '  ').replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b-\u200f]/gu, ''))
    .filter((line) => line !== '' && !line.startsWith('-- '))
    .slice(-most)
    .map(maskLogText);
}
