import { describe, expect, it } from 'vitest';
import type { ClusterState, EtcdMember, Finding } from '../../../../shared/model/cluster/cluster-state';
import { Facts, answerOf, codes, memberIn, memberValue } from '../../../support/cluster/cluster-facts';

const NAMES = ['db1', 'db2', 'db3'];
const only = (...names: string[]): Record<string, unknown>[] =>
  names.map((name) => ({ application_name: name, state: 'streaming', sync_state: 'async' }));

/** db3 answers, is running, lag 0, and nobody streams to it. */
function unfed(): Facts {
  return new Facts().answer('db1', answerOf(0, NAMES, { replication: only('db2') }));
}

describe('a broken replica that reports itself healthy', () => {
  it('is found when no member has streamed to it for longer than one loop_wait', () => {
    const facts = unfed();
    expect(memberIn(facts.fold(), 'db3').condition).toBe('healthy');
    const state = facts.later(14_000).refresh().fold();
    expect(memberIn(state, 'db3').condition).toBe('not_streaming');
    expect(codes(state)).toContain('member.not_streaming');
    expect(state.health.level).toBe('warning');
  });

  it('is not suspected while a possible upstream has not answered', () => {
    const facts = unfed();
    facts.fold();
    facts.later(14_000).refresh().fail('db1', 'rest.timeout');
    expect(codes(facts.fold())).not.toContain('member.not_streaming');
  });

  it('is not suspected with the nostream tag', () => {
    const facts = unfed().answer('db3', answerOf(2, NAMES, { tags: { nostream: true } }));
    facts.fold();
    expect(codes(facts.later(14_000).refresh().fold())).not.toContain('member.not_streaming');
  });

  it('is found on an older timeline', () => {
    const facts = new Facts()
      .answer('db1', answerOf(0, NAMES, { timeline: 2 }))
      .answer('db2', answerOf(1, NAMES, { timeline: 2 }));
    facts.fold();
    const state = facts.later(14_000).refresh().fold();
    expect(memberIn(state, 'db3').condition).toBe('behind_timeline');
    expect(state.findings[0]?.sentence).toBe('db3 runs but is on timeline 1; the leader is on 2.');
  });

  it('is one finding, with its lag as what follows from it', () => {
    const facts = unfed().put('config', '{"maximum_lag_on_failover":500}');
    facts.fold();
    facts.later(14_000).refresh();
    facts.answer('db3', answerOf(2, NAMES, { xlog: { received_location: 100, replayed_location: 100 } }));
    const found = facts.fold().findings.filter((finding) => finding.member === 'db3');
    expect(found.map((finding) => finding.code)).toEqual(['member.not_streaming']);
    expect(found[0]?.evidence).toContain('It is 900 B behind the leader.');
  });

  it('is not reported right after a change of leader', () => {
    const facts = unfed();
    facts.fold();
    facts.later(13_500).refresh().put('leader', 'db2');
    facts.fold();
    expect(codes(facts.later(1_000).refresh().fold())).not.toContain('member.not_streaming');
  });
});

describe('a lost member, by what applications and the next failure would see', () => {
  const five = ['db1', 'db2', 'db3', 'db4', 'db5'];

  function silenced(...names: readonly string[]): ClusterState {
    const facts = new Facts(five);
    facts.fold();
    facts.later(60_000).refresh();
    for (const name of names) {
      facts.fail(name, 'rest.timeout').remove(`members/${name}`);
      facts.ssh(name, {
        kind: 'lost',
        since: facts.now,
        retryAt: null,
        error: { code: 'ssh.timeout', message: '', retryable: true },
      });
      if (name === 'db1') facts.remove('leader');
    }
    return facts.fold();
  }

  it('of five, a replica is a warning, not as grave as a cluster that takes no writes', () => {
    const found = silenced('db5').findings;
    expect(found.map(({ severity }) => severity)).toContain('warning');
    expect(found.map(({ severity }) => severity)).not.toContain('critical');
  });

  it('of five, the only one that writes is critical', () => {
    expect(silenced('db1').findings[0]?.severity).toBe('critical');
  });
});

describe('what happened to several members at once', () => {
  it('is one finding, which names them and says what is known of each', () => {
    const facts = new Facts();
    facts.fold();
    const state = facts.fail('db2', 'rest.timeout').fail('db3', 'rest.timeout').fold();
    const found = state.findings.filter(({ code }) => code === 'member.not_answering');
    expect(found).toMatchObject([{ member: null, sentence: 'db2 and db3 stopped answering.' }]);
    for (const name of ['db2', 'db3']) expect(found[0]?.evidence).toContain(`${name}: Last reported state`);
  });
});

