import { describe, expect, it } from 'vitest';
import { behindFor, followLeader, type LeaderTrail } from '../../../../shared/rules/alerts/leader-trail';

const SECOND = 1_000;
const follow = (positions: readonly (readonly [number, number])[], leader = 'db1', from: LeaderTrail | null = null) =>
  positions.reduce<LeaderTrail | null>(
    (trail, [at, lsn]) => followLeader(trail, { leader, lsn, at: at * SECOND }),
    from,
  );

describe('the trail of a leader', () => {
  it('tells since when a replica lacks what the leader had written', () => {
    const trail = follow([
      [0, 100],
      [10, 200],
      [20, 300],
    ]);
    expect(behindFor(trail, 300, 50 * SECOND)).toBe(0);
    expect(behindFor(trail, 299, 50 * SECOND)).toBe(30 * SECOND);
    expect(behindFor(trail, 150, 50 * SECOND)).toBe(40 * SECOND);
    expect(behindFor(trail, 1, 50 * SECOND)).toBe(50 * SECOND);
  });

  it('does not grow while the leader is idle and the replica has everything', () => {
    const trail = follow([
      [0, 100],
      [3600, 100],
    ]);
    expect(behindFor(trail, 100, 7200 * SECOND)).toBe(0);
  });

  it('begins anew with another leader, and where the position went back', () => {
    const trail = follow([[0, 100]]);
    expect(follow([[9, 500]], 'db2', trail)?.positions).toHaveLength(1);
    expect(follow([[9, 50]], 'db1', trail)?.positions).toEqual([{ at: 9 * SECOND, lsn: 50 }]);
    expect(behindFor(null, 0, 1)).toBe(0);
  });

  it('stays small over a day of writes, and forgets no stretch of it', () => {
    const trail = follow(Array.from({ length: 43_000 }, (_, index) => [index * 2, index] as const));
    expect(trail?.positions.length).toBeLessThan(1_300);
    const behind = behindFor(trail, 21_500, 86_000 * SECOND);
    expect(behind / SECOND).toBeGreaterThan(41_000);
    expect(behind / SECOND).toBeLessThan(43_100);
  });
});
