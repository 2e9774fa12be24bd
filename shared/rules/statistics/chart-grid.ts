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
  const values = new Array<number | null>(grid.times.length).fill(null);
  // One before the grid, which has no place.
  let bucket: Bucket = { index: -1, low: NOTHING, high: NOTHING };
  for (const figure of figures) {
    const index = Math.floor((figure.at - grid.from) / grid.bucketMs);
    if (bucket.index !== index) {
      place(values, grid, bucket);
      bucket = { index, low: figure, high: figure };
    } else {
      if (figure.low < bucket.low.low) bucket.low = figure;
      if (figure.high > bucket.high.high) bucket.high = figure;
    }
  }
  place(values, grid, bucket);
  return values;
}

const NOTHING: KeptFigure = { at: 0, low: 0, high: 0 };

interface Bucket {
  readonly index: number;
  low: KeptFigure;
  high: KeptFigure;
}

function place(values: (number | null)[], { perBucket }: ChartGrid, { index, low, high }: Bucket): void {
  const first = index * perBucket;
  if (first < 0 || first >= values.length) return;
  if (perBucket === 1) values[first] = high.high;
  else [values[first], values[first + 1]] = low.at <= high.at ? [low.low, high.high] : [high.high, low.low];
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
