import type { Alert, AlertRuleId, ClusterAlerts } from '../../model/alerts/alert';
import type { ClusterState } from '../../model/cluster/cluster-state';
import { isRemoved } from '../cluster/health';
import { alertRules, ruleInForce, type AlertSight, type AlertSights } from './alert-rules';

/** How long a condition must be gone before its alert ends, ms: a poll that meets a good moment ends nothing. */
const CLEAR_MS = 15_000;
/** A condition that returns within this time after its alert ended is the same alert, ms. */
const RETURN_MS = 5 * 60_000;

/** A condition that is followed: it was seen, and is not yet raised, lasts, or has just ended. Times are ms since the epoch. */
export interface WatchedCondition {
  readonly rule: AlertRuleId;
  readonly subject: string | null;
  readonly since: number;
  /** Since when it is seen to be gone; null while it is there or hidden. */
  readonly clearSince: number | null;
  readonly alert: Alert | null;
}

/** What one look at a cluster changes. */
export interface AlertStep {
  readonly watched: readonly WatchedCondition[];
  /** Alerts that are new now; one that only came back is not among them. */
  readonly raised: readonly Alert[];
  readonly ended: readonly Alert[];
}

/** What a look is made with. `newId` makes the id of an alert. */
export interface AlertLook {
  readonly state: ClusterState;
  readonly now: number;
  readonly settings: ClusterAlerts | undefined;
  readonly newId: () => string;
}

/** Follows the conditions of one cluster by one look at it. Pure but for `newId`. */
export function stepAlerts(before: readonly WatchedCondition[], look: AlertLook): AlertStep {
  const results = alertRules.map((rule) => {
    const force = ruleInForce(rule, look.settings?.rules[rule.id]);
    const followed = before.filter((one) => one.rule === rule.id);
    if (!force.on || isLeftAlone(look.state))
      return followed.map((one) => ({ ...endNow(one, look.now), raised: null }));
    const sights = rule.look({ state: look.state, now: look.now, threshold: force.threshold });
    return stepRule({ rule: rule.id, afterMs: force.afterMs, followed, sights, look });
  });
  const all = results.flat();
  return {
    watched: all.flatMap(({ next }) => next ?? []),
    raised: all.flatMap(({ raised }) => raised ?? []),
    ended: all.flatMap(({ ended }) => ended ?? []),
  };
}

/** Nobody asks a cluster that was taken away or is on hold. */
function isLeftAlone(state: ClusterState): boolean {
  return state.onHold === true || isRemoved(state);
}

interface Outcome {
  /** null: nothing is left to follow. */
  readonly next: WatchedCondition | null;
  readonly raised: Alert | null;
  readonly ended: Alert | null;
}

interface RuleStep {
  readonly rule: AlertRuleId;
  readonly afterMs: number;
  readonly followed: readonly WatchedCondition[];
  readonly sights: AlertSights;
  readonly look: AlertLook;
}

function stepRule({ rule, afterMs, followed, sights, look }: RuleStep): readonly Outcome[] {
  const found = new Map(sights.found.toReversed().map((sight) => [sight.subject, sight]));
  const known = new Set(followed.map(({ subject }) => subject));
  const fresh = [...found.keys()].filter((subject) => !known.has(subject));
  return [
    ...followed,
    ...fresh.map((subject) => ({ rule, subject, since: look.now, clearSince: null, alert: null })),
  ].map((one) => {
    const sight = found.get(one.subject);
    if (sight !== undefined) return stepFound(one, sight, afterMs, look);
    return isHidden(sights, one.subject) ? { next: one, raised: null, ended: null } : stepGone(one, look.now);
  });
}

function isHidden({ hidden }: AlertSights, subject: string | null): boolean {
  return hidden === 'all' || (subject !== null && hidden.includes(subject));
}

function stepFound(one: WatchedCondition, sight: AlertSight, afterMs: number, look: AlertLook): Outcome {
  const { now } = look;
  const words = { severity: sight.severity, sentence: sight.sentence, advice: sight.advice };
  const { alert } = one;
  if (alert !== null && alert.endedAt === null) {
    const next = { ...one, clearSince: null, alert: { ...alert, ...words, seenAt: now } };
    return { next, raised: null, ended: null };
  }
  // What had ended begins to count again; without a gap it has been counting since it was first seen.
  const since = one.clearSince === null ? one.since : now;
  const seen = { ...one, since, clearSince: null };
  if (now - since < afterMs) return { next: seen, raised: null, ended: null };
  if (alert !== null) {
    const back = { ...alert, ...words, seenAt: now, endedAt: null, returned: alert.returned + 1 };
    return { next: { ...seen, alert: back }, raised: null, ended: null };
  }
  const raised = newAlert(seen, words, look);
  return { next: { ...seen, alert: raised }, raised, ended: null };
}

function newAlert(
  { rule, subject, since }: WatchedCondition,
  words: Pick<Alert, 'severity' | 'sentence' | 'advice'>,
  { state, now, newId }: AlertLook,
): Alert {
  return {
    id: newId(),
    clusterId: state.clusterId,
    clusterTitle: state.title,
    rule,
    subject,
    ...words,
    since,
    raisedAt: now,
    seenAt: now,
    endedAt: null,
    returned: 0,
    acknowledged: null,
  };
}

function stepGone(one: WatchedCondition, now: number): Outcome {
  const { alert } = one;
  if (alert === null) return { next: null, raised: null, ended: null };
  const clearSince = one.clearSince ?? now;
  if (alert.endedAt !== null) {
    const isOver = now - alert.endedAt > RETURN_MS;
    return { next: isOver ? null : { ...one, clearSince }, raised: null, ended: null };
  }
  if (now - clearSince < CLEAR_MS) return { next: { ...one, clearSince }, raised: null, ended: null };
  const ended = { ...alert, endedAt: clearSince };
  return { next: { ...one, clearSince, alert: ended }, raised: null, ended };
}

/** The rule was switched off, or the cluster is left alone: what lasts ends, and nothing is followed. */
function endNow({ alert }: WatchedCondition, now: number): Omit<Outcome, 'raised'> {
  return { next: null, ended: alert !== null && alert.endedAt === null ? { ...alert, endedAt: now } : null };
}
