import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { Operation } from '../../../../shared/model/operate/operation';
import { applyConfigPatch, configChanges } from '../../../../shared/rules/configure/config-patch';
import { checkConfigPatch } from '../../../../shared/rules/configure/config-rules';
import { changesSince, fingerprintOf } from '../../../../shared/rules/operate/fingerprint';
import { isStreamingReplica } from '../../../../shared/rules/cluster/member-facts';
import { bytesInWords, momentInWords, namesInWords, spanInWords } from '../../../../shared/rules/words/wording';
import { cluster, CONFIG, leader, replica, source } from '../../../support/cluster/operable-cluster';

describe('a patch of the dynamic configuration', () => {
  const rows: readonly [string, Record<string, unknown>, string | null][] = [
    ['with ttl 20 is refused unless loop_wait and retry_timeout get shorter too', { ttl: 20 }, 'config.timing_rule'],
    ['with the fast preset is fine', { ttl: 20, loop_wait: 5, retry_timeout: 5 }, null],
    ['with ttl below 20 is refused', { ttl: 19 }, 'config.bad_value'],
    ['with a number in words is refused', { loop_wait: 'ten' }, 'config.bad_value'],
    ['with a fraction is refused', { loop_wait: 1.5 }, 'config.bad_value'],
    ['with a numeric text is fine', { ttl: '40' }, null],
    ['with a lag of -1 is refused', { maximum_lag_on_failover: -1 }, 'config.bad_value'],
    ['with maximum_lag_on_syncnode -1 is fine', { maximum_lag_on_syncnode: -1 }, null],
    ['with synchronous_mode foo is refused', { synchronous_mode: 'foo' }, 'config.bad_value'],
    ['with quorum on 3.0 is refused', { synchronous_mode: 'quorum' }, 'config.needs_newer'],
    ['with a switch that is neither on nor off is refused', { failsafe_mode: 'perhaps' }, 'config.bad_value'],
    ['that pauses is refused: there is an operation for it', { pause: true }, 'config.pause'],
    ['with an empty standby_cluster is refused', { standby_cluster: { primary_slot_name: 'a' } }, 'config.bad_value'],
    ['with too few connections is refused', { postgresql: { parameters: { max_connections: 5 } } }, 'config.bad_value'],
    ['with plain text for a section is refused', { postgresql: 'fast' }, 'config.bad_value'],
    ['that removes a key is fine', { maximum_lag_on_failover: null }, null],
    ['that changes nothing is refused', { ttl: 30 }, 'config.no_change'],
    ['with a key named like an object property is only unknown', { constructor: 1 }, null],
  ];
  it.each(rows)('%s', (_name, patch, code) => {
    const refusal = checkConfigPatch(CONFIG.raw, patch, '3.0.2').find((check) => check.verdict === 'refuses');
    expect(refusal?.code ?? null).toBe(code);
  });

  it('warns about what Patroni ignores', () => {
    const codes = checkConfigPatch(
      CONFIG.raw,
      { bootstrap: { users: {} }, postgresql: { data_dir: '/x' } },
      '4.0.7',
    ).map((check) => check.code);
    expect(codes).toEqual(expect.arrayContaining(['config.unknown_key', 'config.local_only']));
  });

  it('lists each value of a section that is added or removed', () => {
    expect(
      configChanges({ a: { b: 1 } }, { c: { d: { e: 2 } }, f: {} }).map((change) => change.path.join('.')),
    ).toEqual(['a.b', 'c.d.e', 'f']);
  });

  it('is merged as Patroni does', () => {
    const before = { a: 1, b: { c: 2, d: 3 }, e: [1, 2] };
    const after = applyConfigPatch(before, { a: null, b: { c: 4 }, e: [3] });
    expect(after).toEqual({ b: { c: 4, d: 3 }, e: [3] });
    expect(configChanges(before, after).map((change) => change.path.join('.'))).toEqual(['a', 'b.c', 'e']);
    expect(before).toEqual({ a: 1, b: { c: 2, d: 3 }, e: [1, 2] });
  });
});

