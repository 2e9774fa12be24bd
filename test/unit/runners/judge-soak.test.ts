import { describe, expect, it } from 'vitest';
import type { Alert, AlertRuleId } from '../../../shared/model/alerts/alert';
import { alertRuleIds } from '../../../shared/model/alerts/alert';
import { alertRules } from '../../../shared/rules/alerts/alert-rules';
import { alertCauses } from '../../support/soak/alert-causes';
import { takeAlerts, type AlertSpan } from '../../support/soak/alert-spans';
import { judgeAlerts, type AlertFault } from '../../support/soak/judge-alerts';
import { judgeAvailability } from '../../support/soak/judge-availability';
import type { SoakSample, SoakServer } from '../../support/soak/soak-sample';

const START = Date.UTC(2026, 4, 4, 12);
const at = (second: number): number => START + second * 1000;

const REPLICA: SoakServer = {
  on: true,
  postgres: 'replica',
  timeline: 3,
  streaming: {},
  patroni: { state: 'streaming', timeline: 3 },
  etcd: 'quorum',
  holder: 'n1',
  switching: false,
};
const PRIMARY: SoakServer = {
  ...REPLICA,
  postgres: 'primary',
  patroni: { state: 'running', timeline: 3 },
  streaming: { n2: 0, n3: 0 },
};
const OFF: SoakServer = {
  on: false,
  postgres: 'silent',
  timeline: null,
  streaming: {},
  patroni: null,
  etcd: 'silent',
  holder: null,
  switching: false,
};
const WELL: SoakSample['servers'] = { n1: PRIMARY, n2: REPLICA, n3: REPLICA };
const WITHOUT_N3: SoakSample['servers'] = { n1: { ...PRIMARY, streaming: { n2: 0 } }, n2: REPLICA, n3: OFF };

/** A sample each second of `seconds`; `part` says how the servers are in each stretch, by its first and last second. */
function samplesOf(
  seconds: number,
  ...parts: readonly (readonly [number, number, SoakSample['servers']])[]
): readonly SoakSample[] {
  return Array.from({ length: seconds }, (_, second) => ({
    at: at(second),
    servers: parts.find(([from, to]) => second >= from && second < to)?.[2] ?? WELL,
  }));
}

function spanOf(rule: AlertRuleId, raised: number, ended: number | null, more: Partial<AlertSpan> = {}): AlertSpan {
  return {
    id: `${rule} ${raised}`,
    rule,
    subject: null,
    sentence: 'said',
    returned: 0,
    raisedAt: at(raised),
    endedAt: ended === null ? null : at(ended),
    hidden: [],
    hiddenSince: null,
    ...more,
  };
}

const afterMs = (id: AlertRuleId): number => alertRules.find((rule) => rule.id === id)?.afterMs ?? 0;
const judge = (samples: readonly SoakSample[], ...spans: readonly AlertSpan[]): readonly AlertFault[] =>
  judgeAlerts({ samples, spans, afterMs });
const inWords = (faults: readonly AlertFault[]): readonly string[] =>
  faults.map(({ kind, rule, subject }) => `${kind} ${rule} ${subject ?? ''}`.trim());

const n3Down = (raised: number, ended: number | null, more: Partial<AlertSpan> = {}): readonly AlertSpan[] => [
  spanOf('member_down', raised, ended, { subject: 'n3', ...more }),
  spanOf('etcd_one_failure_left', raised, ended, more),
];

