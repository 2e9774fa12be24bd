import { describe, expect, it } from 'vitest';
import type { MemberCondition } from '../../../../shared/model/cluster/member';
import { Facts, answerOf, codes, memberIn, memberValue } from '../../../support/cluster/cluster-facts';

const NAMES = ['db1', 'db2', 'db3'];

describe('the state of a healthy cluster', () => {
  it('is healthy and names the leader', () => {
    const state = new Facts().fold();
    expect(state.health).toEqual({
      level: 'healthy',
      sentence: 'db1 leads; 2 of 2 replicas healthy, largest lag 0 B.',
    });
    expect(state.findings).toEqual([]);
    expect(state.members.map((member) => [member.name, member.role, member.condition, member.upstream])).toEqual([
      ['db1', 'leader', 'healthy', null],
      ['db2', 'replica', 'healthy', 'db1'],
      ['db3', 'replica', 'healthy', 'db1'],
    ]);
  });

  it('sorts members by the numbers in their names', () => {
    expect(new Facts(['db10', 'db2', 'db1']).fold().members.map((member) => member.name)).toEqual([
      'db1',
      'db2',
      'db10',
    ]);
  });

  it('shows which replica streams from which, as the members report it', () => {
    const facts = new Facts();
    const listed = (name: string): Record<string, unknown>[] => [
      { application_name: name, state: 'streaming', sync_state: 'async' },
    ];
    facts
      .answer('db1', answerOf(0, NAMES, { replication: listed('db2') }))
      .answer('db2', answerOf(1, NAMES, { replication: listed('db3') }));
    expect(memberIn(facts.fold(), 'db3')).toMatchObject({ upstream: 'db2', condition: 'healthy' });
  });

  it("recognizes a walsender by the slot form of the member's name", () => {
    const names = ['DB-1', 'DB-2.x'];
    const facts = new Facts(names).answer(
      'DB-1',
      answerOf(0, names, { replication: [{ application_name: 'db_2_x', state: 'streaming' }] }),
    );
    expect(memberIn(facts.fold(), 'DB-2.x').upstream).toBe('DB-1');
  });
});

