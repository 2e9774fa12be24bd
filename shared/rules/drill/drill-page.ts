import type { DrillMeasure, DrillReport } from '../../model/drill/drill';
import { expectedInWords, expectedOf, expectFailover } from '../cluster/failover-times';
import { htmlPage, htmlTable, htmlText } from '../words/html-text';
import { momentInWords, spanInWords } from '../words/wording';
import {
  clientInWords,
  drillFaultWords,
  drillWayWords,
  gapInWords,
  healingInWords,
  lostInWords,
  rejoinInWords,
  targetsInWords,
} from './drill-words';

/** The same client and way in an earlier drill; null where there is none. */
export function measureBefore(measure: DrillMeasure, before: DrillReport | null): DrillMeasure | null {
  return before?.measures.find(({ client, way }) => client === measure.client && way === measure.way) ?? null;
}

/** By how much an interruption is longer or shorter than the one before, in words; empty where that cannot be said. */
export function changeInWords(measure: DrillMeasure, before: DrillMeasure | null): string {
  if (before === null || before.end === 'not_measured' || measure.end === 'not_measured') return '';
  const change = (measure.gapMs ?? 0) - (before.gapMs ?? 0);
  if (Math.abs(change) < 100) return 'the same';
  return `${spanInWords(Math.abs(change))} ${change > 0 ? 'longer' : 'shorter'}`;
}

/** The drill before this one that made the same fault; `reports` are newest first. */
export function drillBefore(report: DrillReport, reports: readonly DrillReport[]): DrillReport | null {
  return reports.find((one) => one.fault === report.fault && one.startedAt < report.startedAt) ?? null;
}

/** What is told of a drill beside its figures: pairs of a name and a text. */
export function drillFactsInWords(report: DrillReport): readonly (readonly [string, string])[] {
  const { times, leaderAfter, timelineBefore, timelineAfter } = report;
  return [
    ['When', momentInWords(report.struckAt)],
    ['By', report.who],
    ['Fault', drillFaultWords[report.fault]],
    ['Leader', `${report.leaderBefore}, then ${leaderAfter ?? 'not known'}`],
    ['Timeline', `${timelineBefore ?? 'not known'}, then ${timelineAfter ?? 'not known'}`],
    ['New primary seen', report.primaryAfterMs === null ? 'none' : `after ${spanInWords(report.primaryAfterMs)}`],
    ['Expected', expectationInWords(report)],
    ['Fault taken away', healingInWords(report)],
    ['Former leader', rejoinInWords(report.rejoin)],
    [
      'Times',
      times === null
        ? 'not known'
        : `ttl ${times.ttl} s, loop_wait ${times.loopWait} s, retry_timeout ${times.retryTimeout} s`,
    ],
    ['Synchronous mode', report.synchronous],
    ['Patroni', report.patroniVersion ?? 'not known'],
    ['What was made for it', report.removed ? 'removed' : 'not all removed'],
  ];
}

/** What was to be expected of this fault with the times of the cluster, behind HAProxy as set-ups of this app configure it. */
function expectationInWords({ times, fault }: Pick<DrillReport, 'times' | 'fault'>): string {
  const expected = times === null ? null : expectedOf(expectFailover(times), fault);
  return expected === null ? 'not known' : expectedInWords(expected, expected.plusRecovery);
}

/** How the figures come about, for whoever reads them. */
export const DRILL_METHOD =
  'Each client writes a row ten times a second on each way. An interruption lasts from the first write that was refused, not answered ' +
  'within 2 s or answered after more than 1 s, to the first one acknowledged after it. While it lasts a new connection is tried every ' +
  '0.4 s, also while earlier ones wait: the figures are as precise as that.';

/** A report as a page that can be printed, compared with the drill before where there is one. */
export function drillPage(report: DrillReport, before: DrillReport | null): string {
  const columns = ['Way', 'From', 'Interruption', 'Before', 'Acknowledged', 'Lost', 'Note'];
  const rows = report.measures.map((measure) => {
    const earlier = measureBefore(measure, before);
    return [
      `${drillWayWords[measure.way]} (${targetsInWords(report.ways.find(({ kind }) => kind === measure.way)?.targets ?? [])})`,
      clientInWords(measure, report.server),
      gapInWords(measure),
      earlier === null ? '' : `${gapInWords(earlier)}${parted(changeInWords(measure, earlier))}`,
      measure.acknowledged,
      lostInWords(measure),
      [measure.note, measure.firstRefusal].filter((text) => text !== null).join(' '),
    ];
  });
  const facts = drillFactsInWords(report).map(([name, text]) => [name, text] as const);
  const steps = report.rejoin.steps.map(({ afterMs, text }) => [spanInWords(afterMs), text] as const);
  return htmlPage(
    `Failover drill of ${report.cluster}`,
    `<p>${htmlText(report.sentence)}</p>` +
      `<h2>Interruptions</h2>${htmlTable(columns, rows, ['Acknowledged'])}<p class="quiet">${htmlText(DRILL_METHOD)}</p>` +
      (before === null
        ? ''
        : `<p class="quiet">Before: the drill of ${htmlText(momentInWords(before.struckAt))}.</p>`) +
      `<h2>The drill</h2>${htmlTable(['What', 'Value'], facts)}` +
      `<h2>What the former leader said of itself</h2>${htmlTable(['After', 'State'], steps)}`,
  );
}

function parted(text: string): string {
  return text === '' ? '' : `; now ${text}`;
}
