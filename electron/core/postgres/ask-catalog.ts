import { z } from 'zod';
import type { SqlSource, SqlWay } from '../../../shared/model/postgres/sql-way';
import { catalogSelect, type CatalogQuestion } from '../../../shared/rules/postgres/catalog-select';
import type { MemberPlace } from './member-place';
import { rowsOfAnswer, type SqlAnswer, type SqlAsk, type SqlSession } from './sql-session';

/** What was answered, and by which way. */
export interface CatalogAnswers {
  readonly answers: ReadonlyMap<string, SqlAnswer>;
  readonly source: SqlSource;
}

/** The database that is asked, and the version that the questions go by where it is not that of the server. */
export interface CatalogPlace {
  readonly database?: string;
  readonly version?: number;
}

const STATEMENT_MS = 8_000;

/** Asks as whom the answers are given. */
export const WHO_ASKS: SqlAsk = {
  name: 'who',
  sql:
    'SELECT current_user::text AS role, ' +
    '(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND inet_client_addr() IS NOT NULL) AS encrypted',
  access: 'read',
};
const whoRow = z.object({ role: z.string(), encrypted: z.boolean().nullable() });
const versionRow = z.object({ version: z.number() });

/** Asks the catalog of a member by questions that know the versions of PostgreSQL. `now` is ms. */
export async function askCatalog(
  { session, member }: Pick<MemberPlace, 'session' | 'member'>,
  questions: Readonly<Record<string, CatalogQuestion>>,
  now: () => number,
  at: CatalogPlace = {},
): Promise<CatalogAnswers> {
  const { database = 'postgres' } = at;
  const major = at.version ?? majorOf(member.postgresVersion ?? (await askVersion(session, database, member.name)));
  const asked = Object.entries(questions).map(([name, question]): SqlAsk => ({
    name,
    sql: catalogSelect(question, major),
    access: 'read',
  }));
  const answers = await session.visit({ database, questions: [WHO_ASKS, ...asked], statementMs: STATEMENT_MS });
  return { answers, source: readWho(answers, session.way, member.name, now()) };
}

/** By which way and as whom the answers were given. `asOf` is ms. */
export function readWho(answers: ReadonlyMap<string, SqlAnswer>, way: SqlWay, target: string, asOf: number): SqlSource {
  const [who] = rowsOfAnswer(answers.get(WHO_ASKS.name), whoRow, target);
  return { way, role: who?.role ?? '', encrypted: who?.encrypted ?? null, asOf };
}

function majorOf(version: number): number {
  return Math.floor(version / 10_000);
}

async function askVersion(session: SqlSession, database: string, target: string): Promise<number> {
  const question: SqlAsk = {
    name: 'version',
    sql: `SELECT current_setting('server_version_num')::int AS version`,
    access: 'read',
  };
  const answers = await session.visit({ database, questions: [question], statementMs: STATEMENT_MS });
  const [row] = rowsOfAnswer(answers.get(question.name), versionRow, target);
  return row?.version ?? 0;
}