describe('a finding about the leader', () => {
  it('is critical when nobody holds the leader key', () => {
    const facts = new Facts().remove('leader').later(3000);
    expect(facts.fold().findings[0]).toMatchObject({
      code: 'cluster.no_leader',
      severity: 'critical',
      sentence: 'Nobody holds the leader lock for 3 s: the cluster takes no writes.',
    });
  });

  it('is critical when there are two primaries', () => {
    const facts = new Facts().answer('db2', answerOf(0, NAMES, { patroni: { name: 'db2' } }));
    expect(codes(facts.fold())).toContain('cluster.two_primaries');
  });

  it('reports a primary without the leader key once the change of leader is over', () => {
    const facts = new Facts();
    facts.fold();
    facts.later(1000).put('leader', 'db2');
    expect(codes(facts.fold())).not.toContain('cluster.primary_without_lock');
    expect(codes(facts.later(14_000).refresh().fold())).toContain('cluster.primary_without_lock');
  });

  /** db1 led; its Patroni went silent, its key and its lease ended, and db2 leads. */
  const silentFormer = (): Facts => {
    const facts = new Facts();
    facts.fold();
    facts.later(20_000).fail('db1', 'rest.timeout', 5).refresh().remove('members/db1').put('leader', 'db2');
    facts.facts = { ...facts.facts, postgresUp: new Map([['db1', true]]) };
    return facts;
  };
  const silentPrimaries = (facts: Facts): readonly string[] =>
    facts
      .fold()
      .findings.filter(({ code }) => code === 'cluster.silent_primary')
      .map(({ sentence }) => sentence);

  it('is critical when a former primary still lets clients in and its Patroni says nothing, once the change is over', () => {
    const facts = silentFormer();
    expect(silentPrimaries(facts)).toEqual([]);
    facts.later(14_000).fail('db1', 'rest.timeout', 9).refresh();
    expect(silentPrimaries(facts)).toEqual([
      'db1 may still take writes beside db2: its Patroni says nothing, and its PostgreSQL lets clients in.',
    ]);
  });

  it.each<readonly [string, (facts: Facts) => unknown]>([
    ['its port is closed', (facts) => (facts.facts = { ...facts.facts, postgresUp: new Map([['db1', false]]) })],
    ['its port was not asked', (facts) => (facts.facts = { ...facts.facts, postgresUp: new Map() })],
    ['it says that it is a replica now', (facts) => facts.answer('db1', answerOf(1, NAMES))],
    ['it has the lock again', (facts) => facts.put('leader', 'db1')],
    ['nobody has the lock', (facts) => facts.remove('leader')],
  ])('says nothing of a former primary where %s', (_case, change) => {
    const facts = silentFormer();
    facts.fold();
    facts.later(14_000).fail('db1', 'rest.timeout', 9).refresh();
    change(facts);
    facts.fold();
    facts.later(14_000).refresh();
    expect(silentPrimaries(facts)).toEqual([]);
  });

  it('a leader whose SSH connection is lost is not called down: whether it takes writes is not known', () => {
    const state = new Facts().later(1000).fail('db1', 'ssh.connection_lost').fold();
    expect(state.health).toEqual({
      level: 'unknown',
      sentence: 'Takes writes: not known: primary db1 not seen for 1 s.',
    });
    expect(state.findings[0]).toMatchObject({ code: 'cluster.leader_in_trouble', severity: 'warning' });
  });

  it('reports a leader key without a member key', () => {
    expect(codes(new Facts().remove('members/db1').fold())).toContain('cluster.leader_without_member');
  });
});

describe('the findings of a cluster', () => {
  const cases: readonly [string, (facts: Facts) => unknown, string][] = [
    [
      'a member with another system identifier',
      (facts) => facts.answer('db2', answerOf(1, NAMES, { database_system_identifier: '1' })),
      'member.system_identifier',
    ],
    [
      'an address where another member answers',
      (facts) => facts.answer('db2', answerOf(1, NAMES, { patroni: { version: '4.0.7', name: 'db3' } })),
      'member.wrong_name',
    ],
    ['one address for two members', (facts) => facts.put('members/db9', memberValue(1)), 'cluster.shared_address'],
    [
      'a lag beyond maximum_lag_on_failover',
      (facts) =>
        facts
          .answer('db2', answerOf(1, NAMES, { xlog: { received_location: 1000, replayed_location: 1 } }))
          .put('config', '{"maximum_lag_on_failover":500}'),
      'member.lag',
    ],
    ['a paused cluster', (facts) => facts.put('config', '{"pause":true}'), 'cluster.paused'],
    [
      'failsafe mode',
      (facts) => facts.answer('db1', answerOf(0, NAMES, { failsafe_mode_is_active: true })),
      'cluster.failsafe',
    ],
    [
      'a pending restart',
      (facts) => facts.answer('db2', answerOf(1, NAMES, { pending_restart: true })),
      'member.pending_restart',
    ],
    [
      'a ttl that is too short',
      (facts) => facts.put('config', '{"ttl":20,"loop_wait":10,"retry_timeout":10}'),
      'config.timing',
    ],
    [
      'a Patroni that takes the leader key back',
      (facts) => facts.answer('db2', answerOf(1, NAMES, { patroni: { version: '3.0.2', name: 'db2' } })),
      'cluster.lock_take_back',
    ],
    [
      'different versions of Patroni',
      (facts) => facts.answer('db2', answerOf(1, NAMES, { patroni: { version: '4.1.0', name: 'db2' } })),
      'cluster.patroni_versions',
    ],
    [
      'two member names that make one slot',
      (facts) => facts.put('members/db-1', memberValue(7)).put('members/db.1', memberValue(8)),
      'cluster.slot_collision',
    ],
    [
      'a watchdog that failed',
      (facts) => facts.answer('db1', answerOf(0, NAMES, { watchdog_failed: true })),
      'member.watchdog',
    ],
    [
      'a replica whose replay is paused',
      (facts) =>
        facts.answer(
          'db2',
          answerOf(1, NAMES, { xlog: { received_location: 1000, replayed_location: 1000, paused: true } }),
        ),
      'member.replay_paused',
    ],
    [
      'synchronous mode without a standby',
      (facts) => facts.put('config', '{"synchronous_mode":true}').put('sync', '{"leader":"db1","sync_standby":null}'),
      'cluster.no_sync_standby',
    ],
  ];

  it.each(cases)('report %s as $2', (_name, bend, code) => {
    const facts = new Facts();
    expect(codes(facts.fold())).not.toContain(code);
    bend(facts);
    expect(codes(facts.fold())).toContain(code);
  });

  it('do not report Patroni 3.0.3, which no longer takes the leader key back', () => {
    const facts = new Facts().answer('db2', answerOf(1, NAMES, { patroni: { version: '3.0.3', name: 'db2' } }));
    expect(codes(facts.fold())).not.toContain('cluster.lock_take_back');
  });
});

