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

const rolesAndDatabases = `
SELECT 'role', rolname, coalesce(rolpassword, ''), rolcanlogin, rolcreatedb, rolcreaterole, rolsuper, rolreplication,
  ${rewinds} FROM pg_authid WHERE rolname !~ '^pg_';
SELECT 'database', datname, pg_get_userbyid(datdba) FROM pg_database WHERE datallowconn;
`;

const poolerFunction = `SELECT 'pooler', current_database() FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = 'pgbouncer' AND p.proname = 'get_auth';`;

/** Runs SQL on a server's PostgreSQL as its superuser through the unix socket; the text goes in on standard input. */
export function psql(
  remote: Remote,
  question: Pick<SqlQuestion, 'port' | 'superuser'>,
  sql: string,
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
    '-h',
    '/var/run/postgresql',
    '-p',
    String(question.port),
    '-U',
    question.superuser,
    '-d',
    'postgres',
  ];
  return remote.run(argv, { timeoutMs: sqlTimeoutMs, asUser: 'postgres', stdin: sql });
}

/** Asks in another database, where there is one: a failed \\connect would end the whole script. */
function askIn(name: string): string {
  return [
    `SELECT EXISTS (SELECT FROM pg_database WHERE datname = ${literal(name)}) AS found \\gset`,
    '\\if :found',
    `\\c ${identifier(name)}`,
    poolerFunction,
    '\\endif',
  ].join('\n');
}

/** Roles, databases and the pooler's function as they stand; null when PostgreSQL does not answer. */
export async function askSql(remote: Remote, question: SqlQuestion): Promise<SqlFacts | null> {
  const databases = ['template1', ...question.databases];
  const result = await psql(remote, question, [rolesAndDatabases, poolerFunction, ...databases.map(askIn)].join('\n'));
  const rows = result.stdout.split('\n').map((line) => line.split('\t'));
  const roles = rows.filter((row) => row[0] === 'role');
  if (roles.length === 0) return null;
  return {
    roles: Object.fromEntries(await Promise.all(roles.map((row) => readRole(row, question.passwords)))),
    databases: Object.fromEntries(
      rows.filter((row) => row[0] === 'database').map((row) => [row[1] ?? '', row[2] ?? '']),
    ),
    poolerFunctionIn: rows.filter((row) => row[0] === 'pooler').map((row) => row[1] ?? ''),
  };
}

type ReadRole = readonly [string, { readonly passwordMatches: boolean; readonly options: readonly string[] }];

async function readRole(row: readonly string[], passwords: Readonly<Record<string, string>>): Promise<ReadRole> {
  const name = row[1] ?? '';
  const password = passwords[name];
  const options = ['login', 'createdb', 'createrole', 'superuser', 'replication', 'rewind'].filter(
    (_, index) => row[index + 3] === 't',
  );
  return [
    name,
    { passwordMatches: password !== undefined && (await matchesVerifier(password, row[2] ?? '')), options },
  ];
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
