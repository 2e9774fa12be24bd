import { describe, expect, it } from 'vitest';
import type { AvailabilitySpan, Month } from '../../../../shared/model/availability/availability';
import {
  availabilityCsv,
  availabilityInWords,
  availabilityPage,
  availableShare,
} from '../../../../shared/rules/availability/availability-page';
import { reportAvailability } from '../../../../shared/rules/availability/availability-report';
import { causeOfGap } from '../../../../shared/rules/availability/gap-cause';
import {
  boundsOfMonth,
  isZone,
  momentInZone,
  monthOf,
  monthsBetween,
} from '../../../../shared/rules/availability/months';

const at = (text: string): number => Date.parse(text);
const HOUR = 3_600_000;
const OCTOBER: Month = { year: 2026, month: 10, zone: 'UTC' };

const up = (from: string, to: string, primary = 'db1', timeline = 4): AvailabilitySpan => ({
  kind: 'up',
  from: at(from),
  to: at(to),
  primary,
  timeline,
});
const down = (from: string, to: string, change: object = {}): AvailabilitySpan => ({
  kind: 'down',
  from: at(from),
  to: at(to),
  slackMs: 2000,
  before: 'db1',
  after: 'db2',
  planned: false,
  cause: 'The leader key of db1 is gone.',
  ...change,
});
const report = (spans: readonly AvailabilitySpan[], change: object = {}) =>
  reportAvailability({
    cluster: 'Orders',
    spans,
    history: [],
    month: OCTOBER,
    now: at('2026-11-20T00:00:00Z'),
    problem: null,
    ...change,
  });

describe('the bounds of a month', () => {
  it.each([
    ['UTC', 2026, 10, '2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z', 744],
    [
      'the month in which clocks are set back has an hour more',
      2026,
      10,
      '2026-09-30T22:00:00Z',
      '2026-10-31T23:00:00Z',
      745,
    ],
    [
      'the one in which they are set forward has an hour less',
      2026,
      3,
      '2026-02-28T23:00:00Z',
      '2026-03-31T22:00:00Z',
      743,
    ],
    ['December ends with the year', 2026, 12, '2026-11-30T23:00:00Z', '2026-12-31T23:00:00Z', 744],
  ] as const)('%s', (name, year, month, from, to, hours) => {
    const zone = name === 'UTC' ? 'UTC' : 'Europe/Berlin';
    const bounds = boundsOfMonth({ year, month, zone });
    expect([new Date(bounds.from).toISOString(), new Date(bounds.to).toISOString()]).toEqual([
      new Date(from).toISOString(),
      new Date(to).toISOString(),
    ]);
    expect((bounds.to - bounds.from) / HOUR).toBe(hours);
  });

  it.each([
    ['Pacific/Auckland', '2026-09-30T11:00:00Z'],
    ['America/New_York', '2026-10-01T04:00:00Z'],
    ['Asia/Kolkata', '2026-09-30T18:30:00Z'],
  ])('are those of the zone: %s', (zone, from) => {
    expect(boundsOfMonth({ ...OCTOBER, zone }).from).toBe(at(from));
  });

  it('say in which month a moment is, and list months newest first', () => {
    expect(monthOf(at('2026-09-30T22:30:00Z'), 'Europe/Berlin')).toMatchObject({ year: 2026, month: 10 });
    const months = monthsBetween(at('2025-11-15T00:00:00Z'), at('2026-01-15T00:00:00Z'), 'UTC');
    expect(months.map(({ year, month }) => `${year}-${month}`)).toEqual(['2026-1', '2025-12', '2025-11']);
  });

  it('tell both hours apart when clocks are set back', () => {
    expect(momentInZone(at('2026-10-25T00:30:00Z'), 'Europe/Berlin')).toBe('2026-10-25 02:30:00 +02:00');
    expect(momentInZone(at('2026-10-25T01:30:00Z'), 'Europe/Berlin')).toBe('2026-10-25 02:30:00 +01:00');
  });

  it('are refused for a zone that there is not', () => {
    expect([isZone('Europe/Berlin'), isZone('Nowhere/At_All'), isZone('')]).toEqual([true, false, false]);
  });
});

