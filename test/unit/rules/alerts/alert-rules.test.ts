import { describe, expect, it } from 'vitest';
import { alertRuleIds, type AlertRuleId } from '../../../../shared/model/alerts/alert';
import type { ClusterState, DcsState, EtcdMember, Finding } from '../../../../shared/model/cluster/cluster-state';
import type { FigureKind } from '../../../../shared/model/alerts/figure';
import type { Member } from '../../../../shared/model/cluster/member';
import type { AlertSights, AlertView } from '../../../../shared/rules/alerts/alert-rule';
import { alertRules, ruleInForce } from '../../../../shared/rules/alerts/alert-rules';
import { Facts } from '../../../support/cluster/cluster-facts';

const well = (): ClusterState => new Facts().fold();

type Change = (state: ClusterState) => ClusterState;

const found =
  (code: string, change: Partial<Finding> = {}): Change =>
  (state) => ({
    ...state,
    findings: [
      {
        code,
        severity: 'warning',
        member: null,
        sentence: `What ${code} says.`,
        evidence: '',
        advice: 'Do it.',
        ...change,
      },
    ],
  });
const member =
  (name: string, change: Partial<Member>): Change =>
  (state) => ({
    ...state,
    members: state.members.map((one) => (one.name === name ? { ...one, ...change } : one)),
  });
const etcd =
  (...reachable: readonly (boolean | null)[]): Change =>
  (state) => ({ ...state, dcs: { kind: 'live', etcdVersion: '3.5.16', members: reachable.map(etcdMember) } });
const etcdMember = (reachable: boolean | null, index: number): EtcdMember => ({
  name: `e${index + 1}`,
  clientUrls: [],
  leader: index === 0,
  reachable,
  seesLeader: reachable,
  version: '3.5.16',
  dbSize: null,
  quota: null,
  alarms: [],
});
const dcs =
  (kind: 'connecting' | 'not_configured'): Change =>
  (state) => ({ ...state, dcs: { kind } satisfies DcsState });
const leaderUnknown: Change = (state) => ({ ...state, leader: { ...state.leader, known: false } });
/** A member of etcd that answers and is cut off from the others. */
const cutOff =
  (...names: readonly string[]): Change =>
  (state) => {
    const members = [true, true, true].map(etcdMember);
    const changed = members.map((one) => (names.includes(one.name) ? { ...one, seesLeader: false } : one));
    return { ...state, dcs: { kind: 'live', etcdVersion: '3.5.16', members: changed } };
  };
/** What the holder of the lock says of its PostgreSQL. */
const holderIs =
  (postgres: Member['state']): Change =>
  (state) =>
    both(etcd(true, true, true), member('db1', { state: postgres, primarySeen: postgres === 'running' }))(state);
const replicaUnheard = (name: string): Change => member(name, { condition: 'ssh_lost', stale: true });
const switching: Change = (state) => ({ ...state, failoverRequest: { from: 'db1', to: null } });
const noPrimary: Change = (state) => ({
  ...state,
  leader: { ...state.leader, known: false, holder: null },
  members: state.members.map((one) => ({ ...one, role: 'replica', primarySeen: false })),
});
const both =
  (...changes: readonly Change[]): Change =>
  (state) =>
    changes.reduce((changed, change) => change(changed), state);
const lagOf = (replay: number): Partial<Member> => ({ lag: { replay, receive: 0, basis: 'leader_rest', at: 0 } });
const silent: Change = (state) => ({
  ...state,
  sources: state.sources.map((source) => ({ ...source, status: 'lost' as const, asOf: state.at - 90_000 })),
});

function look(rule: AlertRuleId, change: Change, more: Partial<AlertView> = {}): AlertSights {
  const one = alertRules.find(({ id }) => id === rule);
  if (one === undefined) throw new Error(`no rule ${rule}`);
  const state = change(well());
  const { threshold } = ruleInForce(one, undefined);
  return one.look({
    state,
    now: state.at,
    threshold,
    reportedAt: () => state.at,
    unreadBy: () => [],
    figures: () => null,
    behindFor: (replayed) => (replayed < 1000 ? 61_000 : 0),
    ...more,
  });
}

