import { csvText } from '../../../shared/rules/words/csv';
import type { HistoryRow } from '../../../shared/model/operate/job';

const columns = [
  'at',
  'endedAt',
  'who',
  'clusterTitle',
  'kind',
  'target',
  'status',
  'sentence',
  'withoutPrimaryMs',
  'command',
  'error',
  'answers',
  'number',
  'hash',
] as const;

/** The history as text: JSON rows, or CSV (RFC 4180) with times in ISO 8601. */
export function exportHistory(rows: readonly HistoryRow[], format: 'csv' | 'json'): string {
  if (format === 'json') return `${JSON.stringify(rows, null, 2)}\n`;
  return csvText([columns, ...rows.map((row) => columns.map((column) => cell(row, column)))]);
}

function cell(row: HistoryRow, column: (typeof columns)[number]): string {
  switch (column) {
    case 'at':
      return new Date(row.at).toISOString();
    case 'endedAt':
      return row.endedAt === null ? '' : new Date(row.endedAt).toISOString();
    case 'error':
      return row.error === null ? '' : `${row.error.code}: ${row.error.message}`;
    case 'number':
    case 'hash':
      return String(row.seal?.[column] ?? '');
    case 'answers':
      return row.answers.join('\n');
    default:
      return String(row[column] ?? '');
  }
}