describe('the availability of a month', () => {
  it('counts only what was watched: the rest is not known', () => {
    const made = report([
      up('2026-10-01T00:00:00Z', '2026-10-01T06:00:00Z'),
      up('2026-10-01T12:00:00Z', '2026-10-01T18:00:00Z'),
    ]);
    expect(made).toMatchObject({ upMs: 12 * HOUR, downMs: 0, unknownMs: 732 * HOUR, available: 1 });
    expect(made.known).toBeCloseTo(12 / 744, 6);
    expect(made.unwatched).toHaveLength(2);
  });

  it('is not known where nothing was watched', () => {
    const made = report([]);
    expect(made).toMatchObject({ available: null, known: 0, upMs: 0, downMs: 0, outages: [] });
    expect(availabilityInWords(made)).toContain('not known');
  });

  it('takes what was measured as down for down, also where it was seen as up meanwhile', () => {
    const made = report([
      up('2026-10-02T00:00:00Z', '2026-10-02T01:00:10Z'),
      down('2026-10-02T01:00:00Z', '2026-10-02T01:00:30Z'),
      up('2026-10-02T01:00:30Z', '2026-10-02T02:00:00Z', 'db2', 5),
    ]);
    expect(made).toMatchObject({ downMs: 30_000, upMs: 2 * HOUR - 30_000 });
    expect(made.led.map(({ member, timeline }) => [member, timeline])).toEqual([
      ['db1', 4],
      ['db2', 5],
    ]);
    expect(made.outages).toMatchObject([
      { slackMs: 2000, cause: 'The leader key of db1 is gone.', beganBefore: false },
    ]);
  });

  it('cuts an outage at the end of the month and says that it went on; the next month has the rest', () => {
    const spans = [down('2026-10-31T23:50:00Z', '2026-11-01T00:10:00Z')];
    expect(report(spans)).toMatchObject({ downMs: 600_000, outages: [{ wentOn: true, beganBefore: false }] });
    expect(report(spans, { month: { ...OCTOBER, month: 11 } })).toMatchObject({
      downMs: 600_000,
      outages: [{ wentOn: false, beganBefore: true }],
    });
  });

  it('counts no moment twice where a clock was set back', () => {
    const made = report([
      up('2026-10-03T10:00:00Z', '2026-10-03T11:00:00Z'),
      up('2026-10-03T10:30:00Z', '2026-10-03T11:30:00Z'),
    ]);
    expect(made.upMs).toBe(1.5 * HOUR);
    expect(made.led).toHaveLength(1);
  });

  it('ends with now while the month goes on', () => {
    const made = report([up('2026-10-01T00:00:00Z', '2026-10-01T12:00:00Z')], { now: at('2026-10-01T12:00:00Z') });
    expect(made).toMatchObject({ known: 1, available: 1, unknownMs: 0 });
    expect(report([], { now: at('2026-09-01T00:00:00Z') })).toMatchObject({ known: 0, unknownMs: 0, available: null });
  });

  it("names changes of the leader that Patroni's history has in time that nobody watched", () => {
    const change = { timeline: 4, lsn: 1, reason: 'x', at: at('2026-10-05T00:00:00Z'), newLeader: 'db3' };
    const watched = { ...change, timeline: 5, at: at('2026-10-06T00:30:00Z') };
    const made = report([up('2026-10-06T00:00:00Z', '2026-10-06T01:00:00Z')], {
      history: [change, watched, { ...change, at: null }],
    });
    expect(made.unwatchedChanges).toEqual([{ at: change.at, timeline: 5, newLeader: 'db3' }]);
  });

  it('tells planned times apart', () => {
    const made = report([
      down('2026-10-07T00:00:00Z', '2026-10-07T00:00:05Z', { planned: true }),
      down('2026-10-08T00:00:00Z', '2026-10-08T00:00:20Z'),
    ]);
    expect(made).toMatchObject({ downMs: 25_000, plannedMs: 5000 });
  });

  it.each([
    [1, '100 %'],
    [0.999_999, '99.999 %'],
    [0.995, '99.500 %'],
    [null, 'not known'],
  ])('a share of %s is never rounded up: %s', (share, words) => {
    expect(availableShare(share)).toBe(words);
  });

  it('is printed without letting what a server said become markup or a formula', () => {
    const made = report([
      down('2026-10-02T01:00:00Z', '2026-10-02T01:00:30Z', { cause: '=<script>alert(1)</script>', after: '@db"2' }),
    ]);
    expect(availabilityPage(made)).toContain('=&lt;script&gt;');
    expect(availabilityPage(made)).not.toContain('<script>');
    expect(availabilityCsv(made)).toContain("'=<script>");
    expect(availabilityCsv(made)).toContain('"\'@db""2"');
  });
});

describe('the cause of a time without a primary', () => {
  const gap = { from: 100_000, to: 130_000 };
  const event = (
    kind: 'operation' | 'leader_lost' | 'no_quorum' | 'failover_requested',
    sentence: string,
    when = 100_000,
  ) => ({
    at: when,
    kind,
    sentence,
    severity: 'warning' as const,
  });
  it.each([
    [
      'work that was begun here',
      [event('leader_lost', 'gone'), event('operation', 'Started here: Restart db1.', 95_000)],
      true,
      /Restart db1/,
    ],
    [
      'a switchover that was asked for',
      [event('leader_lost', 'gone'), event('failover_requested', 'A switchover')],
      true,
      /switchover/,
    ],
    ['a lost quorum', [event('leader_lost', 'gone'), event('no_quorum', 'etcd has lost its quorum.')], false, /quorum/],
    ['a lost leader', [event('leader_lost', 'The leader key of db1 is gone')], false, /leader key/],
  ])('is %s', (_what, events, planned, cause) => {
    const found = causeOfGap(events, gap);
    expect(found.planned).toBe(planned);
    expect(found.cause).toMatch(cause);
  });

  it('is not known where nothing tells it, or what tells it was long before', () => {
    expect(causeOfGap([], gap)).toEqual({ planned: null, cause: null });
    expect(causeOfGap([event('leader_lost', 'gone', 10_000)], gap)).toEqual({ planned: null, cause: null });
  });
});
