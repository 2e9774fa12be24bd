import { describe, expect, it } from 'vitest';
import type { Alert, ClusterAlerts } from '../../../../shared/model/alerts/alert';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { afterPause, stepAlerts, type WatchedCondition } from '../../../../shared/rules/alerts/step-alerts';
import { Facts } from '../../../support/cluster/cluster-facts';

const SECOND = 1_000;

type Weather = 'well' | 'paused' | 'hidden';

/** A cluster that is looked at again and again, for one rule: automatic failover is paused for longer than ten seconds. */
function follow(settings: Partial<ClusterAlerts> = {}) {
  const set: ClusterAlerts = { rules: { paused: { afterMs: 10 * SECOND } }, mutedUntil: null, ...settings };
  const cluster = new Facts().fold();
  let watched: readonly WatchedCondition[] = [];
  let now = cluster.at;
  let ids = 0;
  let unread: readonly string[] = [];
  const log: string[] = [];
  const begun = now;
  const at = (): string => `${(now - begun) / SECOND}s`;
  const see = (state: ClusterState): void => {
    const step = stepAlerts(watched, {
      state,
      now,
      settings: set,
      newId: () => `a${(ids += 1)}`,
      reportedAt: () => now,
      unreadBy: () => unread,
      figures: () => null,
      behindFor: () => 0,
    });
    watched = step.watched;
    for (const { id } of step.raised) log.push(`${at()} raised ${id}`);
    for (const { id, since, endedAt } of step.ended)
      log.push(`${at()} ended ${id} after ${((endedAt ?? 0) - since) / SECOND}s`);
  };
  return {
    log,
    see,
    cluster,
    /** Looks once a second for so long. */
    pass: (seconds: number, weather: Weather): void => {
      const paused = { well: false, paused: true, hidden: null }[weather];
      for (let passed = 0; passed < seconds; passed += 1) {
        see({ ...cluster, paused });
        now += SECOND;
      }
    },
    /** The computer sleeps for so long. */
    sleep: (seconds: number): void => {
      now += seconds * SECOND;
      watched = afterPause(watched, now);
    },
    /** The app is started again; of these servers nothing was read since then. */
    restartWithout: (...servers: readonly string[]): void => {
      unread = servers;
    },
    alert: (): Alert | null => watched.find(({ rule }) => rule === 'paused')?.alert ?? null,
  };
}

/** Nobody gets through HAProxy on each of these servers. */
const closedOn = (...servers: readonly string[]): ClusterState['findings'] =>
  servers.map((server) => ({
    ...{ code: 'balancer.closed', severity: 'critical', member: null, subject: `${server} primary` },
    ...{ sentence: `Nobody gets through on ${server}.`, evidence: '', advice: '' },
  }));

it('an alert about a server of which nothing was read yet is neither over nor kept from ending elsewhere', () => {
  const { log, see, cluster, pass, restartWithout } = follow({ rules: { balancer: { afterMs: 0 } } });
  see({ ...cluster, findings: closedOn('lb10', 'lb1') });
  expect(log).toEqual(['0s raised a1', '0s raised a2']);
  restartWithout('lb1');
  pass(60, 'well');
  expect(log.slice(2)).toEqual([expect.stringMatching(/ended a2/)]);
  restartWithout();
  pass(60, 'well');
  expect(log.slice(3)).toEqual([expect.stringMatching(/ended a1/)]);
});

