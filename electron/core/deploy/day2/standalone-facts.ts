import { z } from 'zod';
import { appError } from '../../../../shared/model/app-error';
import type { StandaloneFacts } from '../../../../shared/model/deploy/day2';
import type { StandalonePostgres } from '../../../../shared/model/deploy/plan';
import { carriedSettings } from '../../../../shared/rules/deploy/day2/converted-spec';
import type { Remote } from '../../ssh/remote';
import { psql } from '../facts/sql-facts';

const answerSchema = z.object({
  settings: z.record(z.string(), z.string()),
  hba: z.string(),
  size: z.number(),
  password: z.boolean(),
  streaming: z.array(z.string()),
  tablespaces: z.number(),
  recovery: z.boolean(),
});

const question = `SELECT json_build_object(
  'settings', (SELECT coalesce(json_object_agg(name, setting), '{}') FROM pg_file_settings
    WHERE applied AND sourcefile !~ 'postgresql[.]auto[.]conf$'),
  'hba', pg_read_file(current_setting('hba_file')),
  'size', (SELECT sum(pg_database_size(oid)) FROM pg_database),
  'password', (SELECT rolpassword IS NOT NULL FROM pg_authid WHERE rolname = current_user),
  'streaming', (SELECT coalesce(json_agg(application_name), '[]') FROM pg_stat_replication WHERE state = 'streaming'),
  'tablespaces', (SELECT count(*) FROM pg_tablespace WHERE spcname !~ '^pg_'),
  'recovery', pg_is_in_recovery());`;

/** PostgreSQL clusters that run on a server without Patroni, as Debian's tools know them; primaries only. Nothing is changed. */
export async function findStandalones(server: string, remote: Remote): Promise<readonly StandaloneFacts[]> {
  const patroni = await remote.run(['systemctl', 'is-active', 'patroni.service'], { timeoutMs: 15_000 });
  if (patroni.stdout.trim() === 'active') return [];
  const listed = await remote.run(['sh', '-c', 'command -v pg_lsclusters >/dev/null && pg_lsclusters -h || true'], {
    timeoutMs: 15_000,
  });
  const running = listed.stdout.split('\n').flatMap(readLine);
  const found = await Promise.all(running.map((cluster) => ask(server, remote, cluster)));
  return found.flatMap((entry) => entry ?? []);
}

/** `17 main 5432 online postgres /var/lib/postgresql/17/main /var/log/...` */
function readLine(line: string): StandalonePostgres[] {
  const [version = '', name = '', port = '', status = '', , dataDirectory = ''] = line.trim().split(/\s+/);
  if (!/^\d+$/.test(version) || !status.startsWith('online') || !/^[A-Za-z0-9._-]+$/.test(name)) return [];
  return [
    {
      version: Number(version),
      name,
      port: Number(port),
      dataDirectory,
      configDirectory: `/etc/postgresql/${version}/${name}`,
    },
  ];
}

async function ask(server: string, remote: Remote, cluster: StandalonePostgres): Promise<StandaloneFacts | null> {
  const result = await psql(remote, { port: cluster.port, superuser: 'postgres' }, question);
  if (result.exitCode !== 0)
    throw appError(
      'deploy.sql_failed',
      `PostgreSQL ${cluster.name} on ${server} does not let its superuser in: ${result.stderr.trim().slice(0, 300)}`,
      { target: server, hint: 'The user postgres must get in by the unix socket (peer).' },
    );
  const read = answerSchema.parse(JSON.parse(result.stdout));
  if (read.recovery) return null;
  const { parameters, notes } = carriedSettings(read.settings);
  return {
    ...cluster,
    server,
    parameters,
    hba: hbaLines(read.hba),
    sizeBytes: read.size,
    superuserHasPassword: read.password,
    streaming: read.streaming,
    tablespaces: read.tablespaces,
    notes,
  };
}

/** Lines of pg_hba.conf without comments, each with single spaces. */
function hbaLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*$/, '').trim().replaceAll(/\s+/g, ' '))
    .filter((line) => line !== '');
}

const countTimeoutMs = 300_000;
const namesSchema = z.array(z.string());

/** All rows of all tables of all databases, counted; null when that takes longer than a minute in one of them. */
export async function countRows(remote: Remote, port: number): Promise<number | null> {
  const question = { port, superuser: 'postgres' };
  const databases = await psql(
    remote,
    question,
    'SELECT json_agg(datname ORDER BY datname) FROM pg_database WHERE datallowconn;',
  );
  if (databases.exitCode !== 0) return null;
  let rows = 0;
  for (const name of namesSchema.parse(JSON.parse(databases.stdout))) {
    const result = await psql(remote, { ...question, timeoutMs: countTimeoutMs }, '', [{ database: name, sql: count }]);
    if (result.exitCode !== 0) return null;
    rows += Number(result.stdout.trim() || '0');
  }
  return rows;
}

const count = `SET statement_timeout = '60s';
SELECT coalesce(sum((xpath(
  '/row/c/text()',
  query_to_xml(format('SELECT count(*) AS c FROM %I.%I', schemaname, relname), false, true, '')
))[1]::text::bigint), 0) FROM pg_stat_user_tables;`;