const subjects = (sights: AlertSights): readonly (string | null)[] => sights.found.map(({ subject }) => subject);

/** Each rule with what raises it, about what, and what does not though it is near. */
const cases: readonly (readonly [AlertRuleId, Change, string | null, Change])[] = [
  ['no_leader', found('cluster.no_leader', { severity: 'critical' }), null, found('cluster.leader_in_trouble')],
  ['two_primaries', found('cluster.two_primaries', { severity: 'critical' }), null, found('cluster.lock_take_back')],
  ['leader_in_trouble', found('cluster.leader_in_trouble', { member: 'db1' }), 'db1', found('cluster.no_leader')],
  ['nobody_can_take_over', found('cluster.nobody_can_take_over'), null, found('cluster.no_sync_standby')],
  ['member_down', member('db2', { condition: 'unreachable' }), 'db2', member('db2', { condition: 'starting' })],
  ['member_down', member('db2', { condition: 'postgres_down' }), 'db2', member('db2', { condition: 'creating' })],
  ['member_down', member('db2', { condition: 'gone' }), 'db2', member('db2', { condition: 'ssh_lost' })],
  ['not_streaming', member('db2', { condition: 'not_streaming' }), 'db2', member('db2', { condition: 'lagging' })],
  ['lag', member('db2', lagOf(64 * 1024 ** 2 + 1)), 'db2', member('db2', lagOf(64 * 1024 ** 2))],
  [
    'lag',
    member('db2', { lag: { replay: null, receive: 70_000_000, basis: 'patroni', at: 0 } }),
    'db2',
    member('db2', { lag: null }),
  ],
  ['lag_seconds', member('db2', { lsn: 999 }), 'db2', member('db2', { lsn: 1000 })],
  ['lag_seconds', member('db3', { lsn: 10 }), 'db3', member('db1', { lsn: 10 })],
  ['behind_timeline', member('db3', { condition: 'behind_timeline' }), 'db3', member('db3', { condition: 'healthy' })],
  ['paused', (state) => ({ ...state, paused: true }), null, (state) => ({ ...state, paused: false })],
  ['pending_restart', member('db2', { pendingRestartFlag: true }), 'db2', member('db2', { pendingRestartFlag: false })],
  ['failsafe', found('cluster.failsafe'), null, found('cluster.paused')],
  ['etcd_no_quorum', found('dcs.no_quorum', { severity: 'critical' }), null, found('dcs.member_lost')],
  ['etcd_one_failure_left', etcd(true, true, false), null, etcd(true, true, true)],
  ['etcd_one_failure_left', etcd(true, true, true, false, false), null, etcd(true, true, true, true, false)],
  ['etcd_one_failure_left', etcd(true, null, false), null, etcd(true)],
  ['etcd_one_failure_left', cutOff('e3'), null, cutOff('e1', 'e2', 'e3')],
  ['leader_in_trouble', holderIs('starting'), 'db1', holderIs('running')],
  ['leader_in_trouble', holderIs('stopping'), 'db1', both(holderIs('starting'), leaderUnknown)],
  ['leader_in_trouble', holderIs('crashed'), 'db1', both(holderIs('crashed'), switching)],
  ['no_leader', both(noPrimary, dcs('not_configured')), null, both(noPrimary, dcs('not_configured'), switching)],
  ['etcd_alarm', found('etcd.nospace', { severity: 'critical' }), null, found('etcd.versions')],
  ['etcd_alarm', found('etcd.nearly_full'), null, found('etcd.slow_member')],
  ['etcd_slow', found('etcd.slow_member', { subject: 'e2' }), 'e2', found('etcd.nearly_full')],
  ['balancer', found('balancer.closed', { subject: 'lb1 5000' }), 'lb1 5000', found('member.lag')],
  [
    'slot',
    found('postgres.slot_fills_disk', { member: 'db1', subject: 'old' }),
    'db1 old',
    found('postgres.archiver_fails'),
  ],
  [
    'archiver',
    found('postgres.archiver_fails', { member: 'db1', subject: 'archiver' }),
    'db1 archiver',
    found('postgres.slot_lost'),
  ],
  ['backup_old', found('backup.too_old'), null, found('backup.none', { severity: 'info' })],
  ['backup_proof_failed', found('backup.proof_failed'), null, found('backup.proof_too_old')],
  ['backup_proof_old', found('backup.proof_too_old'), null, found('backup.proof_failed')],
  ['backup_none', found('backup.none', { severity: 'info' }), null, found('backup.too_old')],
  ['not_seen', silent, null, well],
];

