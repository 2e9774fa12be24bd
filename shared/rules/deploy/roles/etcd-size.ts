import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import { hasEvenMembership, toleratedLosses } from '../../etcd/quorum';

/** How many servers of a spec run etcd. */
export function countEtcdMembers(spec: Pick<ClusterSpec, 'servers'>): number {
  return spec.servers.filter((server) => server.roles.includes('etcd')).length;
}

/** A number of etcd members judged: whether it is right, and what to do where it is not. */
export interface EtcdSizeVerdict {
  readonly verdict: 'good' | 'warning' | 'wrong';
  readonly sentence: string;
}

/** Judges how many members etcd has. An even number tolerates no more losses than one member less. */
export function judgeEtcdSize(members: number): EtcdSizeVerdict {
  const losses = toleratedLosses(members);
  if (members === 0)
    return {
      verdict: 'wrong',
      sentence: 'No server runs etcd. Patroni needs it to elect a leader: choose one, three or five servers.',
    };
  if (members === 1)
    return {
      verdict: 'warning',
      sentence: 'One etcd member: if it fails, the cluster has no primary until it is back. Use three if you can.',
    };
  if (hasEvenMembership(members))
    return {
      verdict: 'wrong',
      sentence: `${members} etcd members tolerate the loss of ${losses}, the same as ${members - 1}. Add one or remove one.`,
    };
  return {
    verdict: 'good',
    sentence: `${members} etcd members: the cluster keeps running if ${lossesInWords(losses)}.`,
  };
}

/** A number of etcd members that may fail, as a clause: "one of them fails", "2 of them fail". */
export function lossesInWords(losses: number): string {
  return losses === 1 ? 'one of them fails' : `${losses} of them fail`;
}
