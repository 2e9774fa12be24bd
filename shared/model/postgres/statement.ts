import { z } from 'zod';
import type { SqlSource } from './sql-way';

/** A statement that only reads, and which of its rows are wanted. */
export const statementRunSchema = z.object({
  clusterId: z.string(),
  member: z.string(),
  database: z.string().min(1).max(63),
  statement: z.string().min(1).max(100_000),
  /** Ask for the plan instead of running it. */
  explain: z.boolean(),
  /** Rows that were seen already: the statement runs again, and begins after them. */
  skip: z.number().int().min(0).max(100_000_000),
  limit: z.number().int().min(1).max(5_000),
  /** ms */
  timeoutMs: z.number().int().min(1_000).max(3_600_000),
  /** Names the run for whoever cancels it. */
  runId: z.string().regex(/^[\w-]{8,40}$/),
});
/** A statement that only reads, and which of its rows are wanted. */
export type StatementRun = z.infer<typeof statementRunSchema>;

/** A statement that may write, as the user confirmed it. `typed` is what was typed to switch to it. */
export const statementWriteSchema = statementRunSchema
  .pick({ clusterId: true, member: true, database: true, statement: true, timeoutMs: true })
  .extend({ typed: z.string(), requestId: z.string().min(8).max(64) });
/** A statement that may write. */
export type StatementWrite = z.infer<typeof statementWriteSchema>;

/** A value as text: null is NULL. A long one is cut, and `length` is that of the whole in characters. */
export interface StatementCell {
  readonly text: string | null;
  readonly length: number;
}

/** Some rows of a statement's result. */
export interface StatementPage {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly StatementCell[])[];
  /** Whether there are rows after these. */
  readonly more: boolean;
  readonly source: SqlSource;
  readonly durationMs: number;
}
