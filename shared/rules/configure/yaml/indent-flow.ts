const BLOCK_HEADER = /(?:^|[\s:-])[|>][-+0-9]*[ ]*(?:#.*)?$/;
const DEEP = ' '.repeat(100);

/** Where a scan of a YAML text is: inside quotes, and how many brackets are open. */
interface Place {
  readonly quote: '"' | "'" | null;
  readonly open: number;
}

interface Step {
  readonly place: Place;
  readonly taken: number;
}

function stepInQuotes(line: string, index: number, place: Place, quote: string): Step {
  const character = line[index] ?? '';
  const isEscape = quote === '"' ? character === '\\' : line.startsWith("''", index);
  if (isEscape) return { place, taken: 2 };
  return { place: character === quote ? { quote: null, open: place.open } : place, taken: 1 };
}

/** Whether a value may begin after this part of a line. */
function canBegin(before: string, open: number): boolean {
  if (open > 0) return /(?:^|[\s,[{:])$/.test(before);
  return /(?:^|\s)$/.test(before) && /(?:^|[:?-]|[&!]\S+)\s*$/.test(before);
}

/** One character of a line, with the place after it and how many characters it takes. */
function step(line: string, index: number, place: Place): Step | 'comment' {
  const { quote, open } = place;
  if (quote !== null) return stepInQuotes(line, index, place, quote);
  const character = line[index] ?? '';
  const before = line.slice(0, index);
  if (character === '#' && /(?:^|\s)$/.test(before)) return 'comment';
  const begins = canBegin(before, open);
  if (begins && (character === '"' || character === "'")) return { place: { quote: character, open }, taken: 1 };
  if (begins && '[{'.includes(character)) return { place: { quote, open: open + 1 }, taken: 1 };
  if (open > 0 && ']}'.includes(character)) return { place: { quote, open: open - 1 }, taken: 1 };
  return { place, taken: 1 };
}

function scanLine(line: string, start: Place): Place {
  let place = start;
  for (let index = 0; index < line.length;) {
    const next = step(line, index, place);
    if (next === 'comment') return place;
    place = next.place;
    index += next.taken;
  }
  return place;
}

/** Beyond it a line is no text that somebody indented; looking at each place of it would take too long. */
const LONGEST_LINE = 20_000;

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/**
 * A YAML text with the lines inside brackets and quotes indented further. PyYAML does not care how far they are, YAML 1.2 does;
 * the values are the same, and so are the numbers of the lines.
 */
export function indentFlow(text: string): string {
  let place: Place = { quote: null, open: 0 };
  let block: number | null = null;
  const all = text.split('\n');
  if (all.some((line) => line.length > LONGEST_LINE)) return text;
  const lines = all.map((line) => {
    const isInside = place.quote !== null || place.open > 0;
    if (block !== null && (line.trim() === '' || indentOf(line) > block)) return line;
    block = null;
    place = scanLine(line, place);
    if (place.quote === null && place.open === 0 && !isInside && BLOCK_HEADER.test(line)) block = indentOf(line);
    return isInside && line.trim() !== '' ? `${DEEP}${line}` : line;
  });
  return lines.join('\n');
}
