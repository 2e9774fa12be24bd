import type { HealthLevel } from '../../../shared/model/cluster/cluster-state';
import type { FleetRow } from '../../../shared/rules/citus/citus-clusters';
import { healthByUrgency } from '../../../shared/rules/cluster/health-order';

/** What narrows the fleet: words, and a level of health. */
export interface FleetFilter {
  readonly words: string;
  readonly level: HealthLevel | null;
}

/** The clusters whose title, scope, tags, leader or members hold every word, of the level asked for. The order stays. */
export function filterFleet(clusters: readonly FleetRow[], filter: FleetFilter): readonly FleetRow[] {
  const words = filter.words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return clusters.filter((cluster) => {
    if (filter.level !== null && cluster.health.level !== filter.level) return false;
    const text = searchable(cluster);
    return words.every((word) => text.includes(word));
  });
}

function searchable(cluster: FleetRow): string {
  return [
    cluster.title,
    cluster.scope,
    ...cluster.tags,
    cluster.leader ?? '',
    cluster.citusGroup === undefined ? '' : 'Citus',
    ...cluster.members.map((member) => member.name),
  ]
    .join('\n')
    .toLowerCase();
}

/** How many clusters are in each level, worst first, levels without any left out. */
export function tally(clusters: readonly FleetRow[]): readonly (readonly [HealthLevel, number])[] {
  return healthByUrgency
    .map((level) => [level, clusters.filter((cluster) => cluster.health.level === level).length] as const)
    .filter(([, count]) => count > 0);
}
