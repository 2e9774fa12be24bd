import type { ScopeFacts, ServerFacts } from '../../../model/deploy/facts';
import type { EtcdMemberResource } from '../../../model/deploy/plan';
import { quorumSize } from '../../etcd/quorum';
import { create, refuse, toRun, settled, type Verdict } from './verdict';

type Listed = NonNullable<ScopeFacts['etcdMembers']>[number];

/** Whether a member still has to join or leave etcd, by what etcd lists now. */
export function checkEtcdMember(resource: EtcdMemberResource, facts: ScopeFacts, server: ServerFacts): Verdict {
  const listed = facts.etcdMembers;
  if (listed === null)
    return refuse('etcd has no majority now, so nobody can join or leave it. Bring its members back first.');
  const entry = listed.find((member) => member.peerUrls.includes(resource.peerUrl));
  switch (resource.part) {
    case 'add': {
      const data = server.paths[resource.dataDirectory];
      if (entry === undefined && data !== undefined && data.kind === 'directory' && !data.empty)
        return refuse(
          `${resource.dataDirectory} holds data of a member that etcd no longer knows. Move it away first.`,
        );
      return entry !== undefined && resource.forget === null ? settled : create();
    }
    case 'promote':
      return entry !== undefined && entry.started && !entry.learner ? settled : toRun();
    case 'remove':
      return entry === undefined ? settled : checkRemoval(entry, listed, facts);
  }
}

/** A member may go when those that stay and answer are a majority of those that stay. */
function checkRemoval(entry: Listed, listed: readonly Listed[], facts: ScopeFacts): Verdict {
  const rest = listed.filter((member) => member !== entry && !member.learner);
  if (rest.length === 0) return refuse(`${entry.name} is the only member of etcd: without it there is no cluster.`);
  const well = rest.filter((member) => facts.etcdHealthy[member.name] === true).length;
  if (well < quorumSize(rest.length))
    return refuse(
      `Of the ${rest.length} members that would stay only ${well} answer, and ${quorumSize(rest.length)} are needed.`,
    );
  return toRun();
}
