import type { ClusterEvent, ClusterEventKind } from '../../model/cluster/cluster-state';
import type { Member } from '../../model/cluster/member';

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

/** Since when PostgreSQL runs, by its own word, or when the present state of a member was first seen; ms since the epoch. */
export type StateSince = { readonly from: 'postgres' | 'seen'; readonly at: number };

/**
 * Since when a member is as it is. PostgreSQL's own start, which Patroni passes on as `postmaster_start_time`, counts
 * wherever it runs; the moment at which this app saw a change counts only where it does not. Null where neither is known.
 */
export function stateSince(
  member: Pick<Member, 'state' | 'stale' | 'postmasterStart'>,
  seen: number | null,
): StateSince | null {
  const runs = member.state === 'running' || member.state === 'streaming' || member.state === 'in archive recovery';
  if (runs && !member.stale && member.postmasterStart !== null) return { from: 'postgres', at: member.postmasterStart };
  if (runs && !member.stale) return null;
  return seen === null ? null : { from: 'seen', at: seen };
}
