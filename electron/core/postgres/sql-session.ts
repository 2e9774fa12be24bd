import { z } from 'zod';
import { appError, type AppError } from '../../../shared/model/app-error';
import type { SqlWay } from '../../../shared/model/postgres/sql-way';

/** One question to PostgreSQL, in a transaction of its own. */
export interface SqlAsk {
  readonly name: string;
  /** Runs before it in the same transaction, and answers nothing. */
  readonly before?: readonly string[];
  /** A SELECT without a semicolon. What a user typed may stand in it only as a quoted literal. */
  readonly sql: string;
  /** Only what ends a session, and what a user wants to write, may `write`; all else is refused by PostgreSQL itself. */
  readonly access: 'read' | 'write';
}

/** The rows as objects by column, or PostgreSQL's refusal. */
export type SqlAnswer =
  | { readonly kind: 'rows'; readonly rows: readonly unknown[] }
  | { readonly kind: 'failed'; readonly sqlState: string; readonly message: string };

/** What one visit to a database asks. */
export interface SqlVisit {
  readonly database: string;
  readonly questions: readonly SqlAsk[];
  /** Each question may take so long, ms. */
  readonly statementMs: number;
  /** `application_name`; default `matriarch`. */
  readonly application?: string;
  readonly signal?: AbortSignal;
}

/**
 * PostgreSQL of one member as the app asks it. Each visit sets `application_name`, the timeouts of statements, locks and idle
 * transactions, UTC and UTF-8. A question that fails does not keep the others from being answered.
 */
export interface SqlSession {
  readonly way: SqlWay;
  /** What answered, by the name of its question. Rejects with `postgres.not_answered` and with what the connection rejects with. */
  visit(visit: SqlVisit): Promise<ReadonlyMap<string, SqlAnswer>>;
}

/** `application_name` of all that the app asks by itself. */
const APPLICATION_NAME = 'matriarch';
const LOCK_MS = 2_000;

/** What a visit sets before it asks. */
export function visitSettings({ statementMs, application }: SqlVisit): readonly string[] {
  return [
    `SET client_encoding = 'UTF8'`,
    `SET standard_conforming_strings = on`,
    `SET application_name = ${quoteSql(application ?? APPLICATION_NAME)}`,
    `SET statement_timeout = ${Math.round(statementMs)}`,
    `SET lock_timeout = ${LOCK_MS}`,
    `SET idle_in_transaction_session_timeout = ${Math.round(statementMs) + 5_000}`,
    `SET timezone = 'UTC'`,
    `SET datestyle = 'ISO'`,
    `SET intervalstyle = 'postgres'`,
    `SET bytea_output = 'hex'`,
  ];
}

/** A text as a literal of SQL. Not for what goes through psql with a backslash: that needs `standard_conforming_strings`, which is set. */
function quoteSql(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A question as one value: all its rows as a JSON array of objects, without line breaks. */
export function asJson(sql: string): string {
  return `coalesce((SELECT json_agg(row_to_json(matriarch_row)) FROM (${sql}) AS matriarch_row), '[]')::text`;
}

/** The beginning of the transaction of a question. */
export function beginOf({ access }: SqlAsk): string {
  return access === 'read' ? 'BEGIN TRANSACTION READ ONLY' : 'BEGIN TRANSACTION READ WRITE';
}

/**
 * The end of the transaction of a question. What only reads is rolled back, so that nothing is kept even where PostgreSQL lets a read-only
 * transaction write, as it does for large objects before 16. A signal to a session is sent when it is asked for, and outlives this.
 */
export function endOfAsk({ access }: SqlAsk): string {
  return access === 'read' ? 'ROLLBACK' : 'COMMIT';
}

/** The rows of an answer, checked. Throws `postgres.refused` where PostgreSQL refused, `postgres.not_answered` where nothing came. */
export function rowsOfAnswer<T>(answer: SqlAnswer | undefined, row: z.ZodType<T>, target: string): readonly T[] {
  if (answer === undefined) throw incomplete(target);
  if (answer.kind === 'failed') throw refusedBy(answer, target);
  const read = z.array(row).safeParse(answer.rows);
  if (!read.success) throw incomplete(target, read.error.issues[0]?.path.join('.'));
  return read.data;
}

/** PostgreSQL's own refusal as an error. */
export function refusedBy(answer: Extract<SqlAnswer, { kind: 'failed' }>, target: string): AppError {
  return appError('postgres.refused', `PostgreSQL on ${target} says: ${answer.message}`, {
    target,
    hint: `Its SQLSTATE is ${answer.sqlState}; PostgreSQL's documentation lists the causes under "Error Codes".`,
  });
}

function incomplete(target: string, where?: string): AppError {
  const part = where === undefined ? '' : ` (${where})`;
  return appError('postgres.not_answered', `What PostgreSQL on ${target} answers is incomplete${part}.`, {
    target,
    hint: 'Read again; if it stays so, look at the log of PostgreSQL.',
    retryable: true,
  });
}
