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
  ${rewinds}) FROM pg_authid WHERE rolname !~ '^pg_';
SELECT json_build_array('database', datname, pg_get_userbyid(datdba)) FROM pg_database WHERE datallowconn;
`;

const poolerFunction = `SELECT json_build_array('pooler', current_database()) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = 'pgbouncer' AND p.proname = 'get_auth';`;

/**
 * Runs SQL in one database of a server's PostgreSQL as its superuser through the unix socket; the text goes in on standard input. The
 * database is named in a connection string, because psql takes a name with `=` for one.
 */
export function psql(
  remote: Remote,
  question: Pick<SqlQuestion, 'port' | 'superuser'> & { readonly timeoutMs?: number },
  sql: string,
  database = 'postgres',
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
    `dbname='${database.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
  ];
  return remote.run(argv, { timeoutMs: question.timeoutMs ?? sqlTimeoutMs, asUser: 'postgres', stdin: sql });
}

const flag = z.boolean();
const roleRow = z.tuple([z.literal('role'), z.string(), z.string(), flag, flag, flag, flag, flag, flag]);
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
  const own = rowsOf((await psql(remote, question, rolesAndDatabases + poolerFunction)).stdout);
  const roles = own.flatMap((row) => (row[0] === 'role' ? [row] : []));
  if (roles.length === 0) return null;
  const databases = new Map(own.flatMap((row) => (row[0] === 'database' ? [[row[1], row[2]] as const] : [])));
  const others = ['template1', ...question.databases.filter((name) => databases.has(name))];
  const rest = await Promise.all(others.map((name) => psql(remote, question, poolerFunction, name)));
  return {
    roles: Object.fromEntries(await Promise.all(roles.map((row) => readRole(row, question.passwords)))),
    databases: Object.fromEntries(databases),
    poolerFunctionIn: [own, ...rest.map(({ stdout }) => rowsOf(stdout))]
      .flat()
      .flatMap((row) => (row[0] === 'pooler' ? [row[1]] : [])),
  };
}

type ReadRole = readonly [string, { readonly passwordMatches: boolean; readonly options: readonly string[] }];

async function readRole(
  [, name, held, ...flags]: z.infer<typeof roleRow>,
  passwords: Readonly<Record<string, string>>,
): Promise<ReadRole> {
  const password = passwords[name];
  const options = ['login', 'createdb', 'createrole', 'superuser', 'replication', 'rewind'].filter(
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