describe('a member of etcd that is lost while the others have a quorum', () => {
  const etcd = (name: string, change: Partial<EtcdMember> = {}): EtcdMember => ({
    name,
    clientUrls: [`http://${name}:2379`],
    leader: false,
    reachable: true,
    seesLeader: true,
    quota: null,
    alarms: [],
    version: '3.5.16',
    dbSize: 1,
    ...change,
  });
  const withEtcd = (...members: readonly EtcdMember[]): Facts => {
    const facts = new Facts();
    const { dcs } = facts.facts;
    if (dcs.state.kind !== 'live') throw new Error('the DCS is live at first');
    facts.facts = { ...facts.facts, dcs: { ...dcs, state: { ...dcs.state, members } } };
    return facts;
  };
  const found = (facts: Facts): Finding | undefined =>
    facts.fold().findings.find((finding) => finding.code === 'dcs.member_lost');

  it('is a warning that says what happens when one more is lost', () => {
    const facts = withEtcd(etcd('a'), etcd('b', { reachable: false, seesLeader: null }), etcd('c'));
    expect(found(facts)).toMatchObject({
      severity: 'warning',
      sentence: 'etcd does not answer on b.',
      evidence: '2 of 3 etcd members work together; 2 are needed.',
      advice: 'If one more is lost, the cluster becomes read-only. Start etcd on b again.',
    });
    expect(facts.fold().health.level).toBe('warning');
  });

  it('of five leaves one more to be lost', () => {
    const rest = ['c', 'd', 'e'].map((name) => etcd(name));
    expect(found(withEtcd(etcd('a'), etcd('b', { reachable: false }), ...rest))?.advice).toMatch(/^1 more may be lost/);
  });

  it('and answers, but sees no leader of etcd, is cut off', () => {
    expect(found(withEtcd(etcd('a'), etcd('b', { seesLeader: false }), etcd('c')))?.sentence).toBe(
      'etcd on b is cut off from its peers.',
    );
  });

  it('an etcd that is out of space is critical on the overview, and gone when the alarm is', () => {
    const full = withEtcd(etcd('a'), etcd('b', { alarms: ['nospace'] }), etcd('c')).fold();
    expect(full.health.level).toBe('critical');
    expect(full.findings[0]).toMatchObject({ code: 'etcd.nospace', severity: 'critical' });
    expect(full.findings[0]?.sentence).toMatch(/^etcd is out of space on b/);
    expect(codes(withEtcd(etcd('a'), etcd('b'), etcd('c')).fold())).toEqual([]);
  });

  it.each([
    ['a database over 80 % of its quota', { dbSize: 90, quota: 100 }, 'etcd.nearly_full', 'warning'],
    ['another version than the others', { version: '3.4.23' }, 'etcd.versions', 'info'],
    ['data that differ from the others', { alarms: ['corrupt'] }, 'etcd.corrupt', 'critical'],
  ] as const)('a member of etcd with %s is a finding of the cluster', (_what, change, code, severity) => {
    const { findings } = withEtcd(etcd('a'), etcd('b', change), etcd('c')).fold();
    expect(findings).toEqual([expect.objectContaining({ code, severity, member: null })]);
  });

  it('is none while nothing is known of it, nor of its own where its whole server is silent', () => {
    expect(found(withEtcd(etcd('a'), etcd('b', { reachable: null, seesLeader: null }), etcd('c')))).toBeUndefined();
    const host = memberIn(new Facts().fold(), 'db2').host ?? '';
    const silent = withEtcd(
      etcd('a'),
      etcd('db2', { reachable: false, clientUrls: [`http://${host}:2379`] }),
      etcd('c'),
    );
    expect(found(silent)).toBeDefined();
    expect(found(silent.fail('db2', 'rest.timeout', 3).later(20_000))).toBeUndefined();
  });
});
