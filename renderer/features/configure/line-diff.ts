/** A line of a comparison of two texts. */
export interface ComparedLine {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** Beyond this the texts are shown one after the other: the comparison grows with the product of their lines. */
const MOST_LINES = 2_000;

/** What must be taken from one text and put in to get the other, line by line (longest common subsequence). */
export function lineDiff(before: string, after: string): readonly ComparedLine[] {
  const [a, b] = [before, after].map((text) => text.split('\n').filter((line) => line !== ''));
  const [gone, added] = [a ?? [], b ?? []];
  if (gone.length > MOST_LINES || added.length > MOST_LINES)
    return [...gone.map(lineOf('gone')), ...added.map(lineOf('new'))];
  return walk(gone, added, commonLengths(gone, added));
}

/** Goes along both texts: a line of both where they agree, else one of the text whose rest loses less by it. */
function walk(
  a: readonly string[],
  b: readonly string[],
  common: readonly (readonly number[])[],
): readonly ComparedLine[] {
  const result: ComparedLine[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const [old, fresh] = [a[i], b[j]];
    const takesOld = fresh === undefined || (old !== undefined && at(common, i + 1, j) >= at(common, i, j + 1));
    if (old !== undefined && old === fresh) result.push(lineOf('same')(old));
    else result.push(takesOld ? lineOf('gone')(old ?? '') : lineOf('new')(fresh));
    const isSame = old !== undefined && old === fresh;
    if (isSame || takesOld) i += 1;
    if (isSame || !takesOld) j += 1;
  }
  return result;
}

const lineOf =
  (kind: ComparedLine['kind']) =>
  (text: string): ComparedLine => ({ kind, text });

const at = (table: readonly (readonly number[])[], i: number, j: number): number => table[i]?.[j] ?? 0;

/** How many lines the rests of both texts have in common, from each pair of places on. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly (readonly number[])[] {
  const table: number[][] = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0));
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = table[i];
      if (row !== undefined)
        row[j] = a[i] === b[j] ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), at(table, i, j + 1));
    }
  return table;
}
