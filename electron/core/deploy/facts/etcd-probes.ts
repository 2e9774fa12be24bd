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
    withEtcdMember(context, member, async (link) => {
      const verdict = await probe(link, '/');
      if (verdict.kind === 'lost') throw verdict.error;
      const { errors } = await link.status(context.timeoutMs);
      if (errors.length > 0) throw etcdError(new Error(`etcdserver: ${errors.join(', ')}`), link.label);
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
