/** An expression, or one for each major version from which it holds. Before the first of them the column is NULL. */
export type VersionedSql = string | Readonly<Record<number, string>>;

/** What is asked of PostgreSQL's catalog: its columns by the name that the answer has, and the rest of the statement. */
export interface CatalogQuestion {
  readonly columns: Readonly<Record<string, VersionedSql>>;
  /** From `FROM` on; empty where there is no table. */
  readonly from: VersionedSql;
}

/** What holds in a major version; null where nothing does yet. */
export function sqlForVersion(sql: VersionedSql, major: number): string | null {
  if (typeof sql === 'string') return sql;
  const since = Object.keys(sql)
    .map(Number)
    .filter((version) => version <= major)
    .sort((a, b) => b - a)[0];
  return since === undefined ? null : (sql[since] ?? null);
}

/** The statement for a major version, with the same columns in every version. */
export function catalogSelect({ columns, from }: CatalogQuestion, major: number): string {
  const list = Object.entries(columns).map(([name, sql]) => `${sqlForVersion(sql, major) ?? 'NULL'} AS "${name}"`);
  return `SELECT ${list.join(', ')} ${sqlForVersion(from, major) ?? ''}`.trim();
}

/** A moment as ms since the epoch. */
export const sqlMoment = (sql: string): string => `round(extract(epoch FROM ${sql}) * 1000)::bigint`;

/** A length of time in ms. */
export const sqlSpan = sqlMoment;

/** A WAL position in bytes. */
export const sqlPosition = (sql: string): string => `pg_wal_lsn_diff(${sql}, '0/0')::bigint`;

/** The newest position that a server has: written on a primary, received or replayed on a standby. */
export const SQL_POSITION_NOW =
  'CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) ' +
  'ELSE pg_current_wal_lsn() END';
