import { AppError, appError, toErrorData, type AppErrorData } from '../../../../../shared/model/app-error';
import type { EtcdMemberResource } from '../../../../../shared/model/deploy/plan';
import type { EtcdLink } from '../../../etcd/etcd-link';
import { listMembers, withAnyEtcdMember, type ListedMembers } from '../../facts/etcd-probes';
import { until, type ApplyContext } from '../context';
import { unitCause } from './unit-cause';

/** Longest waits, ms. etcd takes no change of its members in the first seconds after one (strict reconfiguration check). */
const changeLimitMs = 60_000;
const promoteLimitMs = 120_000;

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
    await change(resource, context, (link) => link.removeMember(forget));
  if ((await listed(resource, context)).some((member) => member.peerUrls.includes(peerUrl))) return;
  await change(resource, context, (link) => link.addLearner(peerUrl));
}

async function remove(resource: EtcdMemberResource, context: ApplyContext): Promise<void> {
  const entry = (await listed(resource, context)).find((member) => member.peerUrls.includes(resource.peerUrl));
  if (entry !== undefined) await change(resource, context, (link) => link.removeMember(entry.id));
}

/** A learner is promoted as soon as it has nearly all the others have; etcd itself judges that. */
async function promote(resource: EtcdMemberResource, context: ApplyContext): Promise<void> {
  const last: Attempt = { refusal: null };
  const found = await until(context, promoteLimitMs, 250, async () => {
    const entry = (await listed(resource, context)).find((member) => member.peerUrls.includes(resource.peerUrl));
    if (entry?.started === true && !entry.learner) return true;
    context.detail(entry?.started === true ? 'It copies what the others have.' : 'It is starting.');
    if (entry?.started === true)
      last.refusal = await attempt(resource, context, (link) => link.promoteMember(entry.id));
    return undefined;
  });
  if (found === true) return;
  const cause = await unitCause(context.connectNamed(resource.member), 'etcd.service', resource.member);
  throw appError(
    cause?.data.code ?? 'deploy.etcd_not_joined',
    `${resource.member} did not become a full member of etcd in time.${last.refusal === null ? '' : ` ${last.refusal.message}`}`,
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

async function listed(resource: EtcdMemberResource, context: ApplyContext): Promise<ListedMembers> {
  let failure: unknown;
  const found = await until(context, changeLimitMs, 500, () =>
    withAnyEtcdMember(context.probes, resource.via, listMembers).catch((thrown: unknown) => {
      failure = thrown;
      return undefined;
    }),
  );
  if (found === undefined)
    throw appError('deploy.no_quorum', 'No member of etcd reports who belongs to it.', {
      target: resource.member,
      retryable: true,
      hint: 'Bring its members back, then resume.',
      cause: failure,
    });
  return found;
}

/** Why the last attempt was not taken; null when it was, or before the first. */
interface Attempt {
  refusal: AppErrorData | null;
}

type Change = (link: EtcdLink) => Promise<void>;

/** Repeats a change until etcd takes it. */
async function change(resource: EtcdMemberResource, context: ApplyContext, make: Change): Promise<void> {
  const last: Attempt = { refusal: null };
  const done = await until(context, changeLimitMs, 1_000, async () => {
    last.refusal = await attempt(resource, context, make);
    if (last.refusal !== null) context.detail(last.refusal.message);
    return last.refusal === null ? true : undefined;
  });
  if (done === true) return;
  throw appError(
    'deploy.etcd_refused',
    `etcd did not take the change of its members.${last.refusal === null ? '' : ` ${last.refusal.message}`}`,
    {
      target: resource.member,
      retryable: true,
      hint: 'See that a majority of its members answers, then resume.',
      ...(last.refusal === null ? {} : { cause: new AppError(last.refusal) }),
    },
  );
}

/** Makes a change over the first member that takes it; answers why none did, or null. */
function attempt(resource: EtcdMemberResource, { probes }: ApplyContext, make: Change): Promise<AppErrorData | null> {
  return withAnyEtcdMember(probes, resource.via, make).then(() => null, toErrorData);
}
