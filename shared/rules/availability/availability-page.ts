import type { AvailabilityReport, ReportedOutage } from '../../model/availability/availability';
import { csvText } from '../words/csv';
import { htmlPage, htmlTable, htmlText } from '../words/html-text';
import { spanInWords } from '../words/wording';
import { momentInZone, monthInWords } from './months';

/**
 * A share of one in percent, never rounded up to what it is not: 0.99999 is `99.99 %`, only 1 is `100 %`. `not known` where there is none.
 */
export function availableShare(share: number | null): string {
  if (share === null) return 'not known';
  if (share >= 1) return '100 %';
  return `${(Math.floor(share * 100_000) / 1000).toFixed(3)} %`;
}

/** Whether an outage was planned, in words. */
export function plannedInWords({ planned }: Pick<ReportedOutage, 'planned'>): string {
  if (planned === null) return 'not known';
  return planned ? 'planned' : 'not planned';
}

/** The length of an outage with how precise it is. */
export function outageInWords({ from, to, slackMs, beganBefore, wentOn }: ReportedOutage): string {
  const precision = slackMs === null ? ', precision not known' : ` ± ${spanInWords(slackMs / 2)}`;
  const cut = beganBefore || wentOn ? ' in this month' : '';
  return `${spanInWords(to - from)}${precision}${cut}`;
}

/** A report in two sentences: what is known, and what of that was available. */
export function availabilityInWords(report: AvailabilityReport): string {
  const { available, known, downMs, outages } = report;
  if (available === null) return 'Nothing was watched in this month: its availability is not known.';
  const count = outages.length === 1 ? 'one time' : `${outages.length} times`;
  const down =
    outages.length === 0
      ? 'No time without a primary was seen'
      : `${count} without a primary, ${spanInWords(downMs)} in all`;
  return `Available for ${availableShare(available)} of the time that is known, which is ${availableShare(known)} of it. ${down}.`;
}

/** How the figures come about. */
export const AVAILABILITY_METHOD =
  'Available means that a member ran as the primary, as this app saw it while it ran and reached the cluster. Time ' +
  'that was not watched is not known: it counts neither as available nor as not. Stretches shorter than 10 s are counted and not listed. Whether applications ' +
  'reached the primary is not measured here.';

/** A report as a page that can be printed. */
export function availabilityPage(report: AvailabilityReport): string {
  const { zone } = report.month;
  const at = (moment: number): string => momentInZone(moment, zone);
  const outages = report.outages.map((outage) => [
    at(outage.from),
    outageInWords(outage),
    plannedInWords(outage),
    outage.cause ?? 'not known',
    outage.before ?? 'not known',
    outage.after ?? 'not known',
  ]);
  const led = report.led.map(({ member, timeline, from, to }) => [member, timeline ?? 'not known', at(from), at(to)]);
  const unwatched = report.unwatched.map(({ from, to }) => [at(from), at(to), spanInWords(to - from)]);
  const changes = report.unwatchedChanges.map((change) => [
    at(change.at),
    change.timeline,
    change.newLeader ?? 'not known',
  ]);
  const problem = report.problem === null ? '' : `<p>${htmlText(report.problem)}</p>`;
  return htmlPage(
    `Availability of ${report.cluster}, ${monthInWords(report.month)}`,
    `<p>${htmlText(availabilityInWords(report))}</p>${problem}<p class="quiet">${htmlText(AVAILABILITY_METHOD)} ` +
      `Times are those of ${htmlText(zone)}, up to ${htmlText(at(report.until))}.</p>` +
      `<h2>Times without a primary</h2>${htmlTable(['Began', 'Length', 'Planned', 'Cause', 'Before', 'After'], outages)}` +
      `<h2>Who led</h2>${htmlTable(['Member', 'Timeline', 'From', 'To'], led)}` +
      `<h2>Not known</h2>${htmlTable(['From', 'To', 'Length'], unwatched)}` +
      (changes.length === 0
        ? ''
        : `<h2>Changes of the leader that nobody watched</h2>${htmlTable(['When', 'Timeline', 'New leader'], changes)}`),
  );
}

/** A report as CSV (RFC 4180): a row for every stretch of the month, with times in ISO 8601 and lengths in seconds. */
export function availabilityCsv(report: AvailabilityReport): string {
  const iso = (at: number): string => new Date(at).toISOString();
  const secondsOf = (from: number, to: number): number => Math.round((to - from) / 100) / 10;
  const rows: readonly (readonly (string | number | null)[])[] = [
    ...report.led.map(({ from, to, member, timeline }) => ['up', from, to, member, timeline, '', '', null] as const),
    ...report.outages.map(
      (one) =>
        [
          'down',
          one.from,
          one.to,
          one.after,
          null,
          plannedInWords(one),
          one.cause ?? 'not known',
          one.slackMs,
        ] as const,
    ),
    ...report.unwatched.map(({ from, to }) => ['not known', from, to, null, null, '', '', null] as const),
  ].toSorted((one, other) => one[1] - other[1]);
  const head = ['state', 'from', 'to', 'seconds', 'member', 'timeline', 'planned', 'cause', 'precision_seconds'];
  const lines = rows.map((row) => {
    const [state, from, to, member, timeline, planned, cause, slack] = row;
    const [begin, end] = [Number(from), Number(to)];
    const precision = slack === null || slack === undefined ? null : Math.round(Number(slack) / 100) / 10;
    return [state, iso(begin), iso(end), secondsOf(begin, end), member, timeline, planned, cause, precision];
  });
  return csvText([head, ...lines].map((line) => line.map((value) => String(value ?? ''))));
}
