import { appError } from '../../../shared/model/app-error';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';

/** Throws `inventory.on_hold` for a cluster that came from a file, until the user agrees: nothing of it is contacted before. */
export function refuseHold(entry: Pick<ClusterEntry, 'id' | 'onHold'> | null): void {
  if (entry?.onHold === true)
    throw appError('inventory.on_hold', 'This cluster came from a file, and nothing of it is contacted yet.', {
      target: entry.id,
      hint: 'Agree on its page first.',
    });
}
