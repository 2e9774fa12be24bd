import { describe, expect, it } from 'vitest';
import { cleanLogText, cutLogText, MOST_ENTRY_BYTES } from '../../../../shared/rules/logs/clean-text';

describe('the text of a log entry', () => {
  it('loses the escapes of terminals, whole', () => {
    expect(cleanLogText('\u001b[1;31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007')).toBe('red link');
  });

  it('shows what would disguise it', () => {
    expect(cleanLogText('a\u202eb\u0000c\u200bd\u0085e')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde');
  });

  it('keeps its line ends, and tabs as blanks', () => {
    expect(cleanLogText('one\r\n\ttwo')).toBe('one\n    two');
  });

  it('is cut at 64 kB, never inside of a character, and says how much is left out', () => {
    const { text, cutBytes } = cutLogText('ä'.repeat(500_000));
    expect(text).toBe('ä'.repeat(MOST_ENTRY_BYTES / 2));
    expect(cutBytes).toBe(1_000_000 - MOST_ENTRY_BYTES);
    const faces = cutLogText(`x${'😀'.repeat(20_000)}`);
    expect(faces.text.endsWith('😀')).toBe(true);
    expect(Buffer.byteLength(faces.text) + faces.cutBytes).toBe(80_001);
    expect(cutLogText('short')).toEqual({ text: 'short', cutBytes: 0 });
  });
});
