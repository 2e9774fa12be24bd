/** Places in time that all lines of all charts share. */
export interface ChartGrid {
  /** Seconds since the epoch, ascending. */
  readonly times: readonly number[];
  /** ms. The first bucket begins here; each is so long, and has one place or two. */
  readonly from: number;
  readonly bucketMs: number;
  readonly perBucket: 1 | 2;
}

/** One kept figure: when, and the lowest and the highest of what it stands for. */
export interface KeptFigure {
  readonly at: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The grid for a time (ms since the epoch) at the given resolution of what is kept, with at most `most` places. Buckets are
 * whole steps and begin at whole ones, so that the picture does not tremble while time goes on. Where a bucket holds several
 * figures it has two places.
 */
export function chartGrid(
  range: { readonly from: number; readonly to: number },
  stepMs: number,
  most: number,
): ChartGrid {
  const span = Math.max(stepMs, range.to - range.from);
  const steps = Math.ceil(span / stepMs / Math.max(1, most));
  const perBucket = steps > 1 ? 2 : 1;
  const bucketMs = stepMs * (steps > 1 ? steps * 2 : 1);
  const from = Math.floor(range.from / bucketMs) * bucketMs;
  const buckets = Math.max(1, Math.ceil((range.to - from) / bucketMs));
  const times = Array.from(
    { length: buckets * perBucket },
    (_, index) => (from + (index * bucketMs) / perBucket) / 1000,
  );
  return { times, from, bucketMs, perBucket };
}

/**
 * Lays figures, oldest first, on a grid. A bucket with several keeps its lowest and its highest in the order in which they
 * came: no peak is lost.
 */
export function onGrid(grid: ChartGrid, figures: Iterable<KeptFigure>): (number | null)[] {
  const buckets = new Map<number, { low: KeptFigure; high: KeptFigure }>();
  for (const figure of figures) {
    const index = Math.floor((figure.at - grid.from) / grid.bucketMs);
    const bucket = buckets.get(index);
    if (bucket === undefined) buckets.set(index, { low: figure, high: figure });
    else {
      if (figure.low < bucket.low.low) bucket.low = figure;
      if (figure.high > bucket.high.high) bucket.high = figure;
    }
  }
  const values = new Array<number | null>(grid.times.length).fill(null);
  for (const [index, { low, high }] of buckets) {
    const place = index * grid.perBucket;
    if (place < 0 || place >= values.length) continue;
    if (grid.perBucket === 1) values[place] = high.high;
    else [values[place], values[place + 1]] = low.at <= high.at ? [low.low, high.high] : [high.high, low.low];
  }
  return values;
}

/**
 * A single empty place between two figures is no gap: readings come a little later each time, and now and then one place stays empty.
 * `undefined` there lets a line go on; every other hole stays null.
 */
export function withoutSingleGaps(values: readonly (number | null)[]): (number | null | undefined)[] {
  return values.map((value, index) =>
    value === null && values[index - 1] != null && values[index + 1] != null ? undefined : value,
  );
}
