import { z } from 'zod';
import { appError } from '../../../../shared/model/app-error';
import type { Endpoint, EtcdMemberResource } from '../../../../shared/model/deploy/plan';
import { askHttp, type HttpAnswer } from '../facts/http-ask';
import { etcdMembers } from '../facts/probes';
import { until, type ApplyContext } from '../resources/context';
import { unitCause } from '../resources/unit-cause';

/** Longest waits, ms. etcd takes no change of its members in the first seconds after one (strict reconfiguration check). */
const changeLimitMs = 60_000;
const promoteLimitMs = 120_000;
const askMs = 7_000;

/** Lets a member in as a learner, makes it a full member, or takes it out. What is so already is left as it is. */
export async function applyEtcdMember(resource: EtcdMemberResource, context: ApplyContext): Promise<void> {
  switch (resource.part) {
    case 'add':
      return add(resource, context);
    case 'promote':
      return promote(resource, context);
    case 'remove':
      return remove(resource, context);
  }
}

async function add(resource: EtcdMemberResource, context: ApplyContext): Promise<void> {
  const { peerUrl, forget } = resource;
  if (forget !== null && (await listed(resource, context)).some((member) => member.id === forget))
    await change(resource, context, '/v3/cluster/member/remove', { ID: forget });
  if ((await listed(resource, context)).some((member) => member.peerUrls.includes(peerUrl))) return;
  await change(resource, context, '/v3/cluster/member/add', { peerURLs: [peerUrl], isLearner: true });
}

async function remove(resource: EtcdMemberResource, context: ApplyContext): Promise<void> {
  const entry = (await listed(resource, context)).find((member) => member.peerUrls.includes(resource.peerUrl));
  if (entry !== undefined) await change(resource, context, '/v3/cluster/member/remove', { ID: entry.id });
}

/** A learner is promoted as soon as it has nearly all the others have; etcd itself judges that. */
async function promote(resource: EtcdMemberResource, context: ApplyContext): Promise<void> {
  let said = '';
  const found = await until(context, promoteLimitMs, 250, async () => {
    const entry = (await listed(resource, context)).find((member) => member.peerUrls.includes(resource.peerUrl));
    if (entry?.started === true && !entry.learner) return true;
    context.detail(entry?.started === true ? 'It copies what the others have.' : 'It is starting.');
    if (entry?.started === true) said = await ask(resource, context, '/v3/cluster/member/promote', { ID: entry.id });
    return undefined;
  });
  if (found === true) return;
  const cause = await unitCause(context.remoteOf(resource.member), 'etcd.service', resource.member);
  throw appError(
    cause?.data.code ?? 'deploy.etcd_not_joined',
    `${resource.member} did not become a full member of etcd in time${said === '' ? '.' : `: ${said}`}`,
    {
      target: resource.member,
      retryable: true,
      hint:
        cause?.data.hint ??
        'The others keep their majority without it. Look at the log of etcd on this server, then resume.',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

async function listed(
  resource: EtcdMemberResource,
  context: ApplyContext,
): Promise<NonNullable<Awaited<ReturnType<typeof etcdMembers>>>> {
  const found = await until(context, changeLimitMs, 500, async () => {
    for (const member of resource.via) {
      const answer = await etcdMembers(context.probes, member);
      if (answer !== null) return answer;
    }
    return undefined;
  });
  if (found === undefined)
    throw appError('deploy.no_quorum', 'No member of etcd tells who belongs to it.', {
      target: resource.member,
      retryable: true,
      hint: 'Bring its members back, then resume.',
    });
  return found;
}

/** Asks until etcd takes the change. */
async function change(resource: EtcdMemberResource, context: ApplyContext, path: string, body: unknown): Promise<void> {
  let said = '';
  const done = await until(context, changeLimitMs, 1_000, async () => {
    said = await ask(resource, context, path, body);
    if (said !== '') context.detail(said);
    return said === '' ? true : undefined;
  });
  if (done === true) return;
  throw appError('deploy.etcd_refused', `etcd refused: ${said}`, {
    target: resource.member,
    retryable: true,
    hint: 'See that a majority of its members answers, then resume.',
  });
}

const refusalSchema = z.object({ message: z.string().optional(), error: z.string().optional() });

/** '' when etcd did it; else what it said instead. */
async function ask(resource: EtcdMemberResource, context: ApplyContext, path: string, body: unknown): Promise<string> {
  let last: HttpAnswer | null = null;
  for (const member of resource.via) {
    last = await send(member, context, path, body);
    if (last?.status === 200) return '';
  }
  const read = refusalSchema.safeParse(last?.json);
  return (
    (read.success ? (read.data.message ?? read.data.error) : undefined) ??
    (last === null ? 'nobody answers' : `status ${last.status}`)
  );
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
