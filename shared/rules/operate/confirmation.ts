import type { ClusterState } from '../../model/cluster/cluster-state';
import type { Operation } from '../../model/operate/operation';
import { interruptsWrites } from './consequences';
import { clusterName } from '../citus/citus-names';

/** A name a person can type: short, on one line, without control characters. */
function isTypeable(name: string): boolean {
  return name.length <= 60 && !/\p{C}/u.test(name);
}

/** The name of the other cluster where the user answers for what happens there, else its own. */
function nameToPromote(state: ClusterState, cutOff: boolean): string {
  const other = state.pair?.follows?.site?.title ?? null;
  return cutOff && other !== null && isTypeable(other) ? other : clusterName(state);
}

/**
 * What the user must type before the operation starts; null when one click is enough. The cluster's name (with the group of a
 * Citus cluster) for what can lose data or stop a production cluster's writes, the member's for a reinit.
 */
export function typeToConfirm(state: ClusterState, operation: Operation): string | null {
  if (operation.kind === 'failover') return clusterName(state);
  if (operation.kind === 'demote_cluster') return clusterName(state);
  if (operation.kind === 'promote_cluster') return nameToPromote(state, operation.cutOff);
  if (operation.kind === 'reinit') return isTypeable(operation.member) ? operation.member : clusterName(state);
  return state.production && interruptsWrites(state, operation) ? clusterName(state) : null;
}