describe('a member with a fault', () => {
  const lost = {
    kind: 'lost',
    since: 0,
    retryAt: null,
    error: { code: 'ssh.connection_lost', message: 'lost', retryable: true },
  } as const;
  const cases: readonly [string, (facts: Facts) => unknown, MemberCondition][] = [
    [
      'PostgreSQL stopped for a moment, Patroni about to start it',
      (facts) => facts.answer('db2', answerOf(1, NAMES, { state: 'stopped' })),
      'starting',
    ],
    [
      'PostgreSQL stopped while Patroni is paused and starts nothing',
      (facts) => facts.answer('db2', answerOf(1, NAMES, { state: 'stopped', pause: true })),
      'postgres_down',
    ],
    [
      'PostgreSQL has crashed',
      (facts) => facts.answer('db2', answerOf(1, NAMES, { state: 'crashed' })),
      'postgres_down',
    ],
    [
      'REST silent while the member key lives and SSH is up: nobody knows yet who is down',
      (facts) => facts.fail('db2', 'rest.timeout'),
      'not_answering',
    ],
    [
      'REST silent, but PostgreSQL of the same server answers',
      (facts) => {
        facts.fail('db2', 'rest.timeout');
        facts.facts = { ...facts.facts, postgresUp: new Map([['db2', true]]) };
        return facts;
      },
      'patroni_down',
    ],
    [
      'behind by more than maximum_lag_on_failover',
      (facts) =>
        facts
          .put('config', '{"ttl":30,"loop_wait":10,"retry_timeout":10,"maximum_lag_on_failover":100}')
          .answer('db2', answerOf(1, NAMES, { xlog: { received_location: 800, replayed_location: 800 } })),
      'lagging',
    ],
    ['starting', (facts) => facts.answer('db2', answerOf(1, NAMES, { state: 'starting' })), 'starting'],
    ['stopping', (facts) => facts.answer('db2', answerOf(1, NAMES, { state: 'stopping' })), 'stopping'],
    ['runs, but its key has expired in the DCS', (facts) => facts.remove('members/db2'), 'dcs_unreachable'],
    [
      'a base backup is under way',
      (facts) => facts.answer('db2', answerOf(1, NAMES, { state: 'creating replica' })),
      'creating',
    ],
    [
      'Patroni refuses connections and the server answers',
      (facts) => facts.fail('db2', 'rest.refused', 1),
      'patroni_down',
    ],
    [
      'Patroni does not answer and its key is gone',
      (facts) => facts.fail('db2', 'rest.timeout').remove('members/db2'),
      'patroni_down',
    ],
    [
      'the SSH connection is lost and etcd has the member key',
      (facts) => facts.fail('db2', 'ssh.connection_lost').ssh('db2', lost),
      'ssh_lost',
    ],
    [
      'neither the SSH connection nor the member key is there',
      (facts) => facts.fail('db2', 'ssh.connection_lost').ssh('db2', lost).remove('members/db2'),
      'unreachable',
    ],
    [
      'no answer while the SSH connection is being made again',
      (facts) => facts.fail('db2', 'rest.timeout').ssh('db2', { kind: 'connecting', since: 0, attempt: 3 }),
      'ssh_lost',
    ],
    [
      'failsafe mode is active',
      (facts) => facts.answer('db2', answerOf(1, NAMES, { failsafe_mode_is_active: true })),
      'dcs_unreachable',
    ],
    [
      'it reports the cluster unlocked while the lock is held',
      (facts) => facts.answer('db2', answerOf(1, NAMES, { cluster_unlocked: true })),
      'dcs_unreachable',
    ],
    ['one request failed', (facts) => facts.fail('db2', 'rest.timeout', 1), 'healthy'],
  ];

  it.each(cases)('is shown with its own condition: $0 => $2', (_name, bend, condition) => {
    const facts = new Facts();
    bend(facts);
    expect(memberIn(facts.fold(), 'db2').condition).toBe(condition);
  });

  it('is reported as cut off from the DCS, with the evidence, though it calls itself running', () => {
    const state = new Facts().remove('members/db3').fold();
    expect(state.health).toEqual({ level: 'warning', sentence: 'db3 is up but cannot reach etcd.' });
    expect(state.findings[0]).toMatchObject({
      code: 'member.dcs_unreachable',
      member: 'db3',
      evidence: expect.stringContaining('key has expired') as string,
    });
  });

  it('that is a stopping leader counts neither as the primary nor as a second one beside its successor', () => {
    const facts = new Facts().answer('db1', answerOf(0, NAMES, { state: 'stopping' }));
    expect(facts.fold().health).toEqual({
      level: 'critical',
      sentence: 'Takes writes: no: PostgreSQL is stopping on leader db1.',
    });
    facts.put('leader', 'db2').answer('db2', answerOf(1, NAMES, { role: 'primary', timeline: 2 }));
    expect(codes(facts.fold())).not.toContain('cluster.two_primaries');
  });

  it('is gone when the inventory knows it and it has neither a key nor an answer', () => {
    const facts = new Facts().remove('members/db3').fail('db3', 'rest.not_json');
    expect(memberIn(facts.fold(), 'db3').condition).toBe('gone');
  });

  it('is reported as still accepting connections when only its Patroni is down', () => {
    const facts = new Facts().fail('db1', 'rest.refused', 1);
    facts.facts = { ...facts.facts, postgresUp: new Map([['db1', true]]) };
    const state = facts.fold();
    expect(state.findings[0]).toMatchObject({ code: 'cluster.leader_in_trouble', severity: 'critical' });
    expect(state.findings[0]?.evidence).toContain('still accepts connections');
  });
});

