import type { Remote, RunResult } from '../ssh/remote';

/** A function of the shell that finds psql, and the socket of a port (its argument), where packages put them. */
export const FIND_PSQL = `for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin; do PATH=$PATH:$dir; done
find_socket() {
  unset PGHOST
  for dir in /var/run/postgresql /run/postgresql /tmp; do
    if [ -S "$dir/.s.PGSQL.$1" ]; then PGHOST=$dir; export PGHOST; break; fi
  done
}
`;

/**
 * Finds psql and the socket where packages put them: port, then database. The statements are the rest of the standard input. The
 * database goes by the environment, since psql would take a name with `=` or `://` in its arguments for a connection string.
 */
export const ASK_PSQL = `# matriarch:ask-psql v3
${FIND_PSQL}find_socket "$1"
PGDATABASE=$2 PGCONNECT_TIMEOUT=5; export PGDATABASE PGCONNECT_TIMEOUT
exec psql -X -q -At -F '	' -p "$1"
`;

/** One run of psql. */
export interface PsqlRun {
  readonly port: number;
  readonly database: string;
  /** What psql reads: statements and its own commands. Nothing of a user may stand in it but as a quoted literal. */
  readonly input: string;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly signal?: AbortSignal;
}

/** Runs psql as the system user of PostgreSQL, whom a local connection lets in as the superuser. */
export function runPsql(remote: Remote, run: PsqlRun): Promise<RunResult> {
  const { port, database, input, timeoutMs, maxOutputBytes, signal } = run;
  return remote.script(ASK_PSQL, [String(port), database], {
    timeoutMs,
    asUser: 'postgres',
    stdin: input,
    maxOutputBytes,
    ...(signal === undefined ? {} : { signal }),
  });
}
