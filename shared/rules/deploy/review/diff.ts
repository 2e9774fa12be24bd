import type { DiffLine } from '../../../model/deploy/deploy-views';

/** Longer files are shown as wholly replaced: the table below would grow with the product of their lengths. */
const longest = 2000;

/**
 * The change from one text to another, line by line (longest common subsequence). `shown` replaces the new text's
 * lines where secrets must not be seen; it has the same number of lines.
 */
export function diffLines(before: string, after: string, shown: string): readonly DiffLine[] {
  const old = split(before);
  const next = split(after);
  const visible = split(shown);
  const see = (index: number): string => visible[index] ?? next[index] ?? '';
  if (old.length > longest || next.length > longest)
    return [
      ...old.map((text) => line('removed', hideSecrets(text))),
      ...next.map((_, index) => line('added', see(index))),
    ];
  return compare(old, next, see);
}

/** Both texts walked through together; `see` gives what is shown of a line of the new one. */
function compare(old: readonly string[], next: readonly string[], see: (index: number) => string): readonly DiffLine[] {
  const lengths = table(old, next);
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < next.length) {
    if (i < old.length && j < next.length && old[i] === next[j]) {
      lines.push(line('same', see(j)));
      i += 1;
      j += 1;
    } else if (i < old.length && (j >= next.length || cell(lengths, i + 1, j) >= cell(lengths, i, j + 1))) {
      lines.push(line('removed', hideSecrets(old[i] ?? '')));
      i += 1;
    } else {
      lines.push(line('added', see(j)));
      j += 1;
    }
  }
  return lines;
}

function split(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function line(kind: DiffLine['kind'], text: string): DiffLine {
  return { kind, text };
}

/** Length of the common rest from each pair of positions. */
function table(old: readonly string[], next: readonly string[]): readonly Uint16Array[] {
  const rows = Array.from({ length: old.length + 1 }, () => new Uint16Array(next.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = next.length - 1; j >= 0; j -= 1) {
      const row = rows[i];
      if (row !== undefined)
        row[j] =
          old[i] === next[j] ? cell(rows, i + 1, j + 1) + 1 : Math.max(cell(rows, i + 1, j), cell(rows, i, j + 1));
    }
  }
  return rows;
}

function cell(rows: readonly Uint16Array[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}

/** Lines of a file found on a server: whatever stands where passwords stand is hidden. */
function hideSecrets(text: string): string {
  return text
    .replace(/((?:password|passwd|secret|passphrase)["']?\s*[:=]\s*).+$/i, '$1••••••')
    .replace(/^("[^"]*"\s+)".*"/, '$1"••••••"');
}
