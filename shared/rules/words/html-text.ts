const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A text as it may stand in HTML, in an element or in quotes: what came from a server never becomes markup. */
export function htmlText(text: string | number): string {
  return String(text)
    .replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replaceAll(/[&<>"']/g, (sign) => signs[sign] ?? '');
}

/** A table with a head, each cell a text; numbers stand to the right where `numeric` names their column. */
export function htmlTable(
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  numeric: readonly string[] = [],
): string {
  const sideOf = (at: number): string => (numeric.includes(columns[at] ?? '') ? ' class="number"' : '');
  const head = columns.map((column, at) => `<th${sideOf(at)}>${htmlText(column)}</th>`).join('');
  const body = rows.map(
    (row) => `<tr>${row.map((cell, at) => `<td${sideOf(at)}>${htmlText(cell)}</td>`).join('')}</tr>`,
  );
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1c2127}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:1.6rem}table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid #c5cbd3;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
.number{text-align:right;font-variant-numeric:tabular-nums}.quiet{color:#5f6b7c}
@media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}`;

/** A whole page that can be printed: no script, nothing loaded. `body` is HTML, the title a text. */
export function htmlPage(title: string, body: string): string {
  return (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">' +
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">` +
    `<title>${htmlText(title)}</title><style>${STYLE}</style></head><body><h1>${htmlText(title)}</h1>${body}</body></html>\n`
  );
}
