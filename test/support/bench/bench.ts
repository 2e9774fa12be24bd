import { loadavg } from 'node:os';

/** One measured figure. `ratio` is ours against the baseline; `limit` is what the ratio (or `ours`, without a baseline) may be at most. */
export interface BenchRow {
  readonly name: string;
  readonly ours: number;
  readonly baseline: number | null;
  readonly ratio: number | null;
  readonly limit: number | null;
  /** The unit of `ours` and `baseline`, e.g. `ms`. */
  readonly unit: string;
  readonly ok: boolean;
  /** The machine's load (average over a minute) when it was measured; on a loaded machine every time is longer. */
  readonly load: number;
}

/** What a file in test/bench exports by default. */
export type Bench = () => Promise<readonly BenchRow[]>;

/** A row with its ratio and verdict worked out. */
export function benchRow(
  name: string,
  unit: string,
  ours: number,
  baseline: number | null,
  limit: number | null,
): BenchRow {
  const ratio = baseline === null || baseline === 0 ? null : ours / baseline;
  return {
    name,
    unit,
    ours,
    baseline,
    ratio,
    limit,
    ok: limit === null || (ratio ?? ours) <= limit,
    load: loadavg()[0] ?? Number.NaN,
  };
}

/** The value below which `share` of the samples lie, e.g. 0.95. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
