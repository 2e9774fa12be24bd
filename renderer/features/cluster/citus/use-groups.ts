import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { ClusterState, ClusterSummary } from '../../../../shared/model/cluster/cluster-state';
import { groupsOf } from '../../../../shared/rules/citus/citus-clusters';
import { usePage } from '../../../rpc/hooks';

/** The groups of the Citus cluster that a group belongs to, the coordinator first; none for every other cluster. */
export function useGroups({ citusCluster }: Pick<ClusterState, 'citusCluster'>): readonly ClusterSummary[] {
  const clusters = useStore(usePage().fleet, (fleet) => fleet.clusters);
  return useMemo(() => groupsOf(clusters, citusCluster), [clusters, citusCluster]);
}
