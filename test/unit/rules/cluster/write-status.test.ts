import { describe, expect, it } from 'vitest';
import { writeStatusOf, writesInWords } from '../../../../shared/rules/cluster/write-status';
import { Facts, answerOf } from '../../../support/cluster/cluster-facts';

const NAMES = ['db1', 'db2', 'db3'];
const asReplica = (name: string): Record<string, unknown> =>
  answerOf(1, NAMES, { patroni: { version: '4.0.7', name } });
const config = (changes: object): string => JSON.stringify({ ttl: 30, loop_wait: 10, retry_timeout: 10, ...changes });

function wordsOf(facts: Facts): string {
  return writesInWords(writeStatusOf(facts.fold()), facts.now);
}

describe('whether a cluster takes writes', () => {
  const cases: readonly [string, (facts: Facts) => unknown, string][] = [
    ['the leader says that it runs as the primary', () => undefined, 'Yes: db1 runs as the primary.'],
    [
      'the leader went silent: nobody claims to know',
      (facts) => facts.later(7000).event({ kind: 'alive', at: facts.now }),
      'Not known: primary db1 not seen for 7 s.',
    ],
    [
      'the lock is free and the word of the former leader is older than that',
      (facts) => facts.later(500).remove('leader'),
      'No: nobody holds the leader lock.',
    ],
    [
      'the lock is free but the primary, paused, goes on without it',
      (facts) => facts.put('config', config({ pause: true })).remove('leader'),
      'Yes: db1 runs as the primary.',
    ],
    [
      'etcd lost its quorum and the primary still says that it is one',
      (facts) => facts.lose('no_quorum'),
      'Yes: db1 runs as the primary.',
    ],
    [
      'etcd lost its quorum and the primary was demoted',
      (facts) => facts.lose('no_quorum').answer('db1', asReplica('db1')),
      'No: no member runs as the primary.',
    ],
    [
      'another member took the lock and is not promoted yet',
      (facts) => facts.later(500).put('leader', 'db2'),
      'No: db2 holds the leader lock but does not run as the primary.',
    ],
    [
      'PostgreSQL of the leader starts',
      (facts) => facts.answer('db1', answerOf(0, NAMES, { state: 'starting' })),
      'No: PostgreSQL is starting on leader db1.',
    ],
    [
      'PostgreSQL of the leader crashed',
      (facts) => facts.answer('db1', answerOf(0, NAMES, { state: 'crashed' })),
      'No: PostgreSQL is down on leader db1.',
    ],
    [
      'Patroni of the leader is down and its PostgreSQL refuses connections',
      (facts) => {
        facts.fail('db1', 'rest.refused', 1);
        facts.facts = { ...facts.facts, postgresUp: new Map([['db1', false]]) };
      },
      'No: PostgreSQL is down on leader db1.',
    ],
    [
      'Patroni of the leader is down and its PostgreSQL accepts connections: whether as the primary is not known',
      (facts) => {
        facts.later(2000).fail('db1', 'rest.refused', 1);
        facts.facts = { ...facts.facts, postgresUp: new Map([['db1', true]]) };
      },
      'Not known: primary db1 not seen for 2 s.',
    ],
    [
      'strict synchronous mode has no standby to confirm commits',
      (facts) => facts.put('config', config({ synchronous_mode: true, synchronous_mode_strict: true })),
      'No: commits wait for a synchronous standby.',
    ],
    [
      'the cluster is a standby cluster',
      (facts) =>
        facts
          .put('config', config({ standby_cluster: { host: '10.9.0.1' } }))
          .answer('db1', answerOf(1, NAMES, { role: 'standby_leader', patroni: { version: '4.0.7', name: 'db1' } })),
      'No: this cluster follows another one.',
    ],
  ];

  it.each(cases)('%s', (_name, bend, words) => {
    const facts = new Facts();
    bend(facts);
    expect(wordsOf(facts)).toBe(words);
  });

  function silentWithLease(leftMs: number): Facts {
    const facts = new Facts().later(9000);
    facts.event({ kind: 'alive', at: facts.now });
    facts.facts = { ...facts.facts, lease: { holder: 'db1', leftMs, ttlMs: 30_000, askedAt: facts.now } };
    return facts;
  }

  it('says when the failover of a silent primary is due, from the lease of its lock', () => {
    const facts = silentWithLease(20_000);
    expect(wordsOf(facts)).toBe('Not known: primary db1 not seen for 9 s; failover due in 20 s.');
    expect(writesInWords(writeStatusOf(facts.fold()), facts.now + 21_000)).toContain('failover is due now');
  });

  it('says that a silent primary still renews its lock, so that a lost connection is not taken for a lost primary', () => {
    const facts = silentWithLease(29_000);
    expect(wordsOf(facts)).toBe('Not known: primary db1 not seen for 9 s, but it renewed its leader lock 1 s ago.');
  });

  it.each<[string, (facts: Facts) => Facts]>([
    [
      'every replica carries the tag nofailover',
      (facts) => {
        for (const name of ['db2', 'db3']) facts.answer(name, { ...asReplica(name), tags: { nofailover: true } });
        return facts;
      },
    ],
    ['the member keys of all replicas are gone', (facts) => facts.remove('members/db2').remove('members/db3')],
  ])('promises no failover of a silent primary where %s', (_who, bend) => {
    expect(wordsOf(bend(silentWithLease(20_000)))).toBe('Not known: primary db1 not seen for 9 s.');
  });

  it('promises no failover while the cluster is paused', () => {
    const facts = silentWithLease(20_000).put('config', config({ pause: true }));
    expect(wordsOf(facts)).toBe('Not known: primary db1 not seen for 9 s.');
  });
});

