import type { LogRecord } from '../../model/logs/log-record';

/** What has a place in time. */
interface Timed {
  readonly id: string;
  readonly at: number;
}

/** An entry that is read again after the clock was measured anew has a time that differs by less than this. */
const DRIFT_MS = 5_000;

/**
 * Entries in the order of their corrected times; equal times keep the order they came in, those of `before` first. An entry
 * that is in `before` already is left out. Both lists are ordered by time; a batch at the end of a long list costs its own
 * length only.
 */
export function mergeByTime<T extends Timed>(before: readonly T[], fresh: readonly T[]): readonly T[] {
  const [first] = fresh;
  if (first === undefined) return before;
  const from = firstAfter(before, first.at - DRIFT_MS);
  const tail = before.slice(from);
  const known = new Set(tail.map((one) => one.id));
  const added = fresh.filter((one) => !known.has(one.id));
  if (added.length === 0) return before;
  return [...before.slice(0, from), ...interleave(tail, added)];
}

function interleave<T extends Timed>(before: readonly T[], fresh: readonly T[]): readonly T[] {
  const merged: T[] = [];
  let at = 0;
  for (const one of fresh) {
    for (let next = before[at]; next !== undefined && next.at <= one.at; next = before[at]) {
      merged.push(next);
      at += 1;
    }
    merged.push(one);
  }
  return [...merged, ...before.slice(at)];
}

/** The index of the first entry that is later than a time; the length where there is none. */
export function firstAfter(entries: readonly { readonly at: number }[], time: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.at ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Entries in the order of their corrected times; equal times keep the order they came in. */
export function sortByTime(records: readonly LogRecord[]): readonly LogRecord[] {
  return [...records].sort((one, other) => one.at - other.at);
}
