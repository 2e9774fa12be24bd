import { z } from 'zod';
import { appError } from '../../../../../shared/model/app-error';
import type { TakeoverResource } from '../../../../../shared/model/deploy/plan';
import { matchesVerifier, scramVerifier } from '../../facts/scram';
import { identifier, literal, psql, rewindFunctions, withoutLog } from '../../facts/sql-facts';
import type { ApplyContext } from '../context';

/**
 * Makes the roles Patroni works with on a PostgreSQL that still runs by itself. The password of a role that is there
 * already is never changed: somebody may use it. Rejects with `deploy.role_taken` where it is another one.
 */
export async function makeRoles(resource: TakeoverResource, context: ApplyContext, server: string): Promise<void> {
  const remote = context.connectNamed(server);
  const question = { port: resource.cluster.port, superuser: resource.superuser };
  const wanted = [
    [resource.superuser, 'superuser', 'SUPERUSER'],
    [resource.replication, 'replication', 'REPLICATION'],
    [resource.rewind, 'rewind', ''],
  ] as const;
  const known = await passwords(context, server, question);
  const statements: string[] = withoutLog('SESSION').map((setting) => `${setting};`);
  for (const [role, secret, option] of wanted) {
    const held = known.get(role);
    if (held !== undefined && held !== '') {
      if (!(await matchesVerifier(context.secret(secret), held))) throw taken(role, secret, server);
      continue;
    }
    if (held === undefined) statements.push(`CREATE ROLE ${identifier(role)} WITH LOGIN ${option};`);
    statements.push(`ALTER ROLE ${identifier(role)} PASSWORD ${literal(await scramVerifier(context.secret(secret)))};`);
  }
  statements.push(...rewindGrants(resource.rewind));
  const result = await psql(remote, question, statements.join('\n'));
  if (result.exitCode !== 0)
    throw appError(
      'deploy.sql_failed',
      `PostgreSQL on ${server} refused to make Patroni's roles: ${result.stderr.trim().slice(0, 300)}`,
      { target: server, retryable: true, hint: 'PostgreSQL still runs by itself. Correct this, then resume.' },
    );
}

/** What is stored for each role; empty where it has no password. */
const heldSchema = z.record(z.string(), z.string());

async function passwords(
  context: ApplyContext,
  server: string,
  question: { readonly port: number; readonly superuser: string },
): Promise<ReadonlyMap<string, string>> {
  const result = await psql(
    context.connectNamed(server),
    question,
    `SELECT json_object_agg(rolname, coalesce(rolpassword, '')) FROM pg_authid;`,
  );
  if (result.exitCode !== 0)
    throw appError(
      'deploy.sql_failed',
      `PostgreSQL on ${server} does not let its superuser in: ${result.stderr.trim().slice(0, 300)}`,
      { target: server, hint: 'The user postgres must get in by the unix socket (peer).' },
    );
  return new Map(Object.entries(heldSchema.parse(JSON.parse(result.stdout))));
}

/** What pg_rewind needs of a role that is no superuser. */
export function rewindGrants(role: string): string[] {
  return rewindFunctions.map((name) => `GRANT EXECUTE ON FUNCTION pg_catalog.${name} TO ${identifier(role)};`);
}

function taken(role: string, secret: string, server: string): Error {
  return appError(
    'deploy.role_taken',
    `The role ${role} on ${server} has a password of its own, which is not the one kept for this cluster.`,
    {
      target: role,
      hint: `Enter its present password as the secret "${secret}", or choose another name for the role. PostgreSQL still runs by itself.`,
    },
  );
}
