import type { LeaderChange } from './leader-observer';
import type { Shown } from './page-clock';

/** The middle value. */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle)
    ? ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
    : (sorted[Math.floor(middle)] ?? Number.NaN);
}

/** The two clocks are one, but the observer may hear of a change a little later than the app. */
const EARLIEST_MS = -50;
const LATEST_MS = 5_000;

/** Something that was seen: by whom `what` says, when, and which holder. */
export interface Seen {
  readonly what: string;
  readonly text: string;
  readonly at: number;
}

/** For each change the time until it was seen, ms; a change that was over before anybody could see it has none. */
export function delays(changes: readonly LeaderChange[], seen: readonly Seen[]): readonly number[] {
  const left = [...seen].sort((a, b) => a.at - b.at);
  return changes.flatMap((change) => {
    const index = left.findIndex(
      (one) =>
        one.what === change.what &&
        one.text === change.holder &&
        one.at - change.at >= EARLIEST_MS &&
        one.at - change.at <= LATEST_MS,
    );
    const [found] = index < 0 ? [] : left.splice(index, 1);
    return found === undefined ? [] : [found.at - change.at];
  });
}

/** The page's words by the time they were painted. */
export function painted(seen: readonly Shown[]): readonly Seen[] {
  return seen.map(({ what, text, painted: at }) => ({ what, text, at }));
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
