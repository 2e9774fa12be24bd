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

/** Which of the new alerts of a cluster are notified: none while it is muted, only critical ones in quiet hours. */
export function notifiedNow(
  raised: readonly Alert[],
  when: { readonly now: number; readonly minuteOfDay: number },
  settings: { readonly cluster: ClusterAlerts | undefined; readonly quietHours: QuietHours | null },
): readonly Alert[] {
  if ((settings.cluster?.mutedUntil ?? 0) > when.now) return [];
  return isQuiet(settings.quietHours, when.minuteOfDay)
    ? raised.filter(({ severity }) => severity === 'critical')
    : raised;
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

/** What is said when critical alerts are over; null where none of them was critical. */
export function endNoticeOf(ended: readonly Alert[]): AlertNotice | null {
  const critical = ended.filter(({ severity }) => severity === 'critical');
  const [first] = critical;
  if (first === undefined) return null;
  const spans = critical.map(
    (alert) => `${alertName(alert)} (${spanInWords((alert.endedAt ?? alert.seenAt) - alert.since)})`,
  );
  return { title: `${first.clusterTitle}: over`, body: spans.join(', ') };
}
