/** What kind of value a parameter of PostgreSQL takes (pg_settings.vartype). */
export type ParameterType = 'bool' | 'string' | 'integer' | 'real' | 'enum';

/** When a changed parameter counts (pg_settings.context). */
export type ParameterContext =
  'internal' | 'postmaster' | 'sighup' | 'superuser-backend' | 'backend' | 'superuser' | 'user' | 'unknown';

/** What is true of a parameter on every server of one version. Numbers are text in `unit`, as PostgreSQL writes them. */
export interface ParameterDefinition {
  readonly name: string;
  readonly type: ParameterType;
  /** What a number without a unit counts in, e.g. `8kB`, `ms`; null where it has none. */
  readonly unit: string | null;
  readonly context: ParameterContext;
  readonly min: string | null;
  readonly max: string | null;
  /** The words it takes; empty unless `type` is enum. */
  readonly choices: readonly string[];
  /** The value PostgreSQL begins with when nothing sets it. */
  readonly builtIn: string | null;
  readonly group: string;
  readonly description: string;
}

/** What a parameter is on one server now. `value` is in the parameter's unit. */
export interface ParameterValue {
  readonly value: string | null;
  /** Where it came from, in the words of pg_settings.source, e.g. `configuration file`, `command line`. */
  readonly source: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly pendingRestart: boolean;
}

/** One line of a configuration file that names a parameter (pg_file_settings). */
export interface FileSetting {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly value: string | null;
  /** False where a later line or the command line takes its place, or where it is wrong. */
  readonly applied: boolean;
  readonly error: string | null;
}

/** One line of pg_hba.conf as the server reads it (pg_hba_file_rules). */
export interface HbaFileRule {
  readonly line: number;
  readonly type: string | null;
  readonly databases: readonly string[];
  readonly users: readonly string[];
  readonly address: string | null;
  readonly netmask: string | null;
  readonly method: string | null;
  readonly options: readonly string[];
  readonly error: string | null;
}

/** Sessions that are alike, as pg_stat_activity has them: who is connected now, and from where. */
export interface ConnectedClient {
  readonly user: string;
  /** null: none, as in physical replication. */
  readonly database: string | null;
  /** null: the unix socket. */
  readonly address: string | null;
  readonly tls: boolean;
  /** Physical replication. */
  readonly replication: boolean;
  readonly application: string;
  readonly sessions: number;
}

/** What one running PostgreSQL says of its configuration. */
export interface PostgresFacts {
  /** e.g. 170005 */
  readonly version: number;
  readonly definitions: readonly ParameterDefinition[];
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly fileSettings: readonly FileSetting[];
  /** null: this version or this user cannot tell. */
  readonly hba: readonly HbaFileRule[] | null;
  /** Roles with the roles that they are members of, directly or through others; for `+role` in pg_hba. */
  readonly memberships: Readonly<Record<string, readonly string[]>>;
  /** Who is connected, the most sessions first; empty where this user may not see it. */
  readonly clients: readonly ConnectedClient[];
}
