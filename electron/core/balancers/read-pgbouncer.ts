import type { PgbouncerDatabase, PgbouncerPool } from '../../../shared/model/balancers/balancers';
import { FIELD } from './balancer-script';

type Row = Readonly<Record<string, string>>;

/** The rows of a SHOW command by the names of its columns, which differ between versions; null where it printed an error. */
function rowsOf(text: string): readonly Row[] | null {
  const lines = text.split('\n').filter((line) => line !== '');
  const [head = '', ...rest] = lines;
  if (!head.includes(FIELD)) return null;
  const names = head.split(FIELD);
  return rest.map((line) => {
    const values = line.split(FIELD);
    return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
  });
}

function count(text: string | undefined): number {
  const number = Number(text);
  return Number.isFinite(number) ? number : 0;
}

function told(text: string | undefined): number | null {
  return text === undefined || text === '' ? null : count(text);
}

/** SHOW POOLS, without PgBouncer's own console; null where it could not be read. */
export function readPools(text: string): readonly PgbouncerPool[] | null {
  return (
    rowsOf(text)
      ?.filter((row) => row['database'] !== 'pgbouncer')
      .map((row) => ({
        database: row['database'] ?? '',
        user: row['user'] ?? '',
        clientsActive: count(row['cl_active']),
        clientsWaiting: count(row['cl_waiting']),
        serversActive: count(row['sv_active']),
        serversIdle: count(row['sv_idle']) + count(row['sv_used']),
        longestWaitMs: count(row['maxwait']) * 1000 + Math.round(count(row['maxwait_us']) / 1000),
        mode: row['pool_mode'] ?? '',
      })) ?? null
  );
}

/** SHOW DATABASES with what SHOW STATS says of each; null where the first could not be read. */
export function readDatabases(databases: string, stats: string): readonly PgbouncerDatabase[] | null {
  const statistics = new Map((rowsOf(stats) ?? []).map((row) => [row['database'] ?? '', row]));
  return (
    rowsOf(databases)
      ?.filter((row) => row['name'] !== 'pgbouncer')
      .map((row) => {
        const mine = statistics.get(row['name'] ?? '');
        const { host = '', port = '' } = row;
        return {
          name: row['name'] ?? '',
          target: host === '' ? null : `${host}:${port}`,
          paused: row['paused'] === '1',
          disabled: row['disabled'] === '1',
          transactionsPerSecond: told(mine?.['avg_xact_count']),
          transactionMicroseconds: told(mine?.['avg_xact_time']),
        };
      }) ?? null
  );
}

/** The first line that psql or the console said in place of rows, for people. */
export function refusalIn(text: string): string {
  return (text.split('\n').find((line) => line.trim() !== '') ?? 'It said nothing.').slice(0, 300);
}

/** The version in SHOW VERSION, e.g. `1.24.1`; null where it says none. */
export function readVersion(text: string): string | null {
  return /PgBouncer (\d[\w.]*)/i.exec(text)?.[1] ?? null;
}
