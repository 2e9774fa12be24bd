import type { TimelineEnd } from '../../model/repair/repair';

/** The way of a server's WAL: the timelines before its own, and its own. */
export interface WalHistory {
  readonly ends: readonly TimelineEnd[];
  readonly timeline: number;
  /** How far its WAL goes, as far as is known, bytes. */
  readonly position: number;
}

/** How a member's WAL stands to the leader's. `lsn` is where they part, bytes. */
export type WalFork =
  | { readonly kind: 'behind' }
  /** Both are on this timeline: from the histories alone nobody can tell. */
  | { readonly kind: 'same'; readonly timeline: number }
  /** It has WAL on `timeline` from `lsn` on that the leader does not have. */
  | { readonly kind: 'diverged'; readonly timeline: number; readonly lsn: number };

/**
 * Reads a timeline history file (`00000003.history`): a line for each timeline before, with the position at which it was left
 * (PostgreSQL, access/transam/timeline.c). Lines that are not of this form are left out.
 */
export function readHistoryFile(text: string): readonly TimelineEnd[] {
  return text.split('\n').flatMap((line) => {
    const [, timeline, high, low] = /^\s*(\d{1,10})\s+([0-9A-F]{1,8})\/([0-9A-F]{1,8})\b/i.exec(line) ?? [];
    if (timeline === undefined || high === undefined || low === undefined) return [];
    return [{ timeline: Number(timeline), lsn: parseInt(high, 16) * 2 ** 32 + parseInt(low, 16) }];
  });
}

interface Leg {
  readonly timeline: number;
  readonly end: number;
  readonly isLast: boolean;
}

function legsOf({ ends, timeline, position }: WalHistory): readonly Leg[] {
  return [
    ...ends.map((one) => ({ timeline: one.timeline, end: one.lsn, isLast: false })),
    { timeline, end: position, isLast: true },
  ];
}

/**
 * Where a member's WAL leaves the leader's, as pg_rewind finds it: the last position that both have (pg_rewind.c,
 * findCommonAncestorTimeline).
 */
export function findFork(own: WalHistory, leaders: WalHistory): WalFork {
  const [mine, theirs] = [legsOf(own), legsOf(leaders)];
  for (const [index, leg] of mine.entries()) {
    const other = theirs[index];
    const before = index === 0 ? 0 : (mine[index - 1]?.end ?? 0);
    if (other === undefined || other.timeline !== leg.timeline)
      return { kind: 'diverged', timeline: own.timeline, lsn: before };
    if (other.isLast && leg.isLast) return { kind: 'same', timeline: leg.timeline };
    if (other.isLast) return { kind: 'diverged', timeline: own.timeline, lsn: Math.min(leg.end, other.end) };
    if (leg.isLast)
      return leg.end <= other.end ? { kind: 'behind' } : { kind: 'diverged', timeline: leg.timeline, lsn: other.end };
    if (leg.end !== other.end) return { kind: 'diverged', timeline: own.timeline, lsn: Math.min(leg.end, other.end) };
  }
  return { kind: 'behind' };
}

/** A WAL position as PostgreSQL writes it. */
export function positionInWords(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 32)
    .toString(16)
    .toUpperCase()}/${(bytes % 2 ** 32).toString(16).toUpperCase()}`;
}
