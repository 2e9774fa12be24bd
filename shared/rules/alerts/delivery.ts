import type { Alert, ClusterAlerts, QuietHours } from '../../model/alerts/alert';
import { spanInWords } from '../words/wording';
import { alertRules } from './alert-rules';

/** What a notification of the desktop says. */
export interface AlertNotice {
  readonly title: string;
  readonly body: string;
}

/** Whether a moment, in minutes since midnight, is within the quiet hours; they may go over midnight, and equal ends are none. */
export function isQuiet(hours: QuietHours | null, minuteOfDay: number): boolean {
  if (hours === null || hours.from === hours.to) return false;
  const { from, to } = hours;
  return from < to ? minuteOfDay >= from && minuteOfDay < to : minuteOfDay >= from || minuteOfDay < to;
}

/** How grave an alert is: the greater, the graver. */
export const severityRank = { warning: 1, critical: 2 } as const;

/** Whether an alert that lasts is graver than what was notified of it. */
function isUntold({ endedAt, severity, notifiedAs }: Alert): boolean {
  return endedAt === null && severityRank[severity] > (notifiedAs === null ? 0 : severityRank[notifiedAs]);
}

/**
 * Which alerts of a cluster are notified now: those that last and are graver than what was notified of them. None while the cluster is
 * muted and only critical ones in quiet hours; what is held back so is notified once that is over, if it still lasts.
 */
export function notifiedNow(
  alerts: readonly Alert[],
  when: { readonly now: number; readonly minuteOfDay: number },
  settings: { readonly cluster: ClusterAlerts | undefined; readonly quietHours: QuietHours | null },
): readonly Alert[] {
  if ((settings.cluster?.mutedUntil ?? 0) > when.now) return [];
  const untold = alerts.filter(isUntold);
  return isQuiet(settings.quietHours, when.minuteOfDay)
    ? untold.filter(({ severity }) => severity === 'critical')
    : untold;
}

/** The name of an alert's rule, with its subject. */
export function alertName({ rule, subject }: Pick<Alert, 'rule' | 'subject'>): string {
  const name = alertRules.find(({ id }) => id === rule)?.name ?? rule;
  return subject === null ? name : `${name}: ${subject}`;
}

/** One notification for all alerts of a cluster that came at once; null where there is none. */
export function noticeOf(alerts: readonly Alert[]): AlertNotice | null {
  const [first, ...others] = alerts;
  if (first === undefined) return null;
  if (others.length === 0) return { title: `${first.clusterTitle}: ${alertName(first)}`, body: first.sentence };
  return { title: `${first.clusterTitle}: ${alerts.length} alerts`, body: alerts.map(alertName).join(', ') };
}

/** What is said when critical alerts are over; null where none of them was notified as critical. */
export function endNoticeOf(ended: readonly Alert[]): AlertNotice | null {
  const critical = ended.filter(({ notifiedAs }) => notifiedAs === 'critical');
  const [first] = critical;
  if (first === undefined) return null;
  const spans = critical.map(
    (alert) => `${alertName(alert)} (${spanInWords((alert.endedAt ?? alert.seenAt) - alert.since)})`,
  );
  return { title: `${first.clusterTitle}: resolved`, body: spans.join(', ') };
}
