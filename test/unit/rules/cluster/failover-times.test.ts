import { describe, expect, it } from 'vitest';
import {
  expectedOf,
  expectFailover,
  failoverTimesInWords,
  USUAL_CHECKS,
} from '../../../../shared/rules/cluster/failover-times';
import { failoverPresets } from '../../../../shared/rules/deploy/spec/suggest';

const NORMAL = { ttl: 30, loopWait: 10, retryTimeout: 10 };

describe('what to expect of a failover', () => {
  it.each([
    // ttl, loop_wait, retry_timeout; server lost on average and at worst; PostgreSQL lost; false failover
    [20, 5, 5, 20.5, 28, 3, 6, 'possible'],
    [25, 5, 10, 25.5, 33, 3, 6, 'unlikely'],
    [30, 10, 10, 28, 38, 5.5, 11, 'unlikely'],
    [60, 10, 20, 58, 68, 5.5, 11, 'unlikely'],
    [20, 14, 3, 16, 28, 7.5, 15, 'likely'],
  ] as const)(
    'with ttl %d, loop_wait %d and retry_timeout %d',
    (ttl, loopWait, retryTimeout, average, worst, noticed, noticedWorst, falseFailover) => {
      const times = expectFailover({ ttl, loopWait, retryTimeout });
      expect(times.serverLost).toEqual({ average, worst });
      expect(times.postgresLost).toEqual({ average: noticed, worst: noticedWorst, plusRecovery: true });
      expect(times.falseFailover).toBe(falseFailover);
      expect(times.ridesOutDcs).toBe(retryTimeout);
      expect(times.ridesOutStall).toBe(ttl - loopWait);
    },
  );

  it("grows with the load balancer's rise, and with its fall clients notice a dead Patroni later", () => {
    const usual = expectFailover(NORMAL, USUAL_CHECKS);
    const slow = expectFailover(NORMAL, { inter: 3, fall: 3, rise: 2 });
    expect(slow.serverLost.worst - usual.serverLost.worst).toBe(5);
    expect(slow.patroniLost.average).toBe(slow.serverLost.average - 9);
  });

  it('has no recovery in place where a crashed primary is given up at once', () => {
    const { postgresLost } = expectFailover(NORMAL, USUAL_CHECKS, 0);
    expect(postgresLost).toEqual({ average: 7.5, worst: 16, plusRecovery: false });
  });

  it('is never better at worst than on average, whatever the times', () => {
    for (const ttl of [20, 30, 90])
      for (const loopWait of [1, 10, 19]) {
        const times = expectFailover({ ttl, loopWait, retryTimeout: 3 });
        for (const span of [times.serverLost, times.patroniLost, times.postgresLost, times.switchover])
          expect(span.worst).toBeGreaterThanOrEqual(span.average);
      }
  });

  it.each(failoverPresets)(
    'is told for the preset $label: average, worst, and how likely a false failover is',
    (preset) => {
      const words = failoverTimesInWords(expectFailover(preset)).join(' ');
      expect(words).toMatch(/Server or network of the leader lost: no writes for about \d+ s, at worst \d+ s/);
      expect(words).toMatch(/A false failover is (unlikely|possible|likely)/);
    },
  );

  it.each([
    'switchover',
    'postgres_killed',
    'patroni_killed',
    'patroni_frozen',
    'server_rebooted',
    'network_cut',
  ] as const)('is known for a drill by %s', (fault) => {
    expect(expectedOf(expectFailover(NORMAL), fault)?.average).toBeGreaterThan(0);
  });
});
