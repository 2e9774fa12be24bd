import { describe, expect, it } from 'vitest';
import { judgePaste, onOneLine } from '../../../../shared/rules/terminal/paste';

describe('a paste', () => {
  it('of several lines asks first, unless the program tells a paste from typing', () => {
    expect(judgePaste('one', false)).toEqual({ text: 'one', lines: 1, asks: false });
    expect(judgePaste('one\r\ntwo\r', false)).toEqual({ text: 'one\ntwo\n', lines: 2, asks: true });
    expect(judgePaste('one\n', false)).toMatchObject({ lines: 1, asks: true });
    expect(judgePaste('one\ntwo', true)).toMatchObject({ asks: false });
  });

  it('cannot end a bracketed paste early or press a key', () => {
    expect(judgePaste('a\u001b[201~rm\u0003\u0000\u009bb\tc', true).text).toBe('a[201~rmb\tc');
  });

  it('can be put on one line', () => {
    expect(onOneLine('select 1\n  from t;\n')).toBe('select 1 from t;');
  });
});
