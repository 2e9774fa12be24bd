import { logLevels, type LogLevel, type LogRecord, type LogService } from '../../model/logs/log-record';

/** Which entries are looked for by what stands beside their text. null: all. */
export interface LogChoice {
  readonly members: ReadonlySet<string> | null;
  readonly services: ReadonlySet<LogService> | null;
  /** The least grave level that is shown. */
  readonly level: LogLevel;
}

/** What was typed into the search field. */
export type LogSearch =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly pattern: RegExp }
  | { readonly kind: 'expression'; readonly source: string; readonly flags: string }
  | { readonly kind: 'wrong'; readonly sentence: string };

/** All entries. */
export const EVERY_RECORD: LogChoice = { members: null, services: null, level: 'debug' };

/**
 * Reads what was typed: /expression/ with the flags i, s, m, u or v is a regular expression of JavaScript; anything else is
 * text that is looked for as it is, whatever its case.
 */
export function readLogSearch(typed: string): LogSearch {
  if (typed === '') return { kind: 'none' };
  const found = /^\/(.+)\/([dgimsuvy]*)$/.exec(typed);
  if (found === null) return { kind: 'text', pattern: new RegExp(typed.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'), 'i') };
  const [, source = '', flags = ''] = found;
  if (/[^ismuv]/.test(flags))
    return { kind: 'wrong', sentence: `After the last / only the flags i, s, m, u and v may stand, not "${flags}".` };
  try {
    return { kind: 'expression', source, flags: new RegExp(source, flags).flags };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message.replace(/^Invalid regular expression: /, '') : '';
    return { kind: 'wrong', sentence: `This is no regular expression: ${why}.` };
  }
}

/** Whether an entry is among the chosen ones; made once for a choice, since it is asked for each entry. */
export function chooseRecords(choice: LogChoice): (record: LogRecord) => boolean {
  const shown = new Set<LogLevel>(logLevels.slice(logLevels.indexOf(choice.level)));
  const { members, services } = choice;
  return (record) =>
    (members === null || members.has(record.member)) &&
    (services === null || services.has(record.service)) &&
    shown.has(record.level);
}

/** The entries that are chosen and have the text, in their order. */
export function filterRecords(
  records: readonly LogRecord[],
  choice: LogChoice,
  has: (record: LogRecord) => boolean,
): readonly LogRecord[] {
  const isChosen = chooseRecords(choice);
  return records.filter((record) => isChosen(record) && has(record));
}

/** Where a text is hit, as begin and end of each; at most `most`, and none of an expression that matches nothing of it. */
export function findHits(text: string, pattern: RegExp, most = 50): readonly (readonly [number, number])[] {
  const hits: (readonly [number, number])[] = [];
  const all = new RegExp(pattern.source, pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`);
  for (const found of text.matchAll(all)) {
    if (found[0] !== '') hits.push([found.index, found.index + found[0].length]);
    if (hits.length >= most) break;
  }
  return hits;
}
