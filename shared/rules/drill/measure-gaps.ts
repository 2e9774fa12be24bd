/** One write of a client, by its own clock, ms. `endedAt` is when it was acknowledged, refused or given up. */
export interface DrillWrite {
  readonly n: number;
  readonly sentAt: number;
  readonly endedAt: number;
  readonly acknowledged: boolean;
  /** Why it was not acknowledged, in the words of who refused; null where it was. */
  readonly refusal: string | null;
}

/** A time in which writes were not acknowledged, ms by the client's clock; `to` is null where it had not ended. */
export interface WriteGap {
  readonly from: number;
  readonly to: number | null;
}

/** An acknowledged write that took longer than this was late, ms: to its application it is an interruption. */
const LATE_WRITE_MS = 1000;

/** Whether a write was refused, never answered, or late. */
function isBad({ sentAt, endedAt, acknowledged }: DrillWrite): boolean {
  return !acknowledged || endedAt - sentAt > LATE_WRITE_MS;
}

/**
 * The gaps of one client on one way since a fault: each begins when the first write was sent that was refused, given up or late, and
 * ends with the first acknowledgement of a write that was sent then or after. Writes may overlap: while one waits, others are tried. What
 * was bad and over before the fault is not its doing.
 */
export function measureGaps(writes: readonly DrillWrite[], struckAt: number): readonly WriteGap[] {
  const gaps: WriteGap[] = [];
  const sorted = writes.toSorted((a, b) => a.sentAt - b.sentAt);
  let notBefore = -Infinity;
  for (const [index, write] of sorted.entries()) {
    if (write.sentAt < notBefore || write.endedAt < struckAt || !isBad(write)) continue;
    const to = firstAcknowledged(sorted.slice(index));
    gaps.push({ from: write.sentAt, to });
    if (to === null) break;
    notBefore = to;
  }
  return gaps;
}

function firstAcknowledged(writes: readonly DrillWrite[]): number | null {
  return writes.reduce<number | null>(
    (first, { acknowledged, endedAt }) => (acknowledged && (first === null || endedAt < first) ? endedAt : first),
    null,
  );
}

/** The length of a gap, ms; of one that is open, up to `until`. */
export function gapLength({ from, to }: WriteGap, until: number): number {
  return Math.max(0, (to ?? until) - from);
}

/** The longest gap; an open one counts up to `until`. Null where there is none. */
export function longestGap(gaps: readonly WriteGap[], until: number): WriteGap | null {
  return gaps.reduce<WriteGap | null>(
    (longest, gap) => (longest === null || gapLength(gap, until) > gapLength(longest, until) ? gap : longest),
    null,
  );
}
