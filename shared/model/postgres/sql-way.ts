/**
 * How a PostgreSQL is asked: `psql` as the system user postgres on its server, over SSH; `pg`, a connection of the app's own through the
 * SSH tunnel with a role that the user gave.
 */
export type SqlWay = 'psql' | 'pg';

/** The role by which the app asks; null: psql on the servers is asked. */
export interface SqlLogin {
  readonly username: string | null;
  /** The superuser of a cluster that the app set up, whose password it has; null for every other cluster. */
  readonly known: string | null;
}

/** By which way and as whom an answer was given, and when. */
export interface SqlSource {
  readonly way: SqlWay;
  /** The role of the session. */
  readonly role: string;
  /** Whether its traffic was encrypted by TLS; null for a local socket. */
  readonly encrypted: boolean | null;
  /** ms since the epoch. */
  readonly asOf: number;
}
