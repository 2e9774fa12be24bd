import type { DiscoveredCluster } from '../../../shared/model/cluster/discovery';
import { isSameCitus } from '../../../shared/rules/citus/citus-clusters';

/** A cluster as it is added: its own finding first, and the groups of a Citus cluster in their order. */
export interface ClusterToAdd {
  /** What is asked for when it is added: a group that is not in the inventory yet, where there is one. */
  readonly asked: DiscoveredCluster;
  /** Empty for every other cluster. */
  readonly groups: readonly DiscoveredCluster[];
  /** The groups that are not in the inventory yet while others are. */
  readonly missing: readonly number[];
  /** Where it is in the inventory; null: it is not. */
  readonly existingClusterId: string | null;
}

/** What a discovery found, with the groups of a Citus cluster as one cluster. The order stays. */
export function clustersToAdd(found: readonly DiscoveredCluster[]): readonly ClusterToAdd[] {
  return found.flatMap((cluster, index): readonly ClusterToAdd[] => {
    if (cluster.citusGroup === undefined)
      return [{ asked: cluster, groups: [], missing: [], existingClusterId: cluster.existingClusterId }];
    if (found.findIndex((one) => isSameCitus(one, cluster)) < index) return [];
    return [citusOf(cluster, found)];
  });
}

function citusOf(first: DiscoveredCluster, found: readonly DiscoveredCluster[]): ClusterToAdd {
  const groups = found
    .filter((one) => isSameCitus(one, first))
    .sort((one, other) => (one.citusGroup ?? 0) - (other.citusGroup ?? 0));
  const known = groups.find((one) => one.existingClusterId !== null);
  const missing = groups.filter((one) => one.existingClusterId === null && one.members.length > 0);
  return {
    asked: (known === undefined ? undefined : missing[0]) ?? first,
    groups,
    missing: known === undefined ? [] : missing.flatMap((one) => one.citusGroup ?? []),
    existingClusterId: known?.existingClusterId ?? null,
  };
}