describe('an alert', () => {
  it('is raised once the condition has lasted as long as its rule says, and once only', () => {
    const { log, pass, alert } = follow();
    pass(10, 'paused');
    expect(log).toEqual([]);
    pass(60, 'paused');
    expect(log).toEqual(['10s raised a1']);
    expect(alert()).toMatchObject({ rule: 'paused', subject: null, severity: 'warning', endedAt: null, returned: 0 });
  });

  it('is not raised by a condition that was gone meanwhile', () => {
    const { log, pass } = follow();
    for (let round = 0; round < 5; round += 1) {
      pass(9, 'paused');
      pass(1, 'well');
    }
    expect(log).toEqual([]);
  });

  it('ends when the condition is gone for a while, and says how long the condition lasted', () => {
    const { log, pass } = follow();
    pass(40, 'paused');
    pass(14, 'well');
    expect(log).toEqual(['10s raised a1']);
    pass(10, 'well');
    expect(log).toEqual(['10s raised a1', '55s ended a1 after 40s']);
  });

  it('neither ends nor is raised by what cannot be seen', () => {
    const { log, pass } = follow();
    pass(40, 'paused');
    pass(300, 'hidden');
    expect(log).toEqual(['10s raised a1']);
    pass(20, 'well');
    expect(log.at(-1)).toBe('355s ended a1 after 340s');
    const unseen = follow();
    unseen.pass(100, 'hidden');
    expect(unseen.log).toEqual([]);
  });

  it('is seen to be gone anew once it could not be seen in between', () => {
    const { log, pass } = follow();
    pass(40, 'paused');
    pass(10, 'well');
    pass(60, 'hidden');
    pass(14, 'well');
    expect(log).toEqual(['10s raised a1']);
    pass(2, 'well');
    expect(log.at(-1)).toBe('125s ended a1 after 110s');
  });

  it('that had ended counts anew when it comes back after a time in which nobody could see', () => {
    const { log, pass, alert } = follow();
    pass(40, 'paused');
    pass(30, 'well');
    pass(60, 'hidden');
    pass(9, 'paused');
    expect(alert()).toMatchObject({ returned: 0, endedAt: expect.any(Number) as number });
    pass(10, 'paused');
    expect(alert()).toMatchObject({ returned: 1, endedAt: null });
    expect(log.filter((line) => line.includes('raised'))).toEqual(['10s raised a1']);
  });

  it('is not raised by what was seen before and after a sleep of the computer, and not between', () => {
    const { log, pass, sleep } = follow();
    pass(3, 'paused');
    sleep(3600);
    pass(9, 'paused');
    expect(log).toEqual([]);
    pass(5, 'paused');
    expect(log).toEqual(['3613s raised a1']);
  });

  it('that lasted before a sleep of the computer ends when it is seen to be gone for a while after it', () => {
    const { log, pass, sleep } = follow();
    pass(40, 'paused');
    pass(10, 'well');
    sleep(3600);
    pass(14, 'well');
    expect(log).toEqual(['10s raised a1']);
    pass(10, 'well');
    expect(log.at(-1)).toBe('3665s ended a1 after 3650s');
  });

  it('that flaps is one alert', () => {
    const { log, pass, alert } = follow();
    for (let round = 0; round < 4; round += 1) {
      pass(30, 'paused');
      pass(30, 'well');
    }
    expect(log.filter((line) => line.includes('raised'))).toEqual(['10s raised a1']);
    expect(alert()).toMatchObject({ id: 'a1', returned: 3 });
  });

  it('that flaps says how long it lasts this time, and whether it can be seen', () => {
    const { pass, alert, cluster } = follow();
    pass(30, 'paused');
    pass(30, 'well');
    pass(30, 'paused');
    expect(alert()).toMatchObject({ since: cluster.at + 60 * SECOND, hidden: false, returned: 1 });
    pass(10, 'hidden');
    expect(alert()).toMatchObject({ hidden: true, endedAt: null });
  });

  it('that returns only after its time was over is a new one, though the condition was back before', () => {
    const { log, pass } = follow({ rules: { paused: { afterMs: 200 * SECOND } } });
    pass(210, 'paused');
    pass(200, 'well');
    pass(300, 'paused');
    expect(log.filter((line) => line.includes('raised'))).toEqual(['200s raised a1', '610s raised a2']);
  });

  it('that returns after a long time is a new one', () => {
    const { log, pass } = follow();
    pass(30, 'paused');
    pass(400, 'well');
    pass(30, 'paused');
    expect(log.filter((line) => line.includes('raised'))).toEqual(['10s raised a1', '440s raised a2']);
  });

  it('ends at once when its rule is switched off', () => {
    const on = follow();
    on.pass(30, 'paused');
    const step = stepAlerts([{ rule: 'paused', subject: null, since: 0, clearSince: null, alert: on.alert() }], {
      state: { ...on.cluster, paused: true },
      now: on.cluster.at + 99 * SECOND,
      settings: { rules: { paused: { on: false } }, mutedUntil: null },
      newId: () => 'never',
      reportedAt: () => null,
      unreadBy: () => [],
      figures: () => null,
      behindFor: () => 0,
    });
    expect(step).toMatchObject({ watched: [], raised: [], ended: [{ id: 'a1' }] });
  });

  it('that has ended is over when its rule is switched off, and nobody waits for it to come back', () => {
    const on = follow();
    on.pass(30, 'paused');
    on.pass(30, 'well');
    const ended = { rule: 'paused', subject: null, since: 0, clearSince: 0, alert: on.alert() } as const;
    const step = stepAlerts([ended], {
      state: on.cluster,
      now: on.cluster.at + 99 * SECOND,
      settings: { rules: { paused: { on: false } }, mutedUntil: null },
      newId: () => 'never',
      reportedAt: () => null,
      unreadBy: () => [],
      figures: () => null,
      behindFor: () => 0,
    });
    expect(step).toMatchObject({ watched: [], ended: [], over: [{ id: 'a1' }] });
  });

  it('is not raised for a cluster that is on hold', () => {
    const { log, see, cluster } = follow({ rules: { paused: { afterMs: 0 } } });
    see({ ...cluster, paused: true, onHold: true });
    expect(log).toEqual([]);
    see({ ...cluster, paused: true });
    expect(log).toEqual(['0s raised a1']);
  });
});