const DAY = 86_400_000;
const HOUR = 3_600_000;
const figures = (kind: FigureKind, value: number, unseen: readonly string[] = []) => ({
  figures: () => ({ figures: [{ kind, subject: 'db1', value, words: 'What db1 has' }], unseen, isWhole: true }),
});
const at = well().at;

/** Rules that look at a figure: what raises them, how grave it is, and what is said. */
const figureCases: readonly (readonly [AlertRuleId, string, number, FigureKind, string, string])[] = [
  ['certificate', '20 days', at + 20.9 * DAY, 'certificate_end', 'warning', 'ends in 20 days'],
  ['certificate', '6 days', at + 6.9 * DAY, 'certificate_end', 'critical', 'ends in 6 days'],
  ['certificate', 'its end', at, 'certificate_end', 'critical', 'ended less than a day ago'],
  ['certificate', 'one that is over', at - 3.5 * DAY, 'certificate_end', 'critical', 'ended 3 days ago'],
  ['disk_filling', '23 hours', at + 23.9 * HOUR, 'disk_full_at', 'warning', 'full in 23 h 54 min if'],
  ['disk_filling', 'an hour', at + 1.9 * HOUR, 'disk_full_at', 'critical', 'full in 1 h 54 min if'],
  ['disk', '9 percent free', 9.9, 'disk_free_percent', 'warning', ', 9 %.'],
  ['disk', 'a full disk', 0, 'disk_free_percent', 'critical', ', less than 1 %.'],
  ['wraparound', '1001 million', 1_001, 'transaction_age', 'warning', 'What db1 has: PostgreSQL takes'],
  ['wraparound', '1600 million', 1_600, 'transaction_age', 'critical', 'What db1 has: PostgreSQL takes'],
];
const figuresThatAreWell: readonly (readonly [AlertRuleId, string, number, FigureKind])[] = [
  ['certificate', '21 days', at + 21 * DAY, 'certificate_end'],
  ['certificate', 'a disk', at, 'disk_full_at'],
  ['disk_filling', 'a day', at + 24 * HOUR, 'disk_full_at'],
  ['disk_filling', 'a disk that is nearly full and does not fill', 1, 'disk_free_percent'],
  ['disk', '10 percent', 10, 'disk_free_percent'],
  ['disk', 'one that fills and has room', at, 'disk_full_at'],
  ['wraparound', '1000 million', 1_000, 'transaction_age'],
];

