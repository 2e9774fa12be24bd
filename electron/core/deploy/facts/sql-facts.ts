import { z } from 'zod';
import type { SqlFacts } from '../../../../shared/model/deploy/facts';
import type { Remote } from '../../ssh/remote';
import { matchesVerifier } from './scram';

/** What is asked of the primary: which roles, and the passwords they should have. */
export interface SqlQuestion {
  readonly port: number;
  readonly superuser: string;
  readonly passwords: Readonly<Record<string, string>>;
  readonly databases: readonly string[];
}

const sqlTimeoutMs = 15_000;

/** What pg_rewind reads, for a role that is no superuser (PostgreSQL 11 and later). */
export const rewindFunctions = [
  'pg_ls_dir(text, boolean, boolean)',
  'pg_stat_file(text, boolean)',
  'pg_read_binary_file(text)',
  'pg_read_binary_file(text, bigint, bigint, boolean)',
] as const;

const rewinds = rewindFunctions
  .map((name) => `has_function_privilege(oid, 'pg_catalog.${name}', 'execute')`)
  .join(' AND ');

/** A row is a JSON array on a line of its own: whatever a name holds, it stays one value. */
const rolesAndDatabases = `
SELECT json_build_array('role', rolname, coalesce(rolpassword, ''), rolcanlogin, rolcreatedb, rolcreaterole, rolsuper, rolreplication,
  ${rewinds}, pg_has_role(oid, 'pg_monitor', 'usage')) FROM pg_authid WHERE rolname !~ '^pg_';
SELECT json_build_array('database', datname, pg_get_userbyid(datdba)) FROM pg_database WHERE datallowconn;
`;

const poolerFunction = `SELECT json_build_array('pooler', current_database()) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = 'pgbouncer' AND p.proname = 'get_auth';`;

/**
 * What keeps the statements after it out of the log of PostgreSQL, and out of what extensions keep of statements where they are there,
 * until the end of the session or of the transaction (`LOCAL`); no semicolons. For a superuser.
 */
export function withoutLog(scope: 'SESSION' | 'LOCAL'): readonly string[] {
  return [
    "log_statement = 'none'",
    'log_min_duration_statement = -1',
    "log_min_error_statement = 'panic'",
    'pg_stat_statements.track_utility = off',
    "pgaudit.log = 'none'",
  ].map((setting) => `SET ${scope} ${setting}`);
}

/** SQL for one database. With `onlyWhereThere`, a database that does not exist or takes no connections is passed over. */
export interface DatabaseSql {
  readonly database: string;
  readonly sql: string;
  readonly onlyWhereThere?: boolean;
}

/**
 * Runs SQL in databases of a server's PostgreSQL, one after the other, in one psql as its superuser through the unix socket; it ends at
 * the first error. The text goes in on standard input. Databases are named by variables, which psql never reads as text of its own,
 * and in connection strings, because psql takes a name with `=` for one.
 */
export function psql(
  remote: Remote,
  question: Pick<SqlQuestion, 'port' | 'superuser'> & { readonly timeoutMs?: number },
  sql: string,
  others: readonly DatabaseSql[] = [],
): ReturnType<Remote['run']> {
  const argv = [
    'psql',
    '-X',
    '-q',
    '-At',
    '-F',
    '\t',
    '-v',
    'ON_ERROR_STOP=1',
    ...others.flatMap(({ database }, index) => [
      '-v',
      `name${index}=${database}`,
      '-v',
      `database${index}=${connectionString(database)}`,
    ]),
    '-h',
    '/var/run/postgresql',
    '-p',
    String(question.port),
    '-U',
    question.superuser,
    '-d',
    connectionString('postgres'),
  ];
  const stdin = [sql, ...others.map(connectedSql)].join('\n');
  return remote.run(argv, { timeoutMs: question.timeoutMs ?? sqlTimeoutMs, asUser: 'postgres', stdin });
}

function connectionString(database: string): string {
  return `dbname='${database.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function connectedSql({ sql, onlyWhereThere = false }: DatabaseSql, index: number): string {
  const connected = `\\connect -reuse-previous=on :database${index}\n${sql}`;
  if (!onlyWhereThere) return connected;
  const there = `SELECT count(*) > 0 AS there FROM pg_database WHERE datallowconn AND datconnlimit <> -2 AND datname = :'name${index}'`;
  return `${there} \\gset\n\\if :there\n${connected}\n\\endif`;
}

const flag = z.boolean();
const roleRow = z.tuple([z.literal('role'), z.string(), z.string(), flag, flag, flag, flag, flag, flag, flag]);
const rowSchema = z.union([
  roleRow,
  z.tuple([z.literal('database'), z.string(), z.string()]),
  z.tuple([z.literal('pooler'), z.string()]),
]);
type Row = z.infer<typeof rowSchema>;

/** Lines that are no rows are none of psql's. */
function rowsOf(output: string): readonly Row[] {
  return output.split('\n').flatMap((line) => {
    const row = rowOf(line);
    return row === null ? [] : [row];
  });
}

function rowOf(line: string): Row | null {
  try {
    return rowSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

/** Roles, databases and the pooler's function as they stand; null when PostgreSQL does not answer. */
export async function askSql(remote: Remote, question: SqlQuestion): Promise<SqlFacts | null> {
  const others = ['template1', ...question.databases].map((database) => ({
    database,
    sql: poolerFunction,
    onlyWhereThere: true,
  }));
  const rows = rowsOf((await psql(remote, question, rolesAndDatabases + poolerFunction, others)).stdout);
  const roles = rows.flatMap((row) => (row[0] === 'role' ? [row] : []));
  if (roles.length === 0) return null;
  return {
    roles: Object.fromEntries(await Promise.all(roles.map((row) => readRole(row, question.passwords)))),
    databases: Object.fromEntries(rows.flatMap((row) => (row[0] === 'database' ? [[row[1], row[2]] as const] : []))),
    poolerFunctionIn: rows.flatMap((row) => (row[0] === 'pooler' ? [row[1]] : [])),
  };
}

type ReadRole = readonly [string, { readonly passwordMatches: boolean; readonly options: readonly string[] }];

async function readRole(
  [, name, held, ...flags]: z.infer<typeof roleRow>,
  passwords: Readonly<Record<string, string>>,
): Promise<ReadRole> {
  const password = passwords[name];
  const options = ['login', 'createdb', 'createrole', 'superuser', 'replication', 'rewind', 'monitor'].filter(
    (_, index) => flags[index] === true,
  );
  return [name, { passwordMatches: password !== undefined && (await matchesVerifier(password, held)), options }];
}

/** An SQL identifier in quotes. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** An SQL text in quotes. */
export function literal(text: string): string {
  return text.includes('\\')
    ? ` E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
}
