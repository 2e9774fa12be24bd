import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../electron/core/platform/backoff';

describe('the pause before another attempt', () => {
  it('doubles with each failure and never grows beyond its longest', () => {
    const range = { minMs: 200, maxMs: 3_000 };
    expect([1, 2, 3, 4, 5, 50, 5_000].map((failures) => backoffMs(failures, range))).toEqual([
      200, 400, 800, 1_600, 3_000, 3_000, 3_000,
    ]);
  });
});
