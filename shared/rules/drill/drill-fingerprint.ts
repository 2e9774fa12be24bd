import type { ClusterState } from '../../model/cluster/cluster-state';
import type { DrillChoice } from '../../model/drill/drill';
import { leaderOf } from '../cluster/member-facts';

/** Names what a drill was confirmed for: the choice, who leads on which timeline, and which members there are. */
export function drillFingerprint(state: ClusterState, choice: DrillChoice): string {
  const members = state.members.map(({ name, serverId }) => [name, serverId]);
  return JSON.stringify([choice, state.leader.holder, leaderOf(state)?.timeline ?? null, state.paused, members]);
}
