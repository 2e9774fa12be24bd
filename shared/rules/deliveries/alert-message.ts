import type { Alert } from '../../model/alerts/alert';
import { alertName } from '../alerts/delivery';

/** What is told: alerts of one cluster that were raised or are over, or nothing but that the way works. */
export interface AlertEvent {
  readonly kind: 'raised' | 'resolved' | 'test';
  readonly clusterId: string;
  readonly clusterTitle: string;
  readonly alerts: readonly Alert[];
  /** ms since the epoch. */
  readonly at: number;
}

const isoOf = (at: number): string => new Date(at).toISOString();

/** The event as the JSON that a webhook gets: docs/alerts.md describes it. */
export function webhookBody(event: AlertEvent): string {
  return JSON.stringify({
    version: 1,
    event: event.kind,
    sentAt: isoOf(event.at),
    cluster: event.kind === 'test' ? null : { id: event.clusterId, title: event.clusterTitle },
    alerts: event.alerts.map((alert) => ({
      id: alert.id,
      rule: alert.rule,
      name: alertName(alert),
      subject: alert.subject,
      severity: alert.severity,
      sentence: alert.sentence,
      advice: alert.advice,
      since: isoOf(alert.since),
      endedAt: alert.endedAt === null ? null : isoOf(alert.endedAt),
    })),
  });
}

/** A text of a cluster within one line: control characters, which would begin a new header, become blanks. */
function inOneLine(text: string, most: number): string {
  return text
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, most);
}

/** The event in a few words, for a subject and for lists. */
export function eventSubject({ kind, clusterTitle, alerts }: AlertEvent): string {
  if (kind === 'test') return 'Matriarch: a test';
  const [first, ...others] = alerts;
  const what = first === undefined ? 'alert' : alertName(first);
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const state = kind === 'resolved' ? 'resolved: ' : '';
  return inOneLine(`${clusterTitle}: ${state}${what}${more}`, 200);
}

/** The event as the text of a mail. */
export function eventText(event: AlertEvent): string {
  if (event.kind === 'test') return 'Alerts of Matriarch reach you by mail.\n';
  const parts = event.alerts.map((alert) => {
    const state = event.kind === 'resolved' ? 'Resolved' : { critical: 'Critical', warning: 'Warning' }[alert.severity];
    return [
      `${state}: ${inOneLine(alertName(alert), 300)}`,
      inOneLine(alert.sentence, 2_000),
      ...(event.kind === 'resolved' ? [] : [inOneLine(alert.advice, 2_000)]),
      `Since ${isoOf(alert.since)}${alert.endedAt === null ? '' : `, until ${isoOf(alert.endedAt)}`}`,
    ].join('\n');
  });
  return [`Cluster: ${inOneLine(event.clusterTitle, 300)}`, ...parts].join('\n\n').concat('\n');
}
