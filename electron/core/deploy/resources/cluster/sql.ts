import { appError } from '../../../../../shared/model/app-error';
import type { Endpoint, SqlResource } from '../../../../../shared/model/deploy/plan';
import { missingSql } from '../../../../../shared/rules/deploy/check/check-cluster';
import { rewindGrants } from '../takeover/standalone-roles';
import { scramVerifier } from '../../facts/scram';
import type { Remote } from '../../../ssh/remote';
import { askSql, identifier, literal, psql, withoutLog, type DatabaseSql } from '../../facts/sql-facts';
import type { ApplyContext } from '../context';
import { awaitDynamicConfig, findLeader } from './leader';

/** How long the leader may take from its lock to its dynamic configuration, ms. */
const initializedLimitMs = 120_000;

/** Makes roles, databases and the pooler's function on whichever member leads now. What is there already is left as it is. */
export async function applySql(resource: SqlResource, scope: string, context: ApplyContext): Promise<void> {
  const leader = await findLeader(resource.members, scope, context, 'roles and databases cannot be made');
  await initialized(leader, context);
  const remote = context.connectNamed(leader.server);
  const all = [...resource.accounts, ...resource.roles];
  const passwords = Object.fromEntries(all.map((role) => [role.name, context.secret(role.secret)]));
  const question = {
    port: resource.port,
    superuser: resource.superuser,
    passwords,
    databases: resource.databases.map((database) => database.name),
  };
  const facts = await askSql(remote, question);
  if (missingSql(resource, facts).length === 0) return;
  const verifiers = new Map(
    await Promise.all(all.map(async (role) => [role.name, await scramVerifier(context.secret(role.secret))] as const)),
  );
  const statements = [
    ...withoutLog('SESSION').map((setting) => `${setting};`),
    ...resource.accounts
      .filter(
        (role) =>
          missingSql({ ...resource, accounts: [role], roles: [], databases: [], poolerUser: null }, facts).length > 0,
      )
      .flatMap((role) => accountSql(role.name, verifiers.get(role.name) ?? '', role.options)),
    ...resource.roles.map((role) => roleSql(role.name, verifiers.get(role.name) ?? '', role.options)),
    ...resource.databases.flatMap((database) => databaseSql(database, facts?.databases[database.name])),
  ];
  const { poolerUser } = resource;
  const pooler =
    poolerUser === null ? [] : poolerDatabases(resource).map((database) => ({ database, sql: poolerSql(poolerUser) }));
  await runSql(remote, question, statements.join('\n'), pooler);
}

async function runSql(
  remote: Remote,
  question: Pick<SqlResource, 'port' | 'superuser'>,
  sql: string,
  others: readonly DatabaseSql[],
): Promise<void> {
  const result = await psql(remote, question, sql, others);
  if (result.exitCode === 0) return;
  throw appError(
    'deploy.sql_failed',
    `PostgreSQL refused to make roles or databases: ${result.stderr.trim().slice(0, 300)}`,
    {
      target: remote.name,
      retryable: true,
      hint: 'Correct the spec, then resume.',
    },
  );
}

/**
 * Patroni writes the dynamic configuration when it has made its own roles: nobody may make them at the same time
 * (patroni/ha.py, post_bootstrap).
 */
async function initialized(leader: Endpoint, context: ApplyContext): Promise<void> {
  const { config, failure } = await awaitDynamicConfig(leader, context, { limitMs: initializedLimitMs, everyMs: 150 });
  if (config !== null) return;
  throw appError('deploy.no_leader', `${leader.server} leads, and does not write the dynamic configuration.`, {
    target: leader.server,
    retryable: true,
    hint: 'Look at the log of Patroni on this server, then resume.',
    cause: failure,
  });
}

/** A role that Patroni did not come to make, as it makes it (patroni/postgresql/bootstrap.py, post_bootstrap). */
function accountSql(name: string, verifier: string, options: readonly string[]): string[] {
  const words = options.filter((option) => option !== 'rewind').map((option) => option.toUpperCase());
  return [...roleWith(name, words, verifier), ...(options.includes('rewind') ? rewindGrants(name) : [])];
}

/** `monitor` is no word of CREATE ROLE: the role reads what a superuser would see of activity and settings, and no data. */
function roleSql(name: string, verifier: string, options: readonly string[]): string {
  const words = ['login', 'createdb', 'createrole'].map((option) =>
    options.includes(option) ? option.toUpperCase() : `NO${option.toUpperCase()}`,
  );
  const monitors = options.includes('monitor') ? [`GRANT pg_monitor TO ${identifier(name)};`] : [];
  return [...roleWith(name, words, verifier), ...monitors].join('\n');
}

function roleWith(name: string, words: readonly string[], verifier: string): string[] {
  return [
    `SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(name)}) AS missing \\gset`,
    '\\if :missing',
    `CREATE ROLE ${identifier(name)};`,
    '\\endif',
    `ALTER ROLE ${identifier(name)} WITH ${words.join(' ')} PASSWORD ${literal(verifier)};`,
  ];
}

function databaseSql(database: { readonly name: string; readonly owner: string }, owner: string | undefined): string[] {
  if (owner === undefined) return [`CREATE DATABASE ${identifier(database.name)} OWNER ${identifier(database.owner)};`];
  return owner === database.owner
    ? []
    : [`ALTER DATABASE ${identifier(database.name)} OWNER TO ${identifier(database.owner)};`];
}

/** In template1 too, so that databases made later have it. */
function poolerDatabases({ databases }: SqlResource): readonly string[] {
  return [...new Set(['postgres', 'template1', ...databases.map(({ name }) => name)])];
}

/** Superusers and replication roles are never handed out. */
function poolerSql(poolerUser: string): string {
  const user = identifier(poolerUser);
  return [
    `CREATE SCHEMA IF NOT EXISTS pgbouncer;`,
    'CREATE OR REPLACE FUNCTION pgbouncer.get_auth(p_name text) RETURNS TABLE (username text, password ' +
      'text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$ SELECT rolname::text, ' +
      'rolpassword::text FROM pg_authid WHERE rolname = p_name AND rolcanlogin AND NOT rolsuper AND NOT ' +
      'rolreplication AND (rolvaliduntil IS NULL OR rolvaliduntil > now()) $$;',
    `REVOKE ALL ON FUNCTION pgbouncer.get_auth(text) FROM PUBLIC;`,
    `GRANT USAGE ON SCHEMA pgbouncer TO ${user};`,
    `GRANT EXECUTE ON FUNCTION pgbouncer.get_auth(text) TO ${user};`,
  ].join('\n');
}