describe('the fingerprint of a preview', () => {
  const operation: Operation = { kind: 'switchover', leader: 'db1', candidate: 'db2' };
  const taken = fingerprintOf(cluster(), operation);
  const rows: readonly [string, Partial<ClusterState>, string | null][] = [
    ['of the same cluster has no change', {}, null],
    [
      'ignores lag and moments',
      { at: 99, revision: 9, members: [leader('db1', []), replica('db2', { lag: null, lsn: 1 }), replica('db3')] },
      null,
    ],
    [
      'takes running and streaming for the same',
      { members: [leader('db1', []), replica('db2', { state: 'running' }), replica('db3')] },
      null,
    ],
    ['names another leader', { leader: { ...cluster().leader, holder: 'db3' } }, 'The leader was db1 and is now db3.'],
    [
      'names a leader key that nobody holds',
      { leader: { ...cluster().leader, holder: null } },
      'The leader was db1 and is now nobody.',
    ],
    [
      'does not take the same leader, known from another source, for a change',
      { leader: { ...cluster().leader, known: false } },
      null,
    ],
    [
      'names a leader that is not known any more',
      { leader: { ...cluster().leader, holder: null, known: false } },
      'The leader was db1 and is now not known.',
    ],
    [
      'names another timeline',
      { members: [leader('db1', [], { timeline: 5 }), replica('db2'), replica('db3')] },
      'The timeline was 4 and is now 5.',
    ],
    ['names a candidate that vanished', { members: [leader('db1', []), replica('db3')] }, 'db2 is no longer a member.'],
    [
      'names a member that stopped',
      { members: [leader('db1', []), replica('db2', { state: 'stopped' }), replica('db3')] },
      'db2 was replica, running and is now replica, stopped.',
    ],
    ['names a pause', { paused: true }, 'Management is now paused.'],
    [
      'names a failover under way',
      { failoverRequest: { from: 'db1', to: 'db3' } },
      'A switchover or failover is under way (db1 > db3).',
    ],
    [
      'names a change of the configuration',
      { config: { ...CONFIG, raw: { ttl: 60 } } },
      'The dynamic configuration has changed.',
    ],
    [
      'does not care for the order of keys',
      { config: { ...CONFIG, raw: Object.fromEntries(Object.entries(CONFIG.raw).reverse()) } },
      null,
    ],
  ];
  it.each(rows)('%s', (_name, change, sentence) => {
    expect(changesSince(taken, cluster(change), operation)).toEqual(sentence === null ? [] : [sentence]);
  });

  it.each(['', 'nonsense', '{}', '[]', '{"operation":1}'])('that is garbage fits no state: "%s"', (garbage) => {
    expect(changesSince(garbage, cluster(), operation)).toHaveLength(1);
  });
  it('of another operation does not fit', () => {
    expect(changesSince(taken, cluster(), { ...operation, candidate: 'db3' })).toHaveLength(1);
  });
});

describe('a replica is said to stream', () => {
  const state = (
    db2: Parameters<typeof replica>[1],
    streamsTo: string[] = ['db2'],
    change: Partial<ClusterState> = {},
  ): ClusterState => cluster({ members: [leader('db1', streamsTo), replica('db2', db2), replica('db3')], ...change });
  const rows: readonly [string, ClusterState, boolean][] = [
    ['when the leader lists it', state({}), true],
    ['as running too, as 3.0 says', state({ state: 'running', replicationState: null }), true],
    ['not when the leader does not list it, whatever it says of itself', state({}, []), false],
    ['not on an older timeline', state({ timeline: 3 }), false],
    ['not while it is being created', state({ state: 'creating replica' }), false],
    [
      'by its own report when the leader cannot be asked',
      state({}, [], { sources: [source('rest:db1', { status: 'lost' })] }),
      true,
    ],
    [
      'when it streams from another replica',
      cluster({
        members: [
          leader('db1', ['db3']),
          replica('db2'),
          replica('db3', {
            connections: [{ applicationName: 'db2', clientAddress: null, state: 'streaming', syncState: 'async' }],
          }),
        ],
      }),
      true,
    ],
    [
      'never as the leader',
      cluster({ members: [leader('db2', ['db2'])], leader: { ...cluster().leader, holder: 'db2' } }),
      false,
    ],
  ];
  it.each(rows)('%s', (_name, now, expected) => {
    expect(isStreamingReplica(now, 'db2')).toBe(expected);
  });
});

describe('the words shown on screen', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 kB'],
    [1536, '1.5 kB'],
    [1_048_576, '1 MB'],
    [5e15, '4.4 PB'],
    [-5, '0 B'],
  ] as const)('give %d bytes as %s', (bytes, words) => {
    expect(bytesInWords(bytes)).toBe(words);
  });
  it.each([
    [400, '0.4 s'],
    [12_345, '12 s'],
    [185_000, '3 min 5 s'],
  ] as const)('give %d ms as %s', (ms, words) => {
    expect(spanInWords(ms)).toBe(words);
  });
  it('join names into a list', () => {
    expect([namesInWords([]), namesInWords(['a']), namesInWords(['a', 'b', 'c'])]).toEqual(['none', 'a', 'a, b and c']);
  });
  it('do not fail on an invalid date', () => {
    expect(momentInWords(Number.MAX_VALUE)).toBe('an impossible time');
  });
});