describe('the comparison of a soak: alerts of the app beside what the servers say', () => {
  it('has a cause for every rule', () => {
    expect(Object.keys(alertCauses).toSorted()).toEqual([...alertRuleIds].toSorted());
  });

  it('finds nothing where all is well and nothing is raised', () => {
    expect(judge(samplesOf(600))).toEqual([]);
  });

  it('takes an alert for right that has its cause, and ends with it', () => {
    expect(judge(samplesOf(600, [100, 300, WITHOUT_N3]), ...n3Down(162, 303))).toEqual([]);
  });

  it('finds an alert that was raised without any cause', () => {
    const found = judge(samplesOf(600), spanOf('no_leader', 200, 205));
    expect(inWords(found)).toEqual(['wrong no_leader']);
  });

  it('finds an alert whose cause had been there for a shorter time than its rule waits', () => {
    const found = judge(samplesOf(600, [100, 106, WITHOUT_N3]), ...n3Down(107, 110));
    expect(inWords(found)).toEqual(['wrong member_down n3', 'wrong etcd_one_failure_left']);
  });

  it('finds an alert about somebody else than who has the trouble', () => {
    const found = judge(
      samplesOf(600, [100, 180, WITHOUT_N3]),
      spanOf('member_down', 162, 182, { subject: 'n2' }),
      spanOf('etcd_one_failure_left', 162, 182),
    );
    expect(inWords(found)).toEqual(['wrong member_down n2']);
  });

  it('finds an alert that is missing, once its cause lasted for longer than the rule and the bound', () => {
    expect(inWords(judge(samplesOf(600, [100, 204, WITHOUT_N3])))).toEqual([]);
    expect(inWords(judge(samplesOf(600, [100, 207, WITHOUT_N3])))).toEqual([
      'missing member_down n3',
      'missing etcd_one_failure_left',
    ]);
  });

  it('finds an alert that is missing because it came too late, or ended before it should have begun', () => {
    expect(inWords(judge(samplesOf(600, [100, 400, WITHOUT_N3]), ...n3Down(260, 402)))).toEqual([
      'missing member_down n3',
      'missing etcd_one_failure_left',
    ]);
    expect(inWords(judge(samplesOf(600, [100, 400, WITHOUT_N3]), ...n3Down(60, 90)))).toContain(
      'missing member_down n3',
    );
  });

  it('finds an alert that lasts though its cause is gone, whether it ended late or not at all', () => {
    const samples = samplesOf(600, [100, 300, WITHOUT_N3]);
    expect(inWords(judge(samples, ...n3Down(162, 360)))).toEqual(['late member_down n3', 'late etcd_one_failure_left']);
    expect(inWords(judge(samples, ...n3Down(162, null)))).toEqual([
      'late member_down n3',
      'late etcd_one_failure_left',
    ]);
  });

  it('takes no alert for late of which the app says that it cannot see', () => {
    const hidden = [{ from: at(250), to: at(390) }];
    expect(judge(samplesOf(600, [100, 300, WITHOUT_N3]), ...n3Down(162, 392, { hidden }))).toEqual([]);
    expect(judge(samplesOf(600, [100, 300, WITHOUT_N3]), ...n3Down(162, null, { hiddenSince: at(290) }))).toEqual([]);
  });

  it('demands nothing and forgives everything where a server could not be asked', () => {
    const samples = samplesOf(600, [100, 300, { ...WELL, n3: null }]);
    expect(judge(samples)).toEqual([]);
    expect(judge(samples, ...n3Down(170, 302))).toEqual([]);
  });

  it('does not add up two causes with a while between them', () => {
    const samples = samplesOf(600, [100, 170, WITHOUT_N3], [180, 250, WITHOUT_N3]);
    expect(judge(samples)).toEqual([]);
  });

  it('names a leader whose Patroni says nothing, two primaries, a lost quorum and a lock that nobody holds', () => {
    const frozen = { ...WELL, n1: { ...PRIMARY, patroni: null } };
    const two = { ...WELL, n2: { ...PRIMARY, holder: 'n1' } };
    const alone = { on: true, etcd: 'alone', holder: null } as const;
    const noQuorum = { n1: { ...PRIMARY, ...alone }, n2: { ...REPLICA, ...alone }, n3: OFF };
    const vacant = Object.fromEntries(
      Object.entries(WELL).map(([name, server]) => [name, server === null ? null : { ...server, holder: '' }]),
    );
    const missing = (servers: SoakSample['servers']): readonly string[] =>
      inWords(judge(samplesOf(200, [100, 130, servers]))).filter((words) => !words.includes('member_down'));
    expect(missing(frozen)).toEqual(['missing leader_in_trouble n1']);
    expect(missing(two)).toEqual(['missing two_primaries']);
    expect(missing({ ...two, n1: { ...PRIMARY, patroni: null } })).toContain('missing two_primaries');
    expect(
      inWords(judge(samplesOf(200, [100, 130, two]), spanOf('two_primaries', 115, 131, { subject: 'n1' }))),
    ).toEqual([]);
    expect(missing(noQuorum)).toEqual(['missing etcd_no_quorum']);
    expect(missing(vacant)).toEqual(['missing no_leader']);
  });
});

