import type { StatementCell } from '../../model/postgres/statement';

/**
 * A result as CSV (RFC 4180) as COPY writes it: NULL is nothing, an empty text is `""`. What a spreadsheet would run as a formula is kept a
 * text by an apostrophe; numbers stay numbers.
 */
export function resultCsv(columns: readonly string[], rows: readonly (readonly StatementCell[])[]): string {
  const lines = [columns.map(field), ...rows.map((row) => row.map(({ text }) => (text === null ? '' : field(text))))];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

function field(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
  const inert = isFormula ? `'${text}` : text;
  return inert === '' || /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

/** How many values of a result are cut, and therefore not whole in its CSV. */
export function cutCells(rows: readonly (readonly StatementCell[])[]): number {
  return rows.flat().filter(({ text, length }) => text !== null && length > text.length).length;
}
