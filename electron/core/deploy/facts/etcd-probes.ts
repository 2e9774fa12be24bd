import type { ScopeFacts } from '../../../../shared/model/deploy/facts';
import type { Endpoint } from '../../../../shared/model/deploy/plan';
import { etcdError } from '../../etcd/errors';
import { EtcdLink } from '../../etcd/etcd-link';
import { openEndpoint } from '../../etcd/open-endpoint';
import { probe } from '../../etcd/probe';
import { withDeadline } from '../../platform/wait';
import type { ProbeContext } from './probe-context';

/** The members of etcd as one of them lists them. */
export type ListedMembers = NonNullable<ScopeFacts['etcdMembers']>;

/** Opens a connection to one etcd member, does the work and closes it. Rejects with an `etcd.*` or `ssh.*` error. */
export async function withEtcdMember<T>(
  { connectNamed, tls }: ProbeContext,
  member: Endpoint,
  work: (link: EtcdLink) => Promise<T>,
): Promise<T> {
  const label = `${member.address}:${String(member.port)}`;
  const opened = await openEndpoint(
    (host, port, timeoutMs) => connectNamed(member.server).dial(host, port, timeoutMs),
    member.address,
    member.port,
  ).catch((thrown: unknown) => {
    throw etcdError(thrown, label);
  });
  const link = new EtcdLink({
    target: opened.target,
    label,
    why: () => opened.why(),
    tls: tls === null ? null : { serverName: member.address, ...tls },
    auth: null,
  });
  try {
    return await work(link);
  } finally {
    link.close();
    await opened.close();
  }
}

/** Does the work with the first member that does it; rejects with the last error when none does. */
export async function withAnyEtcdMember<T>(
  context: ProbeContext,
  members: readonly Endpoint[],
  work: (link: EtcdLink) => Promise<T>,
): Promise<T> {
  let last: unknown = etcdError(new Error('No member of etcd is known.'), 'etcd');
  for (const member of members) {
    try {
      return await withEtcdMember(context, member, work);
    } catch (thrown) {
      last = thrown;
    }
  }
  throw last;
}

/** Resolves when a member has a quorum behind it and etcd takes writes; rejects with why it has not. */
export function checkEtcdHealth(context: ProbeContext, member: Endpoint): Promise<void> {
  return withDeadline({ timeoutMs: context.timeoutMs }, () =>
    withEtcdMember(context, member, (link) => checkLinkHealth(link, context.timeoutMs)),
  );
}

async function checkLinkHealth(link: EtcdLink, timeoutMs: number): Promise<void> {
  const status = link.status(timeoutMs);
  status.catch(() => undefined);
  const verdict = await probe(link, '/');
  if (verdict.kind === 'lost') throw verdict.error;
  const { errors } = await status;
  if (errors.length > 0) throw etcdError(new Error(`etcdserver: ${errors.join(', ')}`), link.label);
}

/** What a healthy member of etcd says: the value of a key, and the members it knows; null for what it does not answer. */
export interface EtcdAnswer {
  readonly value: string | null;
  readonly members: ListedMembers | null;
}

/** As `checkEtcdHealth`, and asks a healthy member over the same connection. */
export function askHealthyEtcd(context: ProbeContext, member: Endpoint, key: string): Promise<EtcdAnswer> {
  return withDeadline({ timeoutMs: context.timeoutMs }, () =>
    withEtcdMember(context, member, async (link) => {
      await checkLinkHealth(link, context.timeoutMs);
      const [value, members] = await Promise.all([
        link.read(key).catch(() => null),
        listMembers(link).catch(() => null),
      ]);
      return { value, members };
    }),
  );
}

/** The members etcd knows. A member tells its client addresses when it first starts. */
export async function listMembers(link: EtcdLink): Promise<ListedMembers> {
  return (await link.memberList()).map((entry) => ({
    id: entry.ID,
    name: entry.name,
    peerUrls: entry.peerURLs,
    started: entry.clientURLs.length > 0,
    learner: entry.isLearner,
  }));
}
