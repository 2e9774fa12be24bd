import type { DrillFault, DrillReport } from '../../../shared/model/drill/drill';
import type { AlertSpan } from '../../support/soak/alert-spans';
import { gapsOf } from '../../support/soak/judge-availability';
import type { SoakSample } from '../../support/soak/soak-sample';
import type { AppUse } from './soak-app';

const MB = 1024 ** 2;

/** Something that was done to the cluster: a drill, or a replica that was stopped. Times in ms since the epoch. */
export interface SoakDeed {
  readonly deed: DrillFault | 'replica_stopped';
  readonly from: number;
  readonly to: number;
  readonly report: DrillReport | null;
}

interface Seen {
  readonly spans: readonly AlertSpan[];
  readonly samples: readonly SoakSample[];
  readonly begun: number;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

/** What happened, for people: each deed with its seconds, and the alerts that were raised until the next one. */
export function deedsInWords(done: readonly SoakDeed[], { spans, samples, begun }: Seen): string {
  const gaps = gapsOf(samples);
  const rows = done.map(({ deed, from, to, report }, index) => {
    const until = done[index + 1]?.from ?? Infinity;
    const isWithin = (at: number): boolean => at >= from && at < until;
    const lost = report?.measures.reduce((sum, measure) => sum + (measure.lost?.count ?? 0), 0);
    return [
      seconds(from - begun),
      deed,
      `${report?.leaderBefore ?? ''} ${report?.leaderAfter ?? ''}`.trim(),
      seconds(to - from),
      gaps
        .filter((gap) => isWithin(gap.from))
        .map((gap) => seconds(gap.to - gap.from))
        .join(' + '),
      lost ?? '',
      spans
        .filter(({ raisedAt }) => isWithin(raisedAt))
        .map((span) => alertInWords(span, from))
        .join('; '),
    ].join(' | ');
  });
  return ['at s | what | leaders | took s | nobody took writes s | lost | alerts, s after it', ...rows].join('\n');
}

function alertInWords({ rule, subject, raisedAt, endedAt }: AlertSpan, from: number): string {
  const end = endedAt === null ? 'lasts' : `to ${seconds(endedAt - from)}`;
  return `${rule}${subject === null ? '' : ` ${subject}`} ${seconds(raisedAt - from)} ${end}`;
}

/** What the app used each time that it was looked at. */
export function memoryInWords(uses: readonly AppUse[]): string {
  const rows = uses.map(({ at, heapUsed, rss, handles, threads, children, files, bytes, largest }) =>
    [
      new Date(at).toISOString(),
      (heapUsed / MB).toFixed(1),
      (rss / MB).toFixed(1),
      handles,
      threads,
      children,
      files,
      (bytes / 1024).toFixed(0),
      `${largest.path} ${(largest.bytes / 1024).toFixed(0)}`,
    ].join(' | '),
  );
  return ['when | heap MB | rss MB | handles | threads | children | files | kB | largest file kB', ...rows].join('\n');
}
