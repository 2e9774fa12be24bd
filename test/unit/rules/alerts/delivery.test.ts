import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../../shared/model/alerts/alert';
import { alertName, endNoticeOf, isQuiet, noticeOf, notifiedNow } from '../../../../shared/rules/alerts/delivery';

const alert = (change: Partial<Alert> = {}): Alert => ({
  id: 'a1',
  clusterId: 'shop',
  clusterTitle: 'Shop',
  rule: 'no_leader',
  subject: null,
  severity: 'critical',
  sentence: 'Nobody holds the leader lock.',
  advice: '',
  since: 0,
  raisedAt: 10_000,
  seenAt: 42_000,
  endedAt: null,
  hidden: false,
  notifiedAs: null,
  returned: 0,
  acknowledged: null,
  ...change,
});
const lag = alert({ id: 'a2', rule: 'lag', subject: 'db2', severity: 'warning', sentence: 'db2 is 90 MB behind.' });
const told = (change: Partial<Alert>): Alert => alert({ notifiedAs: 'critical', ...change });
const NIGHT = { from: 22 * 60, to: 7 * 60 };
const at = (hour: number, minute = 0) => ({ now: 1_000_000, minuteOfDay: hour * 60 + minute });

describe('quiet hours', () => {
  it.each([
    [NIGHT, at(23), true],
    [NIGHT, at(6, 59), true],
    [NIGHT, at(7), false],
    [NIGHT, at(21, 59), false],
    [{ from: 60, to: 120 }, at(1, 30), true],
    [{ from: 60, to: 120 }, at(2), false],
    [{ from: 60, to: 60 }, at(1), false],
    [null, at(3), false],
  ])('%o at %o are quiet: %s', (hours, { minuteOfDay }, quiet) => {
    expect(isQuiet(hours, minuteOfDay)).toBe(quiet);
  });

  it('hold back warnings, and never critical alerts', () => {
    const settings = { cluster: undefined, quietHours: NIGHT };
    expect(notifiedNow([alert(), lag], at(3), settings).map(({ id }) => id)).toEqual(['a1']);
    expect(notifiedNow([alert(), lag], at(12), settings).map(({ id }) => id)).toEqual(['a1', 'a2']);
  });
});

describe('a muted cluster', () => {
  it('notifies nothing until its time is over', () => {
    const muted = (mutedUntil: number) => ({ cluster: { rules: {}, mutedUntil }, quietHours: null });
    expect(notifiedNow([alert()], at(12), muted(1_000_001))).toEqual([]);
    expect(notifiedNow([alert()], at(12), muted(1_000_000))).toHaveLength(1);
  });
});

describe('what was notified', () => {
  const settings = { cluster: undefined, quietHours: null };

  it('is not notified again, unless the alert becomes graver', () => {
    expect(notifiedNow([told({})], at(12), settings)).toEqual([]);
    expect(notifiedNow([alert({ notifiedAs: 'warning' })], at(12), settings)).toHaveLength(1);
    expect(notifiedNow([alert({ severity: 'warning', notifiedAs: 'critical' })], at(12), settings)).toEqual([]);
  });

  it('is not notified any more when the alert is over', () => {
    expect(notifiedNow([alert({ endedAt: 42_000 })], at(12), settings)).toEqual([]);
  });
});

describe('a notification', () => {
  it('names the cluster, the rule and what it is about', () => {
    expect(noticeOf([lag])).toEqual({ title: 'Shop: Replication lag: db2', body: 'db2 is 90 MB behind.' });
    expect(alertName(alert())).toBe('No leader');
  });

  it('is one for all alerts of a cluster that come at once', () => {
    expect(noticeOf([alert(), lag])).toEqual({ title: 'Shop: 2 alerts', body: 'No leader, Replication lag: db2' });
    expect(noticeOf([])).toBe(null);
  });

  it('says when a critical alert is over, and how long it lasted', () => {
    expect(endNoticeOf([told({ endedAt: 42_000 }), { ...lag, notifiedAs: 'warning', endedAt: 42_000 }])).toEqual({
      title: 'Shop: resolved',
      body: 'No leader (42 s)',
    });
    expect(endNoticeOf([{ ...lag, notifiedAs: 'warning', endedAt: 42_000 }])).toBe(null);
    // Nobody was told that it began.
    expect(endNoticeOf([alert({ endedAt: 42_000 })])).toBe(null);
  });
});
