import type { SqlSource } from './sql-way';

/** A database of a server. */
export interface DatabaseReading {
  readonly name: string;
  /** Whether it takes connections. */
  readonly open: boolean;
  /** Bytes; null where the role may not see it. */
  readonly size: number | null;
  readonly connections: number;
  /** Transactions since the oldest row that is not frozen (age of datfrozenxid), and the same of multixacts. */
  readonly xidAge: number;
  readonly multixactAge: number;
  readonly commits: number;
  readonly rollbacks: number;
  readonly deadlocks: number;
  /** Share of the blocks that were found in shared_buffers, 0 to 1; null: none was read. */
  readonly cacheHits: number | null;
  /** Bytes written to temporary files since the statistics began. */
  readonly temporaryBytes: number;
}

/** One of the largest tables of a database, with its indexes. Sizes are bytes. */
export interface TableReading {
  readonly schema: string;
  readonly name: string;
  /** `table`, `partitioned table`, `materialized view`, `toast table`. */
  readonly kind: string;
  readonly total: number;
  readonly heap: number;
  readonly indexes: number;
  /** As the planner estimates; null: never analyzed. */
  readonly rows: number | null;
  readonly deadRows: number | null;
  readonly xidAge: number | null;
  /** ms since the epoch. */
  readonly lastVacuum: number | null;
  readonly lastAnalyze: number | null;
}

/** Checkpoints and what writes pages (pg_stat_bgwriter, from version 17 pg_stat_checkpointer). Times are ms. */
export interface CheckpointReading {
  readonly timed: number;
  /** Because max_wal_size was reached, or somebody asked. */
  readonly requested: number;
  readonly writeMs: number;
  readonly syncMs: number;
  readonly buffers: number;
  readonly cleaned: number;
  /** Pages that sessions wrote themselves; not counted here from version 17. */
  readonly byBackends: number | null;
  /** ms since the epoch. */
  readonly since: number | null;
  readonly timeoutSeconds: number | null;
  /** Bytes. */
  readonly maxWalSize: number | null;
}

/** The databases of a member with their age, and its checkpoints. */
export interface StorageView {
  readonly member: string;
  readonly source: SqlSource;
  readonly databases: readonly DatabaseReading[];
  /** autovacuum_freeze_max_age, transactions: from this age on PostgreSQL vacuums by itself, whatever is set. */
  readonly freezeAge: number;
  readonly checkpoints: CheckpointReading | null;
  /** ms since the epoch. */
  readonly startedAt: number;
}

/** The largest tables of one database. */
export interface TablesView {
  readonly database: string;
  readonly source: SqlSource;
  readonly tables: readonly TableReading[];
}

/** A statement of pg_stat_statements. Times are ms. */
export interface StatementReading {
  readonly id: string;
  readonly user: string | null;
  readonly database: string | null;
  /** Cut; its whole length in characters. */
  readonly query: string;
  readonly queryLength: number;
  readonly calls: number;
  readonly totalMs: number;
  readonly meanMs: number;
  readonly rows: number;
  /** Share of the blocks that were found in shared_buffers, 0 to 1. */
  readonly cacheHits: number | null;
  readonly walBytes: number | null;
}

/** pg_stat_statements as one database has it, or what is missing. */
export type StatementsView =
  | { readonly kind: 'known'; readonly source: SqlSource; readonly statements: readonly StatementReading[] }
  | {
      readonly kind: 'absent';
      readonly source: SqlSource;
      /** Whether the server loaded its library; null: the role may not see that. */
      readonly loaded: boolean | null;
      /** Whether its package is installed on the server. */
      readonly available: boolean;
    };
