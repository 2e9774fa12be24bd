import { describe, expect, it } from 'vitest';
import { diffLines } from '../../../../../shared/rules/deploy/review/diff';

describe('the diff of a file', () => {
  it('shows removed and added lines', () => {
    expect(diffLines('a\nb\nc\n', 'a\nx\nc\n', 'a\nx\nc\n').map((line) => `${line.kind[0] ?? ''}${line.text}`)).toEqual(
      ['sa', 'rb', 'ax', 'sc'],
    );
  });
  it('hides passwords of a file found on a server', () => {
    expect(
      diffLines('password: hunter2\n', '', '')
        .map((line) => line.text)
        .join(),
    ).not.toContain('hunter2');
  });
});
