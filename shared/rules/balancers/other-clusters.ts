import type { ClusterEntry } from '../../model/cluster/cluster-entry';
import { clusterName } from '../citus/citus-names';

/** What the other clusters are called that have a member, or named load balancers, on a server: what runs there may serve them. */
export function otherClustersOn(
  clusters: readonly Pick<ClusterEntry, 'id' | 'title' | 'citusGroup' | 'members' | 'balancerServers' | 'removedAt'>[],
  serverId: string,
  clusterId: string,
): readonly string[] {
  return clusters
    .filter(({ id, removedAt }) => id !== clusterId && removedAt === undefined)
    .filter(
      ({ members, balancerServers }) =>
        members.some((member) => member.serverId === serverId) || balancerServers?.includes(serverId) === true,
    )
    .map(clusterName);
}
