import { describe, expect, it } from 'vitest';
import { firstAfter, mergeByTime } from '../../../../shared/rules/logs/merge-records';

const one = (id: string, at: number) => ({ id, at });
const ids = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id).join('');

describe('entries of several servers', () => {
  it('stand in the order of their times, whenever they come', () => {
    expect(ids(mergeByTime([one('a', 1), one('d', 40)], [one('b', 20), one('c', 30), one('e', 50)]))).toBe('abcde');
  });

  it('keep the order they came in where their times are equal', () => {
    expect(ids(mergeByTime([one('a', 1), one('b', 1)], [one('c', 1), one('d', 1)]))).toBe('abcd');
  });

  it('stand there once, even when they are read twice and the clock was measured anew between', () => {
    const before = [one('a', 1_000), one('b', 2_000)];
    expect(mergeByTime(before, [one('b', 2_003)])).toBe(before);
    expect(ids(mergeByTime(before, [one('b', 2_003), one('c', 2_500)]))).toBe('abc');
  });

  it('are found by time', () => {
    expect(firstAfter([one('a', 1), one('b', 2), one('c', 2), one('d', 3)], 2)).toBe(3);
    expect(firstAfter([], 2)).toBe(0);
  });
});
