import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Inventory } from './inventory';

/**
 * The inventory as those see it who act on clusters: while the app's read-only mode is on, every cluster is read-only. What each
 * cluster was set to is kept and counts again afterwards.
 */
export function withReadOnlyMode(base: Inventory): Inventory {
  const seen = (entry: ClusterEntry): ClusterEntry =>
    base.settings().readOnly && !entry.readOnly ? { ...entry, readOnly: true } : entry;
  const known = (id: string): ClusterEntry | undefined => {
    const entry = base.cluster(id);
    return entry === undefined ? undefined : seen(entry);
  };
  return {
    ...base,
    clusters: () => base.clusters().map(seen),
    cluster: known,
    // What the mode adds must not reach the disk.
    saveCluster: (entry) =>
      base.saveCluster({ ...entry, readOnly: base.cluster(entry.id)?.readOnly ?? entry.readOnly }),
    onChange: (listener) => {
      let mode = base.settings().readOnly;
      return base.onChange((change) => {
        listener(change);
        if (change.kind !== 'settings' || base.settings().readOnly === mode) return;
        mode = base.settings().readOnly;
        for (const { id } of base.clusters()) listener({ kind: 'cluster', id });
      });
    },
  };
}
