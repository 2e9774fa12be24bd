import { describe, expect, it } from 'vitest';
import { lineDiff } from '../../../../../renderer/features/configure/line-diff';

const signs = { same: ' ', gone: '-', new: '+' } as const;
const compared = (before: string, after: string) => lineDiff(before, after).map(({ kind, text }) => signs[kind] + text);

describe('the comparison of two texts', () => {
  it.each([
    ['a line that changed', 'a\nb\nc\n', 'a\nx\nc\n', [' a', '-b', '+x', ' c']],
    ['a line that is new', 'a\nc\n', 'a\nb\nc\n', [' a', '+b', ' c']],
    ['a line that is gone', 'a\nb\nc\n', 'a\nc\n', [' a', '-b', ' c']],
    ['a text that is new', '', 'a\n', ['+a']],
    ['a text that is gone', 'a\n', '', ['-a']],
    ['one text', 'a\nb\n', 'a\nb\n', [' a', ' b']],
  ])('shows %s', (_what, before, after, lines) => {
    expect(compared(before, after)).toEqual(lines);
  });
});
