import { randomBytes } from 'node:crypto';
import { appError } from '../../../shared/model/app-error';
import type { Remote } from '../ssh/remote';
import { runPsql } from './ask-psql';
import {
  asJson,
  beginOf,
  endOfAsk,
  visitSettings,
  type SqlAnswer,
  type SqlSession,
  type SqlVisit,
} from './sql-session';

/** The first line of what psql is given; who answers in a server's place knows it by this. */
export const PSQL_VISIT_FIRST_LINE = '-- matriarch:visit v1';
/** Begins the comment that names a question. */
export const PSQL_QUESTION = '-- matriarch:question ';
/** Begins the comment that names the mark by which lines of the answer begin. */
export const PSQL_MARK = '-- matriarch:mark ';

const MOST_BYTES = 16 * 1024 * 1024;
/** Beside the statements: to connect, and to end. */
const GRACE_MS = 10_000;

/** What psql is given for a visit. Lines of its answer begin with the mark, which nobody can foresee: `MARK rows NAME JSON`. */
export function psqlInput(visit: SqlVisit, mark: string): string {
  const questions = visit.questions.flatMap((question) => [
    `${PSQL_QUESTION}${question.name}`,
    `${beginOf(question)};`,
    ...(question.before ?? []).flatMap((statement) => watched(statement, question.name, mark)),
    ...watched(`SELECT '${mark} rows ${question.name} ' || ${asJson(question.sql)}`, question.name, mark),
    ...watched(endOfAsk(question), question.name, mark),
  ]);
  const settings = visitSettings(visit).map((setting) => `${setting};`);
  const first = [PSQL_VISIT_FIRST_LINE, `${PSQL_MARK}${mark}`];
  return [...first, ...settings, ...questions, `\\echo '${mark}' end`, ''].join('\n');
}

/** A statement, and what psql says if it fails. */
function watched(statement: string, name: string, mark: string): readonly string[] {
  return [
    `${statement};`,
    '\\if :ERROR',
    `\\echo '${mark}' failed '${name}' :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE`,
    '\\endif',
  ];
}

/** What psql printed, by question; null where it did not come to the end. The first failure of a
 * question is the cause of the others, and one at its end (COMMIT) counts more than its rows. */
export function readPsqlAnswers(output: string, mark: string): ReadonlyMap<string, SqlAnswer> | null {
  const parts = output.split(`${mark} `).slice(1);
  if (parts.at(-1)?.trim() !== 'end') return null;
  const answers = new Map<string, SqlAnswer>();
  for (const [name, answer] of parts.slice(0, -1).flatMap(toAnswer))
    if (answers.get(name)?.kind !== 'failed') answers.set(name, answer);
  return answers;
}

function toAnswer(part: string): readonly (readonly [string, SqlAnswer])[] {
  const [, kind, name, rest] = /^(rows|failed) (\S+) ([\s\S]*)$/.exec(part) ?? [];
  if (kind === undefined || name === undefined || rest === undefined) return [];
  if (kind === 'rows') return [[name, { kind: 'rows', rows: rowsIn(rest) }]];
  const [sqlState = '', ...words] = rest.trim().split(' ');
  return [[name, { kind: 'failed', sqlState, message: words.join(' ') }]];
}

function rowsIn(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** Asks by psql, as the system user of PostgreSQL on the member's server. */
export function psqlSession(remote: Remote, port: number): SqlSession {
  return {
    way: 'psql',
    visit: async (visit) => {
      const mark = `m${randomBytes(12).toString('hex')}`;
      const { stdout, stderr } = await runPsql(remote, {
        port,
        database: visit.database,
        input: psqlInput(visit, mark),
        timeoutMs: visit.statementMs * visit.questions.length + GRACE_MS,
        maxOutputBytes: MOST_BYTES,
        ...(visit.signal === undefined ? {} : { signal: visit.signal }),
      });
      const answers = readPsqlAnswers(stdout, mark);
      if (answers !== null) return answers;
      throw appError('postgres.not_answered', `psql on ${remote.name} was not answered: ${lastLineOf(stderr)}`, {
        target: remote.name,
        hint: 'See whether PostgreSQL runs there, and whether pg_hba lets the system user postgres in over the local socket.',
        retryable: true,
      });
    },
  };
}

/** The last line of what a program wrote, for people. */
export function lastLineOf(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return (
    lines
      .filter((line) => line !== '')
      .at(-1)
      ?.slice(0, 300) ?? 'it said nothing.'
  );
}
