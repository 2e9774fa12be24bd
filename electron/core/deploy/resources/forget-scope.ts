import { z } from 'zod';
import { appError } from '../../../../shared/model/app-error';
import type { Endpoint, ForgetScopeResource } from '../../../../shared/model/deploy/plan';
import { askHttp, type HttpAnswer } from '../facts/http-ask';
import type { ApplyContext } from './context';

const askMs = 7_000;

const rangeSchema = z.object({ kvs: z.array(z.object({ key: z.string() })).default([]) });
const transactionSchema = z.object({ succeeded: z.boolean().default(false) });

/**
 * Takes a scope out of an etcd that stays, in one transaction that asks for the scope's own identifier once more. Rejects with
 * `deploy.scope_in_use` when members of others are in it or it is another cluster's by now, `deploy.no_quorum` when etcd does not answer.
 */
export async function forgetScope(resource: ForgetScopeResource, context: ApplyContext): Promise<void> {
  const { prefix, members, initialize } = resource;
  const listed = rangeSchema.parse(
    (await ask(resource, context, '/v3/kv/range', { ...range(`${prefix}members/`), keys_only: true })).json,
  );
  const others = listed.kvs
    .map((entry) => Buffer.from(entry.key, 'base64').toString('utf8').slice(`${prefix}members/`.length))
    .filter((name) => !members.includes(name));
  if (others.length > 0) throw inUse(prefix, `${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} in it`);
  const same = { key: base64(`${prefix}initialize`), target: 'VALUE', result: 'EQUAL', value: base64(initialize) };
  const done = transactionSchema.parse(
    (
      await ask(resource, context, '/v3/kv/txn', {
        compare: [same],
        success: [{ request_delete_range: range(prefix) }],
      })
    ).json,
  );
  if (!done.succeeded) throw inUse(prefix, 'its identifier is another one now');
}

function inUse(prefix: string, why: string): Error {
  return appError('deploy.scope_in_use', `The keys below ${prefix} are left in etcd: ${why}.`, {
    target: prefix,
    hint: 'See who uses this scope. What runs on the servers of the spec was stopped.',
  });
}

/** The first answer of a member that is no refusal. */
async function ask(
  resource: ForgetScopeResource,
  context: ApplyContext,
  path: string,
  body: unknown,
): Promise<HttpAnswer> {
  for (const member of resource.via) {
    const answer = await send(member, context, path, body);
    if (answer?.status === 200) return answer;
  }
  throw appError('deploy.no_quorum', 'No member of etcd takes the scope out.', {
    target: resource.prefix,
    retryable: true,
    hint: 'Bring its members back, then undo again.',
  });
}

function send(member: Endpoint, { probes }: ApplyContext, path: string, body: unknown): Promise<HttpAnswer | null> {
  return askHttp({
    remote: probes.remoteOf(member.server),
    host: member.address,
    port: member.port,
    path,
    method: 'POST',
    body,
    tls: probes.tls,
    timeoutMs: askMs,
  });
}

/** All keys that begin with a text that ends in `/`: up to the next byte. */
function range(prefix: string): { readonly key: string; readonly range_end: string } {
  return { key: base64(prefix), range_end: base64(`${prefix.slice(0, -1)}0`) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
