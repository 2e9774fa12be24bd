import type { ClusterSummary, FleetUpdate, HealthLevel } from '../../../shared/model/cluster/cluster-state';
import { healthByUrgency } from '../../../shared/rules/cluster/health-order';
import { lastKnownSummary } from '../../../shared/rules/cluster/last-known';

/** The fleet as the page holds it. `loaded` is false until the first snapshot came. */
export interface FleetView {
  readonly loaded: boolean;
  /** Worst first, then by title. */
  readonly clusters: readonly ClusterSummary[];
}

const order = new Map(healthByUrgency.map((level, index) => [level, index]));

/** Made once: `localeCompare` makes one for each comparison. */
const titles = new Intl.Collator();

const rankOf = (level: HealthLevel) => order.get(level) ?? 0;

function byUrgency(a: ClusterSummary, b: ClusterSummary): number {
  return (
    rankOf(a.health.level) - rankOf(b.health.level) ||
    titles.compare(a.title, b.title) ||
    (a.clusterId < b.clusterId ? -1 : 1)
  );
}

/** The fleet after an update. */
export function applyFleet(view: FleetView, update: FleetUpdate): FleetView {
  if (update.kind === 'snapshot') return { loaded: true, clusters: [...update.clusters].sort(byUrgency) };
  const rows = new Map(view.clusters.map((cluster) => [cluster.clusterId, cluster]));
  for (const [id, row] of Object.entries(update.clusters)) {
    if (row === null) rows.delete(id);
    else rows.set(id, row);
  }
  return { loaded: true, clusters: [...rows.values()].sort(byUrgency) };
}

/** The fleet of a page that does not hear from the core any more; the next snapshot ends that. */
export function lastKnownFleet(view: FleetView): FleetView {
  return { ...view, clusters: view.clusters.map(lastKnownSummary) };
}
