import { describe, expect, it } from 'vitest';
import { findSlowMembers, type EtcdPace } from '../../../../shared/rules/etcd/slow-members';

const pace = (name: string, part: Partial<EtcdPace> = {}): EtcdPace => ({
  name,
  latencyMs: 20,
  committed: 50_000,
  applied: 50_000,
  ...part,
});
const slow = (...paces: readonly EtcdPace[]): readonly (string | undefined)[] =>
  findSlowMembers(paces).map(({ subject }) => subject);

describe('a member of etcd is slow in a reading', () => {
  it.each<[string, readonly EtcdPace[], readonly string[]]>([
    ['never where all keep up', [pace('a'), pace('b'), pace('c')], []],
    ['when it answers much later than the fastest', [pace('a'), pace('b', { latencyMs: 700 })], ['b']],
    ['never where the way to all of them is long', [pace('a', { latencyMs: 900 }), pace('b', { latencyMs: 950 })], []],
    ['when it has not carried out what the others agreed on', [pace('a'), pace('b', { applied: 48_000 })], ['b']],
    [
      'when it does not even know of what the others agreed on',
      [pace('a'), pace('b', { committed: 48_500, applied: 48_500 })],
      ['b'],
    ],
    ['never by the entries of a few moments', [pace('a'), pace('b', { applied: 49_500 })], []],
    ['never where only one was asked', [pace('a', { latencyMs: 4_000 }), pace('b', { latencyMs: null })], []],
    [
      'never where it gave no answer, which is told otherwise',
      [pace('a'), pace('b'), pace('c', { latencyMs: null, committed: null, applied: null })],
      [],
    ],
  ])('%s', (_name, paces, expected) => {
    expect(slow(...paces)).toEqual(expected);
  });

  it('with both signs and figures in its evidence', () => {
    const [found] = findSlowMembers([pace('a'), pace('b', { latencyMs: 820, applied: 47_600 })]);
    expect(found?.evidence).toBe(
      'Answers after 820 ms; the fastest after 20 ms. 2400 entries of the log are not carried out yet.',
    );
  });
});
