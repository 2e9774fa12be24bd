import { z } from 'zod';
import type { SqlSource } from './sql-way';

/**
 * A session of pg_stat_activity. `backendStart` with the pid names it: the pid alone is given again after its end. A role without
 * pg_read_all_stats is told of the sessions of other roles only the pid, user, database and application.
 */
export interface SessionReading {
  readonly pid: number;
  /** As PostgreSQL prints it, to the microsecond, in UTC; null: not told. */
  readonly backendStart: string | null;
  /** When its statement, the present or the last one, and its transaction began, printed alike; null: there is none, or it is not told. */
  readonly queryStart: string | null;
  readonly transactionStart: string | null;
  /** ms since the epoch; null: not told. */
  readonly startedAt: number | null;
  /** `client backend`, `walsender`, `autovacuum worker` ... */
  readonly kind: string;
  /** The process that this parallel worker works for. */
  readonly leaderPid: number | null;
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string;
  readonly client: string | null;
  readonly state: string | null;
  readonly waitType: string | null;
  readonly waitEvent: string | null;
  /** For how long its statement, its state and its transaction have lasted, ms. */
  readonly queryMs: number | null;
  readonly stateMs: number | null;
  readonly transactionMs: number | null;
  /** The statement that runs, or ran last, cut; its whole length in characters. */
  readonly query: string;
  readonly queryLength: number;
  readonly queryId: string | null;
  /** Processes that keep it from a lock; 0 is a prepared transaction. */
  readonly blockedBy: readonly number[];
  /** What it waits for, where it waits for a lock. */
  readonly waitsFor: WaitedLock | null;
}

/** A lock that is waited for (pg_locks). */
export interface WaitedLock {
  /** `relation`, `transactionid`, `tuple` ... */
  readonly kind: string;
  readonly mode: string;
  /** Name of the relation with its schema, where it is in the database that was asked; else its oid. */
  readonly relation: string | null;
  /** For how long, ms; told from version 14. */
  readonly waitMs: number | null;
}

/** The sessions of one member. */
export interface ActivityView {
  readonly member: string;
  readonly source: SqlSource;
  readonly version: number;
  readonly recovery: boolean;
  readonly sessions: readonly SessionReading[];
  /** How many there are; more than `sessions` where they are too many to show. */
  readonly total: number;
  readonly maxConnections: number;
}

/** How a session is ended: its statement alone, or all of it. */
export const sessionEndSchema = z.enum(['cancel', 'terminate']);
/** How a session is ended. */
export type SessionEnd = z.infer<typeof sessionEndSchema>;
