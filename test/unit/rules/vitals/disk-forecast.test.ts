import { describe, expect, it } from 'vitest';
import { addReading, fullAt, type DiskReading } from '../../../../shared/rules/vitals/disk-forecast';

const MINUTE = 60_000;
const GB = 1024 ** 3;

/** Readings every two minutes; `free` in GB by minutes. */
const follow = (minutes: number, free: (minute: number) => number): readonly DiskReading[] => {
  let readings: readonly DiskReading[] = [];
  for (let minute = 0; minute <= minutes; minute += 2)
    readings = addReading(readings, { at: minute * MINUTE, size: 100 * GB, free: free(minute) * GB });
  return readings;
};
const minutesUntilFull = (readings: readonly DiskReading[]): number | null => {
  const full = fullAt(readings);
  return full === null ? null : Math.round((full - (readings.at(-1)?.at ?? 0)) / MINUTE);
};

describe('the forecast of a disk', () => {
  it.each<readonly [string, number, (minute: number) => number, number | null]>([
    ['fills evenly', 60, (minute) => 80 - minute / 2, 100],
    ['fills evenly for ten minutes', 10, (minute) => 80 - minute, 70],
    ['is followed for too short', 6, (minute) => 80 - minute, null],
    ['does not change', 60, () => 50, null],
    ['is freed', 60, (minute) => 20 + minute / 2, null],
    ['filled, and stopped', 60, (minute) => (minute < 40 ? 80 - minute : 40), null],
    [
      'began to fill fast after an hour, and is told the slower of both',
      72,
      (minute) => (minute < 60 ? 80 : 80 - (minute - 60)),
      408,
    ],
    ['is full', 60, (minute) => Math.max(0, 30 - minute), null],
  ])('that %s', (_name, minutes, free, left) => {
    expect(minutesUntilFull(follow(minutes, free))).toBe(left);
  });

  it('begins anew where the disk has another size, or the clock went back', () => {
    const before = follow(60, (minute) => 80 - minute);
    expect(addReading(before, { at: 61 * MINUTE, size: 200 * GB, free: 100 * GB })).toHaveLength(1);
    expect(addReading(before, { at: 0, size: 100 * GB, free: GB })).toHaveLength(1);
  });

  it('keeps two hours, and no more', () => {
    expect(follow(600, () => 5)).toHaveLength(61);
  });
});