describe('the headline of a cluster', () => {
  it.each([
    [0, 'healthy'],
    [3_000, 'healthy'],
    [4_500, 'unknown'],
  ])(
    '%i ms after the last answer of the leader is %s: no longer than five seconds surer than its sources',
    (ms, level) => {
      const facts = new Facts().later(ms);
      facts.event({ kind: 'alive', at: facts.now });
      expect(facts.fold().health.level).toBe(level);
    },
  );

  it('calls a switchover that was asked for by its name, not an outage', () => {
    const facts = new Facts().put('failover', '{"leader":"db1","member":"db2"}').later(500).remove('leader');
    expect(facts.fold()).toMatchObject({
      health: { level: 'warning', sentence: 'Switching over from db1 to db2.' },
      findings: [],
    });
  });

  it('calls a switchover that stands still for half a minute what it is: a cluster without a leader', () => {
    const facts = new Facts().put('failover', '{"leader":"db1","member":"db2"}').remove('leader').later(31_000);
    facts.event({ kind: 'alive', at: facts.now });
    expect(facts.fold().health.level).toBe('critical');
  });

  it('names the lost quorum of etcd first, with what follows from it folded in', () => {
    const facts = new Facts().lose('no_quorum');
    for (const name of NAMES) facts.answer(name, { ...asReplica(name), cluster_unlocked: true });
    const state = facts.later(1000).fold();
    expect(state.findings.map((finding) => finding.code)).toEqual(['dcs.no_quorum']);
    expect(state.findings[0]?.evidence).toContain('db1, db2 and db3 are up but cannot reach etcd.');
    expect(state.findings[0]?.advice).toContain('the cluster is read-only');
    expect(state.health).toMatchObject({ level: 'critical' });
  });

  it('shows a member demoted by a lost quorum as what it says it is, not as the leader it was', () => {
    const facts = new Facts().lose('no_quorum').answer('db1', asReplica('db1'));
    expect(facts.fold()).toMatchObject({
      leader: { holder: null, known: false },
      members: [{ role: 'replica' }, {}, {}],
    });
  });

  it('gives no lag while no leader is known', () => {
    const facts = new Facts().lose('no_quorum').answer('db1', asReplica('db1'));
    expect(facts.fold().members.map((member) => member.lag)).toEqual([null, null, null]);
  });
});
