import { describe, expect, it } from 'vitest';
import { takeOverInWords, takeOverOf } from '../../../../shared/rules/cluster/take-over';
import { Facts, answerOf, codes } from '../../../support/cluster/cluster-facts';

const NAMES = ['db1', 'db2', 'db3'];
const nofailover = (index: number): Record<string, unknown> => answerOf(index, NAMES, { tags: { nofailover: true } });

function wordsOf(facts: Facts): string {
  const state = facts.fold();
  return takeOverInWords(takeOverOf(state), state.leader.holder, state.paused);
}

describe('who can take over if the leader fails', () => {
  const cases: readonly [string, (facts: Facts) => unknown, string][] = [
    ['every replica that streams', () => undefined, 'db2 and db3 can take over if db1 fails.'],
    [
      'not one with the tag nofailover',
      (facts) => facts.answer('db3', nofailover(2)),
      'db2 can take over if db1 fails.',
    ],
    [
      'nobody when every replica is ruled out',
      (facts) => facts.answer('db2', nofailover(1)).answer('db3', nofailover(2)),
      'No replica can take over if db1 fails.',
    ],
    [
      'not known when the only ones left cannot be asked',
      (facts) => facts.fail('db2', 'rest.timeout').fail('db3', 'rest.timeout'),
      'Not known: db2 and db3 may be able to take over, but cannot be asked now.',
    ],
    [
      'only by hand while the cluster is paused',
      (facts) => facts.put('config', '{"ttl":30,"loop_wait":10,"retry_timeout":10,"pause":true}'),
      'Automatic failover is off (paused). By hand: db2 and db3.',
    ],
    ['not known while no leader is seen', (facts) => facts.remove('leader'), 'Not known: no leader is seen.'],
  ];

  it.each(cases)('%s', (_name, bend, words) => {
    const facts = new Facts();
    bend(facts);
    expect(wordsOf(facts)).toBe(words);
  });

  it('says of a cluster of one that there is no replica', () => {
    expect(wordsOf(new Facts(['db1']))).toBe('There is no replica to take over if db1 fails.');
  });

  it('is a critical finding when nobody can, though the cluster takes writes', () => {
    const state = new Facts().answer('db2', nofailover(1)).answer('db3', nofailover(2)).fold();
    expect(codes(state)).toContain('cluster.nobody_can_take_over');
    expect(state.health).toMatchObject({ level: 'critical', sentence: 'No replica can take over if db1 fails.' });
  });
});
