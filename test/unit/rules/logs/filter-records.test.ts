import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../../shared/model/logs/log-record';
import {
  chooseRecords,
  EVERY_RECORD,
  filterRecords,
  findHits,
  readLogSearch,
} from '../../../../shared/rules/logs/filter-records';

const record = (change: Partial<LogRecord>): LogRecord => ({
  id: '1',
  member: 'db1',
  serverId: 'db1',
  service: 'patroni',
  source: 'patroni.service',
  at: 0,
  serverAt: 0,
  level: 'info',
  text: '',
  cutBytes: 0,
  ...change,
});

describe('the entries that are shown', () => {
  it('are those of the chosen members, programs and levels', () => {
    const all = [record({ member: 'db2' }), record({ level: 'error' }), record({ service: 'etcd', level: 'fatal' })];
    const shown = (change: Partial<typeof EVERY_RECORD>) =>
      all.map((one) => chooseRecords({ ...EVERY_RECORD, ...change })(one));
    expect(shown({})).toEqual([true, true, true]);
    expect(shown({ members: new Set(['db1']) })).toEqual([false, true, true]);
    expect(shown({ services: new Set(['etcd']) })).toEqual([false, false, true]);
    expect(shown({ level: 'error' })).toEqual([false, true, true]);
  });

  it('have the text that was typed, whatever its case and its signs', () => {
    const search = readLogSearch('Lock [a.b]');
    const has = (text: string) =>
      search.kind === 'text' &&
      filterRecords([record({ text })], EVERY_RECORD, (one) => search.pattern.test(one.text)).length === 1;
    expect(has('the LOCK [A.B] is here')).toBe(true);
    expect(has('lock axb')).toBe(false);
  });
});

describe('a regular expression', () => {
  it('stands between slashes, with its flags', () => {
    expect(readLogSearch('/^no (action|lock)/i')).toEqual({
      kind: 'expression',
      source: '^no (action|lock)',
      flags: 'i',
    });
    expect(readLogSearch('/var/log').kind).toBe('text');
    expect(readLogSearch('')).toEqual({ kind: 'none' });
  });

  it.each([
    ['/(/', /no regular expression: .*(group|parenthes)/i],
    ['/a/g', /only the flags/],
  ])('%s is refused with what is wrong', (typed, sentence) => {
    const search = readLogSearch(typed);
    expect(search.kind === 'wrong' && search.sentence).toMatch(sentence);
  });
});

describe('the hits in a text', () => {
  it('are where it is hit, at most so many, and none of nothing', () => {
    expect(findHits('abcabc', /b/i)).toEqual([
      [1, 2],
      [4, 5],
    ]);
    expect(findHits('aaa', /a/, 2)).toHaveLength(2);
    expect(findHits('aaa', /x*/)).toEqual([]);
  });
});
