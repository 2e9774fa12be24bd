import type { DynamicConfig, ObservedCluster } from '../../model/cluster/cluster-state';
import type { Lag, Member } from '../../model/cluster/member';

/**
 * States in which PostgreSQL serves: `streaming` and `in archive recovery` are replicas that run
 * (postgresql/__init__.py, replication_state).
 */
const RUNNING: ReadonlySet<Member['state']> = new Set(['running', 'streaming', 'in archive recovery']);

/** Whether PostgreSQL runs on the member. */
export function isRunning(member: Member): boolean {
  return RUNNING.has(member.state);
}

/** Whether the member's role is that of a leader, of either kind. */
export function hasLeaderRole(member: Member): boolean {
  return member.role === 'leader' || member.role === 'standby_leader';
}

/** The member that holds the leader lock; null when nobody does, or when the holder has no member key. */
export function leaderOf(state: ObservedCluster): Member | null {
  return state.members.find((member) => member.name === state.leader.holder) ?? null;
}

/** A switchover or failover that was asked for leaves the lock free for no longer than this, ms. */
const SWITCHING_MS = 30_000;

/** Whether a switchover or failover that somebody asked for is under way: what it interrupts is expected. */
export function isSwitching(state: ObservedCluster): boolean {
  const { vacantSince } = state.leader;
  return state.failoverRequest !== null && (vacantSince === null || state.at - vacantSince <= SWITCHING_MS);
}

/** A member by name. */
export function memberOf(state: ObservedCluster, name: string): Member | null {
  return state.members.find((member) => member.name === name) ?? null;
}

/** Whether a tag is on. Patroni reads YAML: true, and the words for it. */
export function tagIsOn(member: Pick<Member, 'tags'>, tag: string): boolean {
  const value = member.tags[tag];
  return (
    value === true ||
    (typeof value === 'string' && ['true', 'on', 'yes', '1'].includes(value.toLowerCase())) ||
    value === 1
  );
}

/** Whether Patroni never promotes the member: `nofailover` decides where it is set, else a `failover_priority` of 0 (patroni/tags.py). */
export function mayNotFailOver(member: Member): 'nofailover' | 'failover_priority' | null {
  if (member.tags['nofailover'] !== undefined) return tagIsOn(member, 'nofailover') ? 'nofailover' : null;
  const priority = Number(member.tags['failover_priority'] ?? 1);
  return Number.isFinite(priority) && priority <= 0 ? 'failover_priority' : null;
}

/** Whether a replica is further behind than Patroni lets win an election (maximum_lag_on_failover; 0: no limit is set). */
export function exceedsLagLimit(lag: Lag | null, config: DynamicConfig | null): boolean {
  const limit = config?.maximumLagOnFailover ?? 0;
  const behind = lag?.replay ?? lag?.receive ?? null;
  return limit > 0 && behind !== null && behind > limit;
}

/** Whether nobody can ask this member's Patroni now. */
export function isSilent(member: Member): boolean {
  return (
    member.inDcs === false ||
    member.condition === 'patroni_down' ||
    member.condition === 'not_answering' ||
    member.condition === 'unreachable' ||
    member.condition === 'gone'
  );
}

/** Whether the member's REST API answers now. */
export function answersNow(state: ObservedCluster, member: string): boolean {
  return state.sources.some((one) => one.id === `rest:${member}` && one.status === 'live');
}

/** Whether the member's REST API is seen as lost by the app. */
export function restLost(state: ObservedCluster, member: string): boolean {
  const source = state.sources.find((one) => one.id === `rest:${member}`);
  return source !== undefined && source.status === 'lost';
}

/** Whether some other member is seen sending WAL to this one. */
function isFedByPeer(state: ObservedCluster, name: string): boolean {
  return state.members.some((member) =>
    member.connections.some((one) => one.applicationName === name && one.state === 'streaming'),
  );
}

/** Whether a replica runs, on the leader's timeline, and receives WAL: the end of a switchover, a restart and a reinit. */
export function isStreamingReplica(state: ObservedCluster, name: string): boolean {
  const member = memberOf(state, name);
  const leader = leaderOf(state);
  if (!member || !leader || member.name === leader.name || !isRunning(member) || hasLeaderRole(member)) return false;
  if (member.timeline !== null && leader.timeline !== null && member.timeline !== leader.timeline) return false;
  if (tagIsOn(member, 'nostream')) return true;
  if (isFedByPeer(state, name)) return true;
  const leaderAsked = leader.restAsOf !== null && !restLost(state, leader.name);
  return !leaderAsked && (member.state === 'streaming' || member.replicationState === 'streaming');
}
