/** Rows as CSV (RFC 4180), the names of the columns first. */
export function csvText(rows: readonly (readonly string[])[]): string {
  return [...rows.map((row) => row.map(csvField).join(',')), ''].join('\r\n');
}

/** Quotes where needed; a text that a spreadsheet would run as a formula is kept a text by a leading apostrophe. */
function csvField(text: string): string {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
