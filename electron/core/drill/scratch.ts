import { appError } from '../../../shared/model/app-error';
import type { Member } from '../../../shared/model/cluster/member';
import { scramVerifier } from '../deploy/facts/scram';
import { runPsql } from '../postgres/ask-psql';
import { lastLineOf } from '../postgres/psql-session';
import type { Remote } from '../ssh/remote';

/** The first words of what psql is given; who answers in a server's place knows it by these. */
export const DRILL_SQL = '-- matriarch:drill';

/** How every role and database of a drill begins: nothing of a user is called so. */
const SCRATCH_PREFIX = 'matriarch_drill_';

const SETUP_MS = 30_000;
const READ_MS = 60_000;
const MOST_BYTES = 32 * 1024 * 1024;

/** The name of what a drill makes: its role and its database. Hexadecimal behind the prefix, so that it needs no quotes. */
export function scratchName(id: string): string {
  if (!/^[0-9a-f]{8,32}$/.test(id)) throw appError('app.unexpected', 'The id of a drill is no hexadecimal number.');
  return `${SCRATCH_PREFIX}${id}`;
}

/** The PostgreSQL of a member, as psql on its server reaches it. */
export interface ScratchPlace {
  readonly remote: Remote;
  readonly port: number;
}

/** Where a member's PostgreSQL is asked. Throws `operation.no_ssh`. */
export function placeOfScratch(remotes: { remote(serverId: string): Remote }, member: Member): ScratchPlace {
  if (member.serverId === null)
    throw appError('operation.no_ssh', `${member.name} is reached without SSH, so a drill cannot be held here.`, {
      target: member.name,
      hint: "Add its server, and choose it under the cluster's access as the way to this member.",
    });
  return { remote: remotes.remote(member.serverId), port: member.port ?? 5432 };
}

/** What makes the role, the database and the table. The password goes as its verifier. */
function setupSql(name: string, verifier: string): string {
  return `${DRILL_SQL} setup ${name}
\\set ON_ERROR_STOP on
SET statement_timeout = '20s'; SET lock_timeout = '5s'; SET log_min_error_statement = 'panic';
CREATE ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 64 PASSWORD '${verifier}';
CREATE DATABASE ${name} OWNER ${name};
COMMENT ON DATABASE ${name} IS 'Made by Matriarch for a drill or an upgrade, which removes it at its end.';
REVOKE ALL ON DATABASE ${name} FROM PUBLIC;
\\connect ${name}
CREATE TABLE public.written (client text, way text, n bigint, at timestamptz DEFAULT clock_timestamp(), PRIMARY KEY (client, way, n));
ALTER TABLE public.written OWNER TO ${name};
\\echo made
`;
}

/** Makes what the drill writes to. Rejects with `drill.no_scratch`. */
export async function makeScratch({ remote, port }: ScratchPlace, name: string, password: string): Promise<void> {
  const input = setupSql(name, await scramVerifier(password));
  const answer = await runPsql(remote, {
    port,
    database: 'postgres',
    input,
    timeoutMs: SETUP_MS,
    maxOutputBytes: 65_536,
  });
  if (answer.stdout.includes('made')) return;
  throw appError(
    'drill.no_scratch',
    `The database of the drill could not be made on ${remote.name}: ${lastLineOf(answer.stderr)}`,
    {
      target: remote.name,
      hint: 'No fault was made. See whether the system user postgres may log in there by the local socket.',
    },
  );
}

/** The data directory of a member's PostgreSQL, or '' where it is not told. */
export async function dataDirectoryOf({ remote, port }: ScratchPlace): Promise<string> {
  const input = `${DRILL_SQL} directory\nSHOW data_directory;\n`;
  const answer = await runPsql(remote, {
    port,
    database: 'postgres',
    input,
    timeoutMs: SETUP_MS,
    maxOutputBytes: 65_536,
  });
  return answer.exitCode === 0 ? (answer.stdout.split('\n')[0] ?? '').trim() : '';
}

/** The numbers that are there, by `client way`. Rejects with `postgres.not_answered`. */
export async function readWritten(
  place: ScratchPlace,
  name: string,
): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const input = `${DRILL_SQL} rows ${name}
\\set ON_ERROR_STOP on
SET statement_timeout = '50s';
SELECT client || ' ' || way || ' ' || string_agg(n::text, ',') FROM public.written GROUP BY client, way;
\\echo end
`;
  const { remote, port } = place;
  const answer = await runPsql(remote, { port, database: name, input, timeoutMs: READ_MS, maxOutputBytes: MOST_BYTES });
  const lines = answer.stdout.trim().split('\n');
  if (lines.at(-1) !== 'end')
    throw appError(
      'postgres.not_answered',
      `The rows of the drill could not be read on ${remote.name}: ${lastLineOf(answer.stderr)}`,
      {
        target: remote.name,
        retryable: true,
      },
    );
  const rows = lines.slice(0, -1).flatMap((line): [string, ReadonlySet<number>][] => {
    const [client = '', way = '', numbers = ''] = line.split(' ');
    return [[`${client} ${way}`, new Set(numbers.split(',').map(Number))]];
  });
  return new Map(rows);
}

/** Removes database and role, and whoever is still connected to it. Answers whether nothing is left. */
export async function removeScratch({ remote, port }: ScratchPlace, name: string): Promise<boolean> {
  const input = `${DRILL_SQL} remove ${name}
SET statement_timeout = '20s'; SET lock_timeout = '5s';
SELECT count(*) > 0 AS here FROM pg_database WHERE datname = '${name}' \\gset
\\if :here
ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false;
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '${name}';
SELECT pg_sleep(0.3);
DROP DATABASE IF EXISTS ${name};
\\endif
DROP ROLE IF EXISTS ${name};
SELECT 'left ' || ((SELECT count(*) FROM pg_database WHERE datname = '${name}') +
  (SELECT count(*) FROM pg_roles WHERE rolname = '${name}'));
`;
  const answer = await runPsql(remote, {
    port,
    database: 'postgres',
    input,
    timeoutMs: READ_MS,
    maxOutputBytes: 65_536,
  });
  return answer.stdout.split('\n').includes('left 0');
}
