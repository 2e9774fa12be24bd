import { describe, expect, it } from 'vitest';
import { judgeAge } from '../../../../shared/rules/postgres/wraparound';

describe('how far a database is from wraparound', () => {
  it.each([
    [150_000_000, 200_000_000, 'fine'],
    [200_000_001, 200_000_000, 'due'],
    [400_000_000, 200_000_000, 'late'],
    [900_000_000, 1_000_000_000, 'fine'],
    [1_200_000_000, 1_000_000_000, 'late'],
    [1_600_000_000, 2_000_000_000, 'critical'],
  ] as const)('an age of %d with autovacuum_freeze_max_age %d is %s', (age, freeze, verdict) => {
    expect(judgeAge(age, freeze)).toBe(verdict);
  });
});