describe('the state when the DCS', () => {
  it('has no quorum is critical, and the last keys are not shown as the present ones', () => {
    const state = new Facts().lose('no_quorum').fold();
    expect(state).toMatchObject({
      dcs: { kind: 'no_quorum' },
      leader: { known: false },
      health: { level: 'critical' },
    });
    expect(codes(state)).toContain('dcs.no_quorum');
    expect(memberIn(state, 'db2').inDcs).toBeNull();
  });

  it('is unreachable for the app alone is a warning: REST still names the leader', () => {
    const state = new Facts().lose('unreachable').fold();
    expect(state.leader).toMatchObject({ holder: 'db1', known: false });
    expect(state.health.level).toBe('warning');
    expect(state.blindSpots.join(' ')).toContain('etcd does not answer now');
  });

  it('refuses access differs from an unreachable one', () => {
    expect(codes(new Facts().lose('refused').fold())).toContain('dcs.refused');
  });

  it('sends a new snapshot after a gap replaces what was known before', () => {
    const facts = new Facts().lose('unreachable').later(5000);
    const status = {
      key: '/service/main/status',
      value: '{"optime":1}',
      lease: '0',
      modRevision: '19',
      createRevision: '19',
    };
    facts.event({ kind: 'snapshot', revision: '20', at: facts.now, entries: [status] });
    const state = facts.fold();
    expect(state.leader).toMatchObject({ holder: null, known: true });
    expect(state.systemIdentifier).toBeNull();
  });

  it.each<[string, (facts: Facts) => Facts, boolean]>([
    ['the leader changed while etcd was not seen', (facts) => facts.later(60_000).snapshot({ leader: 'db2' }), true],
    ['the leader changed while etcd was seen', (facts) => facts.later(60_000).refresh().put('leader', 'db2'), false],
    [
      'the leader changed within a break of a second',
      (facts) => facts.later(60_000).refresh().later(1000).snapshot({ leader: 'db2' }),
      false,
    ],
    ['the leader is the same after the break', (facts) => facts.later(60_000).snapshot(), false],
    [
      'another leader followed, and that was seen',
      (facts) => facts.later(60_000).snapshot({ leader: 'db2' }).later(1000).put('leader', 'db3'),
      false,
    ],
    [
      'etcd was gone again, and the leader is the same',
      (facts) => facts.later(60_000).snapshot({ leader: 'db2' }).later(60_000).snapshot({ leader: 'db2' }),
      true,
    ],
  ])('says that a lock is held for at least so long where %s', (_what, bend, isUnseen) => {
    expect(bend(new Facts().lose('unreachable')).fold().leader.changeUnseen ?? false).toBe(isUnseen);
  });

  it('that nobody leads at first sight has been so for at least as long', () => {
    const facts = new Facts(NAMES);
    facts.facts = { ...facts.facts, dcs: { ...facts.facts.dcs, seen: false, leader: null, vacantSince: null } };
    const at = { lease: '0', modRevision: '19', createRevision: '19' };
    const config = { key: '/service/main/config', value: '{"ttl":30}', ...at };
    facts.event({ kind: 'snapshot', revision: '20', at: facts.now, entries: [config] });
    facts.later(7000).event({ kind: 'alive', at: facts.now });
    const found = facts.fold().findings.find(({ code }) => code === 'cluster.no_leader');
    expect(found?.sentence).toContain('Nobody holds the leader lock for at least 7 s');
  });

  it('has no key of a cluster that a member leads is never taken for a cluster without a leader', () => {
    const facts = new Facts(NAMES, { citusGroup: 1 });
    facts.event({ kind: 'snapshot', revision: '20', at: facts.now, entries: [] });
    const state = facts.fold();
    expect(state.leader).toMatchObject({ holder: 'db1', known: false });
    expect(state.findings.map((finding) => finding.code)).not.toContain('cluster.no_leader');
    expect(state.health.level).not.toBe('critical');
    expect(state.blindSpots[0]).toContain('etcd has no keys below /service/main/1/');
    expect(state.citusGroup).toBe(1);
  });

  it('and all members are silent is unknown and marked as old', () => {
    const facts = new Facts().lose('unreachable').later(60_000);
    for (const name of NAMES) facts.fail(name, 'ssh.connection_lost');
    const state = facts.fold();
    expect(state.health.level).toBe('unknown');
    expect(state.members.every((member) => member.stale)).toBe(true);
  });

  it('is not configured comes from REST alone and says what it cannot see', () => {
    const state = new Facts(NAMES, { etcd: null }).fold();
    expect(state).toMatchObject({
      dcs: { kind: 'not_configured' },
      leader: { holder: 'db1', known: false },
      health: { level: 'healthy' },
    });
    expect(state.blindSpots[0]).toContain('no access to etcd');
  });
});

