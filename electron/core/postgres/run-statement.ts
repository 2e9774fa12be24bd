import { z } from 'zod';
import { appError, type AppError } from '../../../shared/model/app-error';
import type { StatementPage, StatementRun } from '../../../shared/model/postgres/statement';
import { judgeStatement, objectionInWords, WRITE_WORDS } from '../../../shared/rules/postgres/judge-statement';
import { splitStatements } from '../../../shared/rules/postgres/split-statements';
import { readWho, WHO_ASKS } from './ask-catalog';
import { placeOfMember, type PlaceDeps } from './member-place';
import { rowsOfAnswer, type SqlAnswer } from './sql-session';
import { statementAsk } from './statement-sql';

interface RunDeps extends PlaceDeps {
  readonly now: () => number;
}

/** Which run is to be cancelled. */
export interface RunName {
  readonly clusterId: string;
  readonly member: string;
  readonly runId: string;
}

const pageRow = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.tuple([z.string().nullable(), z.number().nullable()]))),
  more: z.boolean(),
});
const CANCEL_MS = 5_000;

/** Runs a statement that only reads, and answers some of its rows. */
export async function runStatement(deps: RunDeps, run: StatementRun): Promise<StatementPage> {
  const statement = oneStatement(run.statement, 'read');
  const { session } = placeOfMember(deps, run.clusterId, run.member);
  const begin = deps.now();
  const answers = await session.visit({
    database: run.database,
    questions: [WHO_ASKS, statementAsk({ ...run, statement })],
    statementMs: run.timeoutMs,
    application: applicationOf(run.runId),
  });
  const answer = answers.get('statement');
  if (answer?.kind === 'failed') throw refusedStatement(answer, run.member);
  const [page] = rowsOfAnswer(answer, pageRow, run.member);
  return {
    columns: page?.columns ?? [],
    rows: (page?.rows ?? []).map((row) => row.map(([text, length]) => ({ text, length: length ?? 0 }))),
    more: page?.more ?? false,
    source: readWho(answers, session.way, run.member, deps.now()),
    durationMs: deps.now() - begin,
  };
}

/** Cancels what a run asks. A run that has ended is left alone: its name is never given again. */
export async function cancelStatement(deps: PlaceDeps, { clusterId, member, runId }: RunName): Promise<void> {
  const { session } = placeOfMember(deps, clusterId, member);
  await session.visit({
    database: 'postgres',
    questions: [
      {
        name: 'cancel',
        sql:
          `SELECT pg_cancel_backend(pid) AS done FROM pg_stat_activity ` +
          `WHERE application_name = '${applicationOf(runId)}' AND pid <> pg_backend_pid()`,
        access: 'read',
      },
    ],
    statementMs: CANCEL_MS,
  });
}

/** By which a run is found among the sessions. `runId` holds letters, digits, `-` and `_` alone, as the contract checks. */
function applicationOf(runId: string): string {
  return `matriarch ${runId}`;
}

/** The one statement of a text. Throws `postgres.statement_refused`. */
export function oneStatement(text: string, access: 'read' | 'write'): string {
  const objection = judgeStatement(text, access);
  const [statement] = splitStatements(text);
  if (objection === null && statement !== undefined) return statement;
  const acts = objection?.kind === 'acts';
  throw appError(
    'postgres.statement_refused',
    `${objectionInWords(objection ?? { kind: 'empty' })} Nothing was sent.`,
    acts ? { hint: `Type "${WRITE_WORDS}" first, if that is meant.` } : {},
  );
}

const hints: Readonly<Record<string, string>> = {
  '25006': `It was refused before anything changed. Type "${WRITE_WORDS}" first, if that is meant.`,
  '42P11': `What only reads gives rows: SELECT, TABLE, VALUES, WITH, SHOW, EXPLAIN. Type "${WRITE_WORDS}" for anything else.`,
  '57014': 'It was cancelled, or took longer than the limit.',
  '55P03': 'Another session holds a lock on it: look at Locks.',
};

/** PostgreSQL's refusal of what a user wrote. */
export function refusedStatement(answer: Extract<SqlAnswer, { kind: 'failed' }>, member: string): AppError {
  const hint = hints[answer.sqlState] ?? `SQLSTATE ${answer.sqlState}.`;
  return appError('postgres.statement_failed', `PostgreSQL on ${member} says: ${answer.message}`, {
    target: member,
    hint,
  });
}
