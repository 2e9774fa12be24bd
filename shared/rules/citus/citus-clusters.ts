import type { ClusterEntry } from '../../model/cluster/cluster-entry';
import type { ClusterHealth, ClusterSummary } from '../../model/cluster/cluster-state';
import { healthByUrgency } from '../cluster/health-order';
import { groupsInWords } from './citus-names';

/** A row of the fleet: a cluster, or a Citus cluster with its groups, the coordinator first. */
export type FleetRow = ClusterSummary & { readonly groups?: readonly ClusterSummary[] };

/** What the entries of one Citus cluster share; null for every other cluster. A group that names none is one by itself. */
export function citusClusterOf({ id, citusGroup, citusCluster }: ClusterEntry): string | null {
  return citusGroup === undefined ? null : (citusCluster ?? id);
}

/** The entries that are one cluster for the user: all groups of a Citus cluster, the coordinator first, or the entry alone. */
export function entriesWith(all: readonly ClusterEntry[], entry: ClusterEntry): readonly ClusterEntry[] {
  const cluster = citusClusterOf(entry);
  return cluster === null ? [entry] : all.filter((one) => citusClusterOf(one) === cluster).sort(byGroup);
}

/** The groups of a Citus cluster in the fleet, the coordinator first; none of a cluster that is no group. */
export function groupsOf(
  clusters: readonly ClusterSummary[],
  citusCluster: string | undefined,
): readonly ClusterSummary[] {
  return citusCluster === undefined ? [] : clusters.filter((one) => one.citusCluster === citusCluster).sort(byGroup);
}

interface CitusMember {
  readonly citusGroup?: number | undefined;
}

function byGroup(one: CitusMember, other: CitusMember): number {
  return (one.citusGroup ?? 0) - (other.citusGroup ?? 0);
}

/** What names a group in one DCS. `citusGroup` is null or undefined where there is none. */
interface GroupKey {
  readonly namespace: string;
  readonly scope: string;
  readonly citusGroup?: number | null | undefined;
}

/** Whether two scopes of one DCS are groups of one Citus cluster. */
export function isSameCitus(one: GroupKey, other: GroupKey): boolean {
  const isGroup = one.citusGroup != null && other.citusGroup != null;
  return isGroup && one.namespace === other.namespace && one.scope === other.scope;
}

/** The fleet with each Citus cluster as one row, at the place of its first group. */
export function fleetRows(clusters: readonly ClusterSummary[]): readonly FleetRow[] {
  const done = new Set<string>();
  return clusters.flatMap((cluster): readonly FleetRow[] => {
    const { citusCluster } = cluster;
    if (citusCluster === undefined) return [cluster];
    if (done.has(citusCluster)) return [];
    done.add(citusCluster);
    return [citusRow(groupsOf(clusters, citusCluster), cluster)];
  });
}

/** A Citus cluster opens at its coordinator, whose leader is where applications connect. `groups` has the coordinator first. */
function citusRow(groups: readonly ClusterSummary[], fallback: ClusterSummary): FleetRow {
  const head = groups[0] ?? fallback;
  const lags = groups.flatMap((group) => group.worstLag ?? []);
  const heard = groups.flatMap((group) => group.asOf ?? []);
  return {
    ...head,
    groups,
    health: healthOfGroups(groups) ?? head.health,
    members: groups.flatMap((group) => group.members),
    worstLag: lags.length === 0 ? null : Math.max(...lags),
    paused: groups.some((group) => group.paused === true) || head.paused,
    // As old as the group that was heard last of all: the row is never fresher than what it says of each.
    asOf: heard.length < groups.length ? null : Math.min(...heard),
  };
}

/** The health of the worst group, which the sentence names; the coordinator before a worker that is as bad. */
function healthOfGroups(groups: readonly ClusterSummary[]): ClusterHealth | null {
  const worst = healthByUrgency.flatMap((level) => groups.find((group) => group.health.level === level) ?? [])[0];
  if (worst === undefined) return null;
  const { level, sentence } = worst.health;
  if (level === 'healthy')
    return {
      level,
      sentence: `All groups are healthy: ${groupsInWords(groups.flatMap((group) => group.citusGroup ?? []))}.`,
    };
  return { level, sentence: `Group ${worst.citusGroup ?? ''}: ${sentence}` };
}
