import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { isHeard } from '../../../../shared/rules/cluster/health';
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
  /** The time of the last state. */
  readonly at: number | null;
  /** Since when nothing of the cluster answers; null while something does. */
  readonly unheardSince: number | null;
  /** For how long nothing was heard since the primary was last seen, where that is too long to measure an outage; else 0. */
  readonly unheardMs: number;
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
  at: null,
  unheardSince: null,
  unheardMs: 0,
  timeline: null,
};

/** An outage that is over, and who ran as the primary before and after it. */
export interface Outage {
  /** Its length as measured; null where nothing was heard of the cluster while it began or ended. */
  readonly durationMs: number | null;
  /** For how long nothing was heard, ms. */
  readonly unheardMs: number;
  /** How often the primary was heard before: by so much the length may be wrong, ms; null where that is not known. */
  readonly precisionMs: number | null;
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
  return silent && !stillAccepts(state, primary);
}

/** Its Patroni says nothing, and its PostgreSQL still lets clients in: nobody but its Patroni would have made it stop writing. */
function stillAccepts(state: ClusterState, primary: string): boolean {
  return state.members.find((member) => member.name === primary)?.postgresAccepts === true;
}

/** The primary went between its last word and the first sign: halfway to when its next word was due, unless the sign came earlier. */
function beginningOf({ seenAt, seenEveryMs }: OutageMemory, firstSign: number): number {
  return seenAt === null || seenEveryMs === null ? firstSign : Math.min(firstSign, seenAt + seenEveryMs / 2);
}

function suspect(memory: OutageMemory, state: ClusterState, writes: WriteStatus, primary: string): OutageMemory {
  const accepts = stillAccepts(state, primary);
  const doubtSince = accepts ? null : (memory.doubtSince ?? beginningOf(memory, state.at));
  if (!isSurelyOver(state, writes, primary)) return { ...memory, doubtSince };
  // A holder that stayed the same took its lock long before: only another one's lock is a sign that this primary is gone.
  const { holder, heldSince, vacantSince } = state.leader;
  const takenAt = holder === primary ? null : heldSince;
  const since = Math.min(doubtSince ?? state.at, vacantSince ?? state.at, takenAt ?? state.at);
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
    at: state.at,
    unheardSince: null,
    unheardMs: 0,
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
  const { unheardMs, seenEveryMs } = memory;
  const durationMs = unheardMs > 0 ? null : Math.max(0, state.at - since);
  return { durationMs, precisionMs: seenEveryMs, unheardMs, from, to: primary };
}

/** Silence of everything up to this long, ms, is within what a measured outage may be wrong by. */
const SHORT_SILENCE_MS = 5_000;
/** States come every few seconds; after a longer break the computer was asleep, or the app stood still, ms. */
const LONG_BREAK_MS = 60_000;

/** Notes for how long nothing was heard: no answer from anywhere, or no state at all. */
function listen(memory: OutageMemory, state: ClusterState): OutageMemory {
  const { at } = memory;
  const slept = at !== null && state.at - at > LONG_BREAK_MS ? at : null;
  const silentSince = isHeard(state) ? null : (memory.unheardSince ?? state.at);
  const since = slept ?? memory.unheardSince ?? silentSince;
  const silence = since === null ? 0 : state.at - since;
  return {
    ...memory,
    at: state.at,
    unheardSince: silentSince === null ? null : since,
    unheardMs: silence > SHORT_SILENCE_MS ? Math.max(memory.unheardMs, silence) : memory.unheardMs,
  };
}

/** The measured time without a primary: from the last sign of the old one to the new one running as primary. Pure. */
export function followOutage(
  before: OutageMemory,
  after: ClusterState,
): { readonly memory: OutageMemory; readonly over: Outage | null } {
  const memory = listen(before, after);
  const writes = writeStatusOf(after);
  if (writes.kind === 'yes') {
    if (isOvertaken(memory, after, writes.primary)) return { memory, over: null };
    const over = endedBy(memory, after, writes.primary);
    return { memory: remember(memory, after, writes.primary, writes.asOf), over };
  }
  if (memory.primary === null || memory.gap !== null) return { memory, over: null };
  return { memory: suspect(memory, after, writes, memory.primary), over: null };
}