describe('the alerts of the app over time', () => {
  const alert: Alert = {
    id: 'a',
    clusterId: 'c',
    clusterTitle: 'Orders',
    rule: 'member_down',
    subject: 'n3',
    severity: 'warning',
    sentence: 'n3 is down.',
    advice: '',
    since: at(0),
    raisedAt: at(60),
    seenAt: at(60),
    endedAt: null,
    hidden: false,
    notifiedAs: null,
    returned: 0,
    acknowledged: null,
  };
  const follow = (...updates: readonly (readonly [number, Partial<Alert>])[]): readonly AlertSpan[] =>
    updates.reduce<readonly AlertSpan[]>(
      (spans, [second, change]) => takeAlerts(spans, [{ ...alert, ...change }], at(second)),
      [],
    );

  it('are one span from when an alert was raised to its end', () => {
    expect(follow([61, {}], [63, {}], [100, { endedAt: at(84) }])).toMatchObject([
      { rule: 'member_down', subject: 'n3', raisedAt: at(60), endedAt: at(84), hidden: [] },
    ]);
  });

  it('are two spans where it came back', () => {
    const spans = follow([61, {}], [100, { endedAt: at(84) }], [200, { endedAt: null, returned: 1 }]);
    expect(spans.map(({ raisedAt, endedAt }) => [raisedAt, endedAt])).toEqual([
      [at(60), at(84)],
      [at(200), null],
    ]);
  });

  it('say when the app could not see', () => {
    expect(follow([61, {}], [70, { hidden: true }], [80, { hidden: true }], [90, {}])).toMatchObject([
      { hidden: [{ from: at(70), to: at(90) }], hiddenSince: null },
    ]);
    expect(follow([61, { hidden: true }])).toMatchObject([{ hiddenSince: at(60) }]);
  });
});

describe('the report of availability beside what the servers say', () => {
  const none: SoakSample['servers'] = { ...WELL, n1: { ...PRIMARY, postgres: 'silent' } };
  const samples = samplesOf(300, [100, 130, none]);
  const led = (from: number, to: number) => ({ member: 'n1', timeline: 3, from: at(from), to: at(to) });
  const outage = (from: number, to: number) => ({
    kind: 'down' as const,
    from: at(from),
    to: at(to),
    slackMs: 2_000,
    before: 'n1',
    after: 'n1',
    planned: null,
    cause: null,
    beganBefore: false,
    wentOn: false,
  });

  it('agrees within the bound, and what is not known contradicts nothing', () => {
    expect(judgeAvailability(samples, { led: [led(0, 103), led(131, 300)], outages: [outage(98, 133)] })).toEqual([]);
    expect(judgeAvailability(samples, { led: [led(0, 100), led(130, 300)], outages: [] })).toEqual([]);
  });

  it('is contradicted where it says that somebody led in a gap', () => {
    const found = judgeAvailability(samples, { led: [led(0, 300)], outages: [] });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^n1 is said to lead while nobody takes writes: 30\.0 s/);
  });

  it('is contradicted where it says that nobody led while somebody did', () => {
    const found = judgeAvailability(samples, { led: [], outages: [outage(80, 140)] });
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(/^nobody is said to take writes while somebody does: 18\.0 s/);
  });
});
