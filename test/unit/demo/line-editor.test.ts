import { describe, expect, it } from 'vitest';
import { LineEditor } from '../../../electron/core/demo/shell/line-editor';

function typed(...keys: readonly string[]): { readonly lines: readonly string[]; readonly shown: string } {
  let shown = '';
  const lines: string[] = [];
  const editor = new LineEditor((text) => {
    shown += text;
  });
  editor.begin('$ ');
  for (let rest = keys.join(''); rest !== '';) {
    const step = editor.feed(rest);
    ({ rest } = step);
    if (step.event === null) continue;
    lines.push(step.event.kind === 'line' ? step.event.text : step.event.kind);
    editor.begin('$ ');
  }
  return { lines, shown };
}

describe('the line of a simulated terminal', () => {
  it.each([
    ['is what was typed', ['ls\r'], ['ls']],
    ['loses what Backspace takes away', ['lx\u007fs\r'], ['ls']],
    ['is edited in its middle with the arrow keys', ['ac\u001b[Db\r'], ['abc']],
    ['begins and ends with Ctrl+A and Ctrl+E', ['b\u0001a\u0005c\r'], ['abc']],
    ['is found again with the arrow up', ['one\rtwo\r\u001b[A\u001b[A\r'], ['one', 'two', 'one']],
    ['is dropped by Ctrl+C', ['abc\u0003ls\r'], ['interrupt', 'ls']],
    ['ends the terminal with Ctrl+D only when it is empty', ['a\u0004\r\u0004'], ['a', 'end']],
    ['takes no other control character', ['a\u0007\u001b[1;5Cb\r'], ['ab']],
  ])('%s', (_what, keys, lines) => {
    expect(typed(...keys).lines).toEqual(lines);
  });

  it('is drawn with the cursor where it is', () => {
    expect(typed('ac\u001b[Db').shown.endsWith('\r$ abc\u001b[K\u001b[1D')).toBe(true);
  });
});