describe('a rule of alerts', () => {
  it.each(cases)('%s is met by its own condition (case %#)', (rule, change, subject) => {
    const sights = look(rule, change);
    expect(subjects(sights)).toEqual([subject]);
    expect(sights.found[0]?.sentence).not.toBe('');
    expect(sights.found[0]?.advice).not.toBe('');
  });

  it.each(cases)('%s is not met by what is near it (case %#)', (rule, _change, _subject, against) => {
    expect(look(rule, against).found).toEqual([]);
  });

  it('has a case for every rule, and a healthy cluster meets none', () => {
    const tried = [...cases.map(([rule]) => rule), ...figureCases.map(([rule]) => rule)];
    expect(new Set(tried)).toEqual(new Set(alertRuleIds));
    expect(alertRules.map(({ id }) => id).toSorted()).toEqual([...alertRuleIds].toSorted());
    for (const id of alertRuleIds) expect(look(id, (state) => state).found, id).toEqual([]);
  });

  it.each<readonly [AlertRuleId, Change, AlertSights['hidden']]>([
    ['no_leader', leaderUnknown, 'all'],
    ['paused', (state) => ({ ...state, paused: null }), 'all'],
    ['etcd_no_quorum', dcs('connecting'), 'all'],
    ['etcd_one_failure_left', dcs('not_configured'), 'all'],
    ['lag', member('db3', { stale: true }), ['db3']],
    ['lag', member('db3', { lag: null }), ['db3']],
    ['lag_seconds', member('db3', { stale: true }), ['db3']],
    ['lag_seconds', member('db3', { lsn: null }), ['db3']],
    ['not_streaming', member('db3', { stale: true }), ['db3']],
    ['member_down', member('db3', { condition: 'ssh_lost' }), ['db3']],
    ['member_down', member('db3', { condition: 'starting' }), ['db3']],
    ['member_down', member('db3', { condition: 'stopping' }), ['db3']],
    ['nobody_can_take_over', leaderUnknown, 'all'],
    ['nobody_can_take_over', both(replicaUnheard('db2'), replicaUnheard('db3')), 'all'],
    ['nobody_can_take_over', replicaUnheard('db3'), []],
    ['two_primaries', member('db3', { stale: true }), 'all'],
    ['failsafe', (state) => ({ ...state, failsafeActive: null }), 'all'],
    ['etcd_one_failure_left', etcd(true, null, null), 'all'],
  ])('%s says what it cannot see, rather than that all is well (case %#)', (rule, change, hidden) => {
    expect(look(rule, change).hidden).toEqual(hidden);
  });

  it.each<readonly [AlertRuleId, number]>([
    ['slot', 6],
    ['archiver', 6],
    ['balancer', 4],
    ['etcd_slow', 1],
  ])(
    '%s is hidden until its source has told all that it finds, and when that is older than %i min',
    (rule, minutes) => {
      const now = well().at;
      const hiddenWith = (at: number | null) => look(rule, (state) => state, { reportedAt: () => at }).hidden;
      expect(hiddenWith(null)).toBe('all');
      expect(hiddenWith(now - minutes * 60_000 - 1)).toBe('all');
      expect(hiddenWith(now - minutes * 60_000)).toEqual([]);
    },
  );

  it.each(figureCases)('%s is met by %s (%i of the kind %s)', (rule, _name, value, kind, severity, words) => {
    const { found } = look(rule, (state) => state, figures(kind, value));
    expect(found).toMatchObject([{ subject: 'db1', severity, sentence: expect.stringContaining(words) as string }]);
    expect(found[0]?.advice).not.toBe('');
  });

  it.each(figuresThatAreWell)('%s is not met by %s', (rule, _name, value, kind) => {
    expect(look(rule, (state) => state, figures(kind, value))).toEqual({ found: [], hidden: [] });
  });

  it('goes by the threshold of the cluster for figures, too', () => {
    const ends = figures('certificate_end', well().at + 30 * DAY);
    expect(subjects(look('certificate', (state) => state, { ...ends, threshold: 31 }))).toEqual(['db1']);
  });

  it('the lag in time of every replica is hidden while the leader is not seen', () => {
    expect(look('lag_seconds', (state) => state, { behindFor: () => null })).toEqual({
      found: [],
      hidden: ['db2', 'db3'],
    });
  });

  it('a figure that was not read, or long ago, is hidden, and neither raised nor over', () => {
    const ended = figures('certificate_end', 0, ['db2']);
    expect(look('certificate', (state) => state, ended).hidden).toEqual(['db2']);
    expect(look('certificate', (state) => state).hidden).toBe('all');
    const old = { ...ended, reportedAt: () => well().at - 2 * DAY };
    expect(look('certificate', (state) => state, old)).toEqual({ found: [], hidden: 'all' });
  });

  it('goes by the threshold of the cluster', () => {
    expect(subjects(look('lag', member('db2', lagOf(5 * 1024 ** 2 + 1)), { threshold: 5 }))).toEqual(['db2']);
    expect(subjects(look('lag', member('db2', lagOf(65 * 1024 ** 2)), { threshold: 100 }))).toEqual([]);
  });

  it('tells each member by itself', () => {
    const change = both(member('db2', lagOf(1e9)), member('db3', lagOf(2e9)));
    expect(subjects(look('lag', change))).toEqual(['db2', 'db3']);
  });
});
