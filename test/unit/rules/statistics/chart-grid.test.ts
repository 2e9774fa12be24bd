import { describe, expect, it } from 'vitest';
import { chartGrid, onGrid, withoutSingleGaps } from '../../../../shared/rules/statistics/chart-grid';

const STEP = 10_000;
const point = (at: number, value: number) => ({ at, low: value, high: value });

describe('the places in time of a chart', () => {
  it('are the steps of what is kept where they fit', () => {
    const grid = chartGrid({ from: 5_000, to: 60_000 }, STEP, 100);
    expect(grid).toMatchObject({ from: 0, bucketMs: STEP, perBucket: 1 });
    expect(grid.times).toEqual([0, 10, 20, 30, 40, 50]);
  });
  it('are no more than were asked for, and the same ones while time goes on', () => {
    const [early, late] = [0, 30_000].map((later) =>
      chartGrid({ from: 1_000_000 + later, to: 87_400_000 + later }, STEP, 600),
    );
    expect(early?.times.length).toBeLessThanOrEqual(602);
    expect(late?.bucketMs).toBe(early?.bucketMs);
    expect((late?.from ?? 1) % (late?.bucketMs ?? 1)).toBe(0);
  });
  it('keep a range that ends before it begins from being none', () => {
    expect(chartGrid({ from: 60_000, to: 0 }, STEP, 10).times).toHaveLength(1);
  });
});

describe('figures on these places', () => {
  it('stay where they are, and holes stay holes', () => {
    const grid = chartGrid({ from: 0, to: 50_000 }, STEP, 100);
    expect(onGrid(grid, [point(0, 1), point(20_000, 3)])).toEqual([1, null, 3, null, null]);
  });
  it('keep the lowest and the highest of many, in the order in which they came', () => {
    const grid = chartGrid({ from: 0, to: 400_000 }, STEP, 20);
    expect(grid.perBucket).toBe(2);
    const figures = [point(0, 5), point(10_000, 99), point(20_000, 1), point(30_000, 5)];
    expect(onGrid(grid, figures).slice(0, 2)).toEqual([99, 1]);
    expect(onGrid(grid, [point(0, 1), point(10_000, 99)]).slice(0, 2)).toEqual([1, 99]);
  });
  it('leave out what is not in the range', () => {
    const grid = chartGrid({ from: 100_000, to: 120_000 }, STEP, 100);
    expect(onGrid(grid, [point(0, 1), point(110_000, 2), point(500_000, 3)])).toEqual([null, 2]);
  });
  it('go on over a single empty place, and not over more', () => {
    expect(withoutSingleGaps([1, null, 2, null, null, 3, null])).toEqual([1, undefined, 2, null, null, 3, null]);
  });
});
