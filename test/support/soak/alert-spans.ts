import type { Alert, AlertRuleId } from '../../../shared/model/alerts/alert';
import type { SoakStretch } from './soak-sample';

/** One time for which the app said something. An alert that came back is several of them. Times in ms since the epoch. */
export interface AlertSpan {
  readonly id: string;
  readonly rule: AlertRuleId;
  readonly subject: string | null;
  readonly sentence: string;
  /** How often it had come back before. */
  readonly returned: number;
  readonly raisedAt: number;
  /** null: it lasts. */
  readonly endedAt: number | null;
  /** When the app said that it could not see whether it was still so. */
  readonly hidden: readonly SoakStretch[];
  readonly hiddenSince: number | null;
}

/** Takes in what the app says at a moment. */
export function takeAlerts(spans: readonly AlertSpan[], alerts: readonly Alert[], at: number): readonly AlertSpan[] {
  return alerts.reduce<readonly AlertSpan[]>((taken, alert) => {
    const known = taken.findLast(({ id }) => id === alert.id);
    if (known === undefined || known.returned < alert.returned) return [...taken, spanOf(alert, at)];
    return taken.map((span) => (span === known ? goneOn(span, alert, at) : span));
  }, spans);
}

function spanOf({ id, rule, subject, sentence, returned, raisedAt, endedAt, hidden }: Alert, at: number): AlertSpan {
  const begun = returned === 0 ? raisedAt : at;
  return {
    id,
    rule,
    subject,
    sentence,
    returned,
    raisedAt: begun,
    endedAt,
    hidden: [],
    hiddenSince: hidden ? begun : null,
  };
}

function goneOn(span: AlertSpan, { endedAt, hidden }: Alert, at: number): AlertSpan {
  if (hidden === (span.hiddenSince !== null)) return { ...span, endedAt };
  if (span.hiddenSince === null) return { ...span, endedAt, hiddenSince: at };
  return { ...span, endedAt, hidden: [...span.hidden, { from: span.hiddenSince, to: at }], hiddenSince: null };
}
