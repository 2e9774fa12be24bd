import type { ClusterEvent, ClusterEventKind } from '../../model/cluster/cluster-state';

/** Events after which a member is in the state it is in now. */
const turns: ReadonlySet<ClusterEventKind> = new Set([
  'member_joined',
  'member_gone',
  'member_state',
  'member_streaming',
  'promoted',
  'ssh_lost',
  'ssh_back',
  'leader_elected',
]);

/**
 * When each member came into its present state, ms since the epoch, by its name. Who is not in it was so before
 * Matriarch looked. `events` have the oldest first.
 */
export function membersSince(events: readonly ClusterEvent[]): ReadonlyMap<string, number> {
  const since = new Map<string, number>();
  for (const { kind, member, at } of events) if (member !== null && turns.has(kind)) since.set(member, at);
  return since;
}
