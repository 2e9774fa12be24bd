import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { writeStatusOf, type WriteStatus } from '../../../../shared/rules/cluster/write-status';

/**
 * What is remembered between two states to measure a time without a primary. Times are ms since the epoch.
 *
 *     serving  --(no fresh word of the primary)-->  doubted  --(surely none)-->  open  --(a primary answers)-->  serving
 *                                                     |__(it answers again: nothing happened)__>  serving
 */
export interface OutageMemory {
  /** An outage that is not over yet. */
  readonly gap: { readonly since: number; readonly from: string | null } | null;
  /** When the primary was first seen not to be one, or not to answer. */
  readonly doubtSince: number | null;
  /** The member last seen to run as the primary. */
  readonly primary: string | null;
  /** When it last said so, and how long before that it had said so. */
  readonly seenAt: number | null;
  readonly seenEveryMs: number | null;
  /** Its timeline. Each promotion begins a new one, so that a primary on an older one is no successor. */
  readonly timeline: number | null;
}

/** The memory before the first state. */
export const NO_OUTAGE: OutageMemory = {
  gap: null,
  doubtSince: null,
  primary: null,
  seenAt: null,
  seenEveryMs: null,
  timeline: null,
};

/** An outage that is over: its length as measured, and who ran as the primary before and after it. */
export interface Outage {
  readonly durationMs: number;
  readonly from: string | null;
  readonly to: string;
}

/** The primary that was seen is surely none any more: it says so itself, or the lock is another's or nobody's. */
function isSurelyOver(state: ClusterState, writes: WriteStatus, primary: string): boolean {
  const { known, holder } = state.leader;
  if (known && holder !== null && holder !== primary) return true;
  return writes.kind === 'no' && writes.cause !== 'waiting_for_sync' && writes.cause !== 'standby_cluster';
}

/** Its Patroni was asked and did not answer, and its PostgreSQL is not known to: the first sign of an outage. */
function isDoubtful(state: ClusterState, primary: string): boolean {
  const silent = state.sources.some((source) => source.id === `rest:${primary}` && source.error !== null);
  return silent && state.members.find((member) => member.name === primary)?.postgresAccepts !== true;
}

/** The primary went between its last word and the first sign: halfway to when its next word was due, unless the sign came earlier. */
function beginningOf({ seenAt, seenEveryMs }: OutageMemory, firstSign: number): number {
  return seenAt === null || seenEveryMs === null ? firstSign : Math.min(firstSign, seenAt + seenEveryMs / 2);
}

function suspect(memory: OutageMemory, state: ClusterState, writes: WriteStatus, primary: string): OutageMemory {
  const doubtSince = memory.doubtSince ?? beginningOf(memory, state.at);
  if (!isSurelyOver(state, writes, primary)) return { ...memory, doubtSince };
  // A holder that stayed the same took its lock long before: only another one's lock is a sign that this primary is gone.
  const { holder, heldSince, vacantSince } = state.leader;
  const takenAt = holder === primary ? null : heldSince;
  const since = Math.min(doubtSince, vacantSince ?? state.at, takenAt ?? state.at);
  return { ...memory, doubtSince, gap: { since, from: primary } };
}

function remember(memory: OutageMemory, state: ClusterState, primary: string, asOf: number): OutageMemory {
  // The time of an outage says nothing of how often the primary is heard otherwise.
  const wasHeard = memory.primary === primary && memory.gap === null && memory.doubtSince === null;
  const isNews = wasHeard && memory.seenAt !== null && asOf > memory.seenAt;
  return {
    gap: null,
    doubtSince: isDoubtful(state, primary) ? (memory.doubtSince ?? beginningOf(memory, state.at)) : null,
    primary,
    seenAt: asOf,
    seenEveryMs: isNews ? asOf - (memory.seenAt ?? asOf) : memory.seenEveryMs,
    timeline: timelineOf(state, primary) ?? memory.timeline,
  };
}

function timelineOf(state: ClusterState, name: string): number | null {
  return state.members.find((member) => member.name === name)?.timeline ?? null;
}

/** A former primary that went on beside its successor: a split, which has a finding of its own, and no end of an outage. */
function isOvertaken(memory: OutageMemory, state: ClusterState, primary: string): boolean {
  const timeline = timelineOf(state, primary);
  if (memory.primary === null || memory.primary === primary || timeline === null) return false;
  return memory.timeline !== null && timeline < memory.timeline;
}

/** The outage that ends with `primary` running: one that was open, or one that was over before it was seen. */
function endedBy(memory: OutageMemory, state: ClusterState, primary: string): Outage | null {
  const from = memory.gap?.from ?? memory.primary;
  const hasChanged = memory.primary !== null && memory.primary !== primary;
  if (memory.gap === null && !hasChanged) return null;
  const since = memory.gap?.since ?? memory.doubtSince ?? state.leader.heldSince ?? state.at;
  return { durationMs: Math.max(0, state.at - since), from, to: primary };
}

/** The measured time without a primary: from the last sign of the old one to the new one running as primary. Pure. */
export function followOutage(
  memory: OutageMemory,
  after: ClusterState,
): { readonly memory: OutageMemory; readonly over: Outage | null } {
  const writes = writeStatusOf(after);
  if (writes.kind === 'yes') {
    if (isOvertaken(memory, after, writes.primary)) return { memory, over: null };
    const over = endedBy(memory, after, writes.primary);
    return { memory: remember(memory, after, writes.primary, writes.asOf), over };
  }
  if (memory.primary === null || memory.gap !== null) return { memory, over: null };
  return { memory: suspect(memory, after, writes, memory.primary), over: null };
}
