import type { AlertWords } from '../../model/alerts/alert';
import type { ReportedFigure } from '../../model/alerts/figure';
import { daysInWords } from '../certificates/certificate-words';
import { CRITICAL_DAYS } from '../certificates/find-certificate-trouble';
import { momentInWords, spanInWords } from '../words/wording';
import type { AlertRule, AlertView } from './alert-rule';
import { isSourceSilent, type AlertSource } from './alert-sources';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CRITICAL_HOURS = 2;
const CRITICAL_PERCENT = 3;
/** Millions of transactions: from here on vacuum leaves everything else aside (vacuum_failsafe_age). */
const CRITICAL_AGE = 1_600;

/** What a figure says by the threshold of its rule; null: nothing. */
type Judge = (figure: ReportedFigure, view: AlertView) => AlertWords | null;

/** What a source measured; a figure that could not be read again, or not for long, is hidden. */
export function byFigure(source: AlertSource, judge: Judge): AlertRule['look'] {
  return (view) => {
    const measured = view.figures(source.name);
    if (measured === null || isSourceSilent(source)(view)) return { found: [], hidden: 'all' };
    const found = measured.figures.flatMap((figure) => {
      const words = judge(figure, view);
      return words === null ? [] : [{ subject: figure.subject, ...words }];
    });
    return { found, hidden: measured.isWhole ? measured.unseen : 'all' };
  };
}

/** A certificate with fewer days than the threshold; one that was not read again still ends when it said. */
export const judgeCertificate: Judge = ({ kind, value, words }, { now, threshold }) => {
  if (kind !== 'certificate_end' || value - now >= threshold * DAY) return null;
  const isOver = value <= now;
  return {
    severity: isOver || value - now < CRITICAL_DAYS * DAY ? 'critical' : 'warning',
    sentence: `${words} ${isOver ? 'ended' : 'ends'} ${daysInWords(value, now)}, on ${momentInWords(value)}.`,
    advice: 'See Health, Certificates: who made it, and whether its file holds a newer one already.',
  };
};

const DISK_ADVICE =
  'See what fills it: WAL that a slot retains or that is not archived, logs, or other files. Never delete anything in pg_wal by hand.';

/** A disk that is full within the threshold, hours. */
export const judgeFilling: Judge = ({ kind, value, words }, { now, threshold }) =>
  kind !== 'disk_full_at' || value - now >= threshold * HOUR
    ? null
    : {
        severity: value - now < CRITICAL_HOURS * HOUR ? 'critical' : 'warning',
        sentence: `${words}: full in ${spanInWords(value - now)} if it goes on filling as it does.`,
        advice: DISK_ADVICE,
      };

/** A disk of which less is free than the threshold, percent. */
export const judgeFree: Judge = ({ kind, value, words }, { threshold }) =>
  kind !== 'disk_free_percent' || value >= threshold
    ? null
    : {
        severity: value < CRITICAL_PERCENT ? 'critical' : 'warning',
        sentence: `${words}, ${value < 1 ? 'less than 1' : Math.floor(value)} %.`,
        advice: DISK_ADVICE,
      };

/** Rows that were not frozen for more than the threshold, millions of transactions. */
export const judgeAgeOfTransactions: Judge = ({ kind, value, words }, { threshold }) =>
  kind !== 'transaction_age' || value <= threshold
    ? null
    : {
        severity: value >= CRITICAL_AGE ? 'critical' : 'warning',
        sentence: `${words}: PostgreSQL takes no more transactions at about 2100 million.`,
        advice:
          'See what keeps vacuum from freezing, under PostgreSQL, Databases: long transactions, prepared ones, slots with an old xmin.',
      };
