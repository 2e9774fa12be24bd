import type { TabView } from '../../../navigation/tab-views';

/** The time that all charts show: up to now, or a part of the past that was chosen. Times in ms since the epoch. */
export type ChartRange =
  | { readonly kind: 'recent'; readonly lengthMs: number }
  | { readonly kind: 'fixed'; readonly from: number; readonly to: number };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The lengths to choose from, ms. */
export const rangeLengths: Readonly<Record<TabView<'charts'>, number>> = {
  'min-15': 15 * MINUTE,
  'h-1': HOUR,
  'h-6': 6 * HOUR,
  'h-24': DAY,
  'd-7': 7 * DAY,
  'd-30': 30 * DAY,
};

/** Nothing shorter is shown: figures are ten seconds apart. */
const SHORTEST = 2 * MINUTE;
const LONGEST = 31 * DAY;

/** What a range means at a moment. */
export function spanOf(range: ChartRange, now: number): { readonly from: number; readonly to: number } {
  return range.kind === 'recent' ? { from: now - range.lengthMs, to: now } : { from: range.from, to: range.to };
}

/** Half or twice as long around the middle; never shorter or longer than there is something to see, and never beyond now. */
export function zoomed(range: ChartRange, factor: number, now: number): ChartRange {
  const { from, to } = spanOf(range, now);
  const length = Math.min(LONGEST, Math.max(SHORTEST, (to - from) * factor));
  const middle = (from + to) / 2;
  const end = Math.min(now, middle + length / 2);
  return { kind: 'fixed', from: end - length, to: end };
}

/** Half a length earlier (-1) or later (1); arriving at now, it goes on with the present. */
export function moved(range: ChartRange, direction: -1 | 1, now: number): ChartRange {
  const { from, to } = spanOf(range, now);
  const length = to - from;
  const end = to + (direction * length) / 2;
  return end >= now ? { kind: 'recent', lengthMs: length } : { kind: 'fixed', from: end - length, to: end };
}

/** A part that was marked with the pointer, widened where it is too short to show anything. */
export function marked(from: number, to: number): ChartRange {
  const widen = Math.max(0, SHORTEST - (to - from)) / 2;
  return { kind: 'fixed', from: from - widen, to: to + widen };
}
