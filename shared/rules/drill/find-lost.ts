import type { DrillWrite } from './measure-gaps';

/** How many lost writes are named by number; all are counted. */
const MOST_NAMED = 200;

/** What became of the writes of one client on one way. */
export interface FoundWrites {
  /** Acknowledged and not there: how many, and the first of them by number. */
  readonly lost: { readonly count: number; readonly numbers: readonly number[] };
  /** Not acknowledged, and there all the same: the answer was lost, not the write. */
  readonly foundUnacknowledged: number;
}

/** Compares what a client was told with the rows that are there. */
export function findLostWrites(writes: readonly DrillWrite[], there: ReadonlySet<number>): FoundWrites {
  const lost = writes.filter(({ n, acknowledged }) => acknowledged && !there.has(n)).map(({ n }) => n);
  return {
    lost: { count: lost.length, numbers: lost.slice(0, MOST_NAMED) },
    foundUnacknowledged: writes.filter(({ n, acknowledged }) => !acknowledged && there.has(n)).length,
  };
}

/** Numbers as ranges, e.g. `3, 7 to 12, 20`. */
export function numbersInWords(numbers: readonly number[]): string {
  const ranges: { from: number; to: number }[] = [];
  for (const n of numbers.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.to === n - 1) last.to = n;
    else ranges.push({ from: n, to: n });
  }
  return ranges.map(({ from, to }) => (from === to ? String(from) : `${from} to ${to}`)).join(', ');
}