describe('the age of what is known', () => {
  it('lets an old REST answer give way to the DCS and marks its source as stale', () => {
    const facts = new Facts().later(20_000);
    facts.put('members/db2', memberValue(1, { xlog_location: 900, state: 'stopped' }));
    const state = facts.fold();
    expect(memberIn(state, 'db2')).toMatchObject({
      state: 'stopped',
      lag: { replay: 100, basis: 'status_key' },
      stale: false,
    });
    expect(state.sources.find((source) => source.id === 'rest:db2')?.status).toBe('stale');
  });

  it("makes lag the distance to the leader's position at the time the replica was asked", () => {
    const facts = new Facts().answer(
      'db2',
      answerOf(1, NAMES, { xlog: { received_location: 950, replayed_location: 900 } }),
    );
    facts.later(1000).answer('db1', answerOf(0, NAMES, { xlog: { location: 999_999 } }));
    expect(memberIn(facts.fold(), 'db2').lag).toMatchObject({ receive: 50, replay: 100, basis: 'leader_rest' });
  });

  it('counts what was replayed as received: a receiver that was started anew names the beginning of its segment', () => {
    const facts = new Facts().answer(
      'db2',
      answerOf(1, NAMES, { xlog: { received_location: 100, replayed_location: 900 } }),
    );
    const db2 = memberIn(facts.fold(), 'db2');
    expect(db2.receivedLsn).toBe(900);
    expect(db2.lag?.receive).toBe(db2.lag?.replay);
  });

  it('never makes lag negative', () => {
    const facts = new Facts().answer(
      'db2',
      answerOf(1, NAMES, { xlog: { received_location: 5000, replayed_location: 5000 } }),
    );
    expect(memberIn(facts.fold(), 'db2').lag).toMatchObject({ receive: 0, replay: 0 });
  });
});

describe('a hostile member name', () => {
  const hostile = ['a"b', 'new\nline', '<img src=x onerror=alert(1)>', 'x'.repeat(300), '__proto__', "o'hare"];

  it.each(hostile.map((name) => [name]))('is kept as it is and does no harm: %j', (name) => {
    const state = new Facts(['db1', name]).fold();
    expect(memberIn(state, name)).toMatchObject({ name, condition: 'healthy', upstream: 'db1' });
  });
});

describe('the role of a member', () => {
  it.each([
    ['on', 'sync_standby'],
    ['quorum', 'quorum_standby'],
    ['off', 'replica'],
  ])('listed in the sync key with synchronous_mode "%s" is "%s"', (mode, role) => {
    const facts = new Facts()
      .put('config', JSON.stringify({ synchronous_mode: mode }))
      .put('sync', '{"leader":"db1","sync_standby":"db2"}');
    expect(memberIn(facts.fold(), 'db2').role).toBe(role);
  });

  it('that leads a standby cluster is standby leader', () => {
    const facts = new Facts()
      .put('config', '{"standby_cluster":{"host":"10.1.0.1"}}')
      .answer('db1', answerOf(0, NAMES, { role: 'standby_leader' }));
    expect(memberIn(facts.fold(), 'db1').role).toBe('standby_leader');
  });
});

describe('a cluster with more members than any cluster has', () => {
  it('is followed for its leader and its own members first, and says how many are not shown', () => {
    const facts = new Facts();
    const extra = Object.fromEntries(
      Array.from({ length: 15_000 }, (_, index) => [`members/a${index}`, memberValue(0)]),
    );
    const state = facts.snapshot(extra).fold();
    expect(state.members).toHaveLength(200);
    expect(state.members.map(({ name }) => name)).toEqual(expect.arrayContaining(['db1', 'db2', 'db3']));
    expect(state.leader.holder).toBe('db1');
    expect(state.blindSpots.join(' ')).toContain('15003 members are named');
  });
});
