import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { HistoryBreak, HistoryRow, HistorySeal } from '../../../shared/model/operate/job';

/** The end of a chain: what the next row is sealed with. */
export interface ChainEnd {
  readonly number: number;
  readonly hash: string;
}

/** A sealed row as a line of the file has it. */
export interface SealedLine {
  readonly seal: HistorySeal;
  readonly row: unknown;
}

/** Every line of a history: `rows` as they stand there, and whether the chain that holds them is whole. */
export interface CheckedHistory {
  readonly lines: readonly (SealedLine | { readonly seal: null; readonly row: unknown })[];
  readonly end: ChainEnd;
  readonly firstBreak: HistoryBreak | null;
}

/** What the first row of an empty history is sealed with. */
const BEGINNING: ChainEnd = { number: 0, hash: '0'.repeat(64) };

/**
 * The seal of the row that follows `end`: SHA-256 over its number, the seal before it and its JSON, each on a line of its own. Who
 * changes, adds or takes out a row must make every later seal anew, and then the last one is another.
 */
export function sealRow(end: ChainEnd, row: unknown): HistorySeal {
  const number = end.number + 1;
  const hash = createHash('sha256')
    .update(`${number}\n${end.hash}\n${JSON.stringify(row)}`)
    .digest('hex');
  return { number, previous: end.hash, hash };
}

/** Reads a history and follows its chain. Rows of versions without seals stand before the chain, which begins with their hash. */
export function checkHistory(path: string): CheckedHistory {
  let end = BEGINNING;
  let firstBreak: HistoryBreak | null = null;
  let sealed = false;
  const before = createHash('sha256');
  const lines: CheckedHistory['lines'][number][] = [];
  for (const text of textLines(path)) {
    const line = parsed(text);
    const seal = sealOf(line);
    if (seal === null) {
      if (sealed) firstBreak ??= { after: end.number, kind: line === undefined ? 'unreadable' : 'added' };
      else if (line !== undefined) end = { number: 0, hash: before.update(`${text}\n`).copy().digest('hex') };
      if (line !== undefined) lines.push({ seal: null, row: line });
      continue;
    }
    sealed = true;
    const row: unknown = Reflect.get(Object(line), 'row');
    firstBreak ??= breakAt(end, seal, row);
    end = seal;
    lines.push({ seal, row });
  }
  return { lines, end, firstBreak };
}

function breakAt(end: ChainEnd, seal: HistorySeal, row: unknown): HistoryBreak | null {
  if (seal.number !== end.number + 1 || seal.previous !== end.hash) return { after: end.number, kind: 'missing' };
  return sealRow(end, row).hash === seal.hash ? null : { after: end.number, kind: 'changed' };
}

/** The rows with their seals, the newest last. `isRow` tells what is a row of a history at all. */
export function rowsOf(checked: CheckedHistory, isRow: (value: unknown) => value is HistoryRow): HistoryRow[] {
  return checked.lines.flatMap(({ seal, row }) => {
    if (!isRow(row)) return [];
    return [seal === null ? row : { ...row, seal }];
  });
}

function textLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
  } catch (thrown) {
    if (Reflect.get(Object(thrown), 'code') === 'ENOENT') return [];
    throw thrown;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sealOf(line: unknown): HistorySeal | null {
  const seal: unknown = Reflect.get(Object(line), 'seal');
  const [number, previous, hash] = ['number', 'previous', 'hash'].map(
    (name) => Reflect.get(Object(seal), name) as unknown,
  );
  return typeof number === 'number' && typeof previous === 'string' && typeof hash === 'string'
    ? { number, previous, hash }
    : null;
}
