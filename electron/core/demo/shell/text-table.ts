/** A table as patronictl prints it (prettytable), with a title in its upper border. */
export function boxTable(title: string, rows: readonly (readonly string[])[]): string {
  const widths = widthsOf(rows);
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;
  const [head = [], ...body] = rows;
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  const titled = `+ ${title} ${rule.slice(title.length + 3)}`;
  return [title === '' ? rule : titled, line(head), rule, ...body.map(line), rule, ''].join('\n');
}

/** A table as psql prints it. */
export function alignedTable(rows: readonly (readonly string[])[]): string {
  const widths = widthsOf(rows);
  const [head = [], ...body] = rows;
  const centred = head.map((cell, index) => {
    const room = (widths[index] ?? 0) - cell.length;
    return ` ${' '.repeat(Math.floor(room / 2))}${cell}${' '.repeat(Math.ceil(room / 2))} `;
  });
  const line = (row: readonly string[]): string =>
    row.map((cell, index) => ` ${cell.padEnd(widths[index] ?? 0)} `).join('|');
  const count = `(${body.length} row${body.length === 1 ? '' : 's'})`;
  return [
    centred.join('|'),
    widths.map((width) => '-'.repeat(width + 2)).join('+'),
    ...body.map(line),
    count,
    '',
    '',
  ].join('\n');
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
}
