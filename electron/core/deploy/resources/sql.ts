import { appError } from '../../../../shared/model/app-error';
import type { SqlResource } from '../../../../shared/model/deploy-plan';
import { missingSql } from '../../../../shared/rules/deploy/check/check-cluster';
import { leads } from '../../../../shared/rules/deploy/check/check-cluster';
import { askPatroni } from '../facts/probes';
import { scramVerifier } from '../facts/scram';
import { askSql, identifier, literal, psql } from '../facts/sql-facts';
import type { ApplyContext } from './context';

/** Makes roles, databases and the pooler's function on whichever member leads now. What is there already is left as it is. */
export async function applySql(resource: SqlResource, scope: string, context: ApplyContext): Promise<void> {
  const remote = context.remoteOf(await leaderOf(resource, scope, context));
  const passwords = Object.fromEntries(resource.roles.map((role) => [role.name, context.secret(role.secret)]));
  const question = { port: resource.port, superuser: resource.superuser, passwords, databases: resource.databases.map((database) => database.name) };
  const facts = await askSql(remote, question);
  if (missingSql(resource, facts).length === 0) return;
  const verifiers = new Map(await Promise.all(resource.roles.map(async (role) => [role.name, await scramVerifier(context.secret(role.secret))] as const)));
  const statements = [
    ...resource.roles.map((role) => roleSql(role.name, verifiers.get(role.name) ?? '', role.options)),
    ...resource.databases.flatMap((database) => databaseSql(database, facts?.databases[database.name])),
    ...(resource.poolerUser === null ? [] : poolerSql(resource)),
  ];
  const result = await psql(remote, question, statements.join('\n'));
  if (result.exitCode === 0) return;
  throw appError('deploy.sql_failed', `PostgreSQL refused to make roles or databases: ${result.stderr.trim().slice(0, 300)}`, {
    target: remote.name, retryable: true, hint: 'Correct the spec, then resume.',
  });
}

async function leaderOf(resource: SqlResource, scope: string, context: ApplyContext): Promise<string> {
  for (const member of resource.members) {
    if (leads(await askPatroni(context.probes, member), scope)) return member.server;
  }
  throw appError('deploy.no_leader', 'The cluster has no leader now, so roles and databases cannot be made.', { retryable: true, hint: 'Wait until a member leads, then resume.' });
}

function roleSql(name: string, verifier: string, options: readonly string[]): string {
  const words = ['login', 'createdb', 'createrole'].map((option) => (options.includes(option) ? option.toUpperCase() : `NO${option.toUpperCase()}`));
  return [
    `SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(name)}) AS missing \\gset`,
    '\\if :missing', `CREATE ROLE ${identifier(name)};`, '\\endif',
    `ALTER ROLE ${identifier(name)} WITH ${words.join(' ')} PASSWORD ${literal(verifier)};`,
  ].join('\n');
}

function databaseSql(database: { readonly name: string; readonly owner: string }, owner: string | undefined): string[] {
  if (owner === undefined) return [`CREATE DATABASE ${identifier(database.name)} OWNER ${identifier(database.owner)};`];
  return owner === database.owner ? [] : [`ALTER DATABASE ${identifier(database.name)} OWNER TO ${identifier(database.owner)};`];
}

/** In template1 too, so that databases made later have it. Superusers and replication roles are never handed out. */
function poolerSql(resource: SqlResource): string[] {
  const user = identifier(resource.poolerUser ?? '');
  const make = [
    `CREATE SCHEMA IF NOT EXISTS pgbouncer;`,
    `CREATE OR REPLACE FUNCTION pgbouncer.get_auth(p_name text) RETURNS TABLE (username text, password text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$ SELECT rolname::text, rolpassword::text FROM pg_authid WHERE rolname = p_name AND rolcanlogin AND NOT rolsuper AND NOT rolreplication AND (rolvaliduntil IS NULL OR rolvaliduntil > now()) $$;`,
    `REVOKE ALL ON FUNCTION pgbouncer.get_auth(text) FROM PUBLIC;`,
    `GRANT USAGE ON SCHEMA pgbouncer TO ${user};`,
    `GRANT EXECUTE ON FUNCTION pgbouncer.get_auth(text) TO ${user};`,
  ].join('\n');
  const databases = ['postgres', 'template1', ...resource.databases.map((database) => database.name)];
  return [...new Set(databases)].map((name) => `\\c ${identifier(name)}\n${make}`);
}
