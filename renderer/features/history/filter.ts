import type { HistoryRow } from '../../../shared/model/operate/job';
import { jobKindWords, jobWords } from '../../ui/wording/words';

/** The rows that hold every word in what the page shows of them. */
export function filterHistory(rows: readonly HistoryRow[], typed: string): readonly HistoryRow[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return rows.filter((row) => {
    const text = [
      jobKindWords[row.kind],
      jobWords[row.status].word,
      row.clusterTitle ?? '',
      row.target ?? '',
      row.sentence,
      row.who,
      row.command ?? '',
    ]
      .join('\n')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
