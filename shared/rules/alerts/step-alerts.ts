import type { Alert, AlertRuleId, ClusterAlerts } from '../../model/alerts/alert';
import type { ClusterState } from '../../model/cluster/cluster-state';
import { isRemoved } from '../cluster/health';
import type { AlertSight, AlertSights, AlertView } from './alert-rule';
import { alertRules, ruleInForce } from './alert-rules';

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
  /** Alerts that ended so long ago that they do not count as the same if the condition returns: now they are told to be over. */
  readonly over: readonly Alert[];
}

/** What a look is made with. `newId` makes the id of an alert. */
export interface AlertLook {
  readonly state: ClusterState;
  readonly now: number;
  readonly settings: ClusterAlerts | undefined;
  readonly newId: () => string;
  /** See `AlertView`. */
  readonly reportedAt: AlertView['reportedAt'];
  readonly unreadBy: AlertView['unreadBy'];
  readonly figures: AlertView['figures'];
  readonly behindFor: AlertView['behindFor'];
}

/** Follows the conditions of one cluster by one look at it. Pure but for `newId`. */
export function stepAlerts(before: readonly WatchedCondition[], look: AlertLook): AlertStep {
  const results = alertRules.map((rule) => {
    const force = ruleInForce(rule, look.settings?.rules[rule.id]);
    const followed = before.filter((one) => one.rule === rule.id);
    if (!force.on || isLeftAlone(look.state)) return followed.map((one) => endNow(one, look.now));
    const sights = rule.look({ ...look, threshold: force.threshold });
    return stepRule({ rule: rule.id, afterMs: force.afterMs, followed, sights, look });
  });
  const all = results.flat();
  return {
    watched: all.flatMap(({ next }) => next ?? []),
    raised: all.flatMap(({ raised }) => raised ?? []),
    ended: all.flatMap(({ ended }) => ended ?? []),
    over: all.flatMap(({ over }) => over ?? []),
  };
}

/** Nobody asks a cluster that was taken away or is on hold. */
function isLeftAlone(state: ClusterState): boolean {
  return state.onHold === true || isRemoved(state);
}

interface Outcome {
  /** null: nothing is left to follow. */
  readonly next: WatchedCondition | null;
  readonly raised?: Alert;
  readonly ended?: Alert;
  readonly over?: Alert;
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
    return isHidden(sights, one.subject) ? { next: unseen(one) } : stepGone(one, look.now);
  });
}

function isHidden({ hidden, hiddenPlaces = [] }: AlertSights, subject: string | null): boolean {
  if (hidden === 'all') return true;
  if (subject === null) return false;
  return hidden.includes(subject) || hiddenPlaces.some((place) => subject.startsWith(`${place} `));
}

/** A condition that cannot be seen now is as it was, and says so; it was not seen to be gone for all of the time since. */
function unseen(one: WatchedCondition): WatchedCondition {
  if (one.alert === null) return one;
  const alert = { ...one.alert, hidden: true };
  return isLasting(one) ? { ...one, clearSince: null, alert } : { ...one, alert };
}

function isLasting({ alert }: WatchedCondition): boolean {
  return alert !== null && alert.endedAt === null;
}

/**
 * What is followed once nobody has looked for a while: the computer slept, or its clock was set. What was not raised yet begins to count
 * anew, for nobody knows whether it was there all the time; what lasts has to be seen to be gone anew.
 */
export function afterPause(watched: readonly WatchedCondition[], now: number): readonly WatchedCondition[] {
  return watched.map((one) => (isLasting(one) ? { ...one, clearSince: null } : { ...one, since: now }));
}

function stepFound(one: WatchedCondition, sight: AlertSight, afterMs: number, look: AlertLook): Outcome {
  const { now } = look;
  const seen = { severity: sight.severity, sentence: sight.sentence, advice: sight.advice, seenAt: now, hidden: false };
  const { alert } = one;
  const endedAt = alert?.endedAt ?? null;
  if (alert !== null && endedAt === null) return { next: { ...one, clearSince: null, alert: { ...alert, ...seen } } };
  if (alert !== null && endedAt !== null && now - endedAt > RETURN_MS) {
    const fresh = { ...one, since: one.clearSince === null ? one.since : now, alert: null };
    return { ...stepFound({ ...fresh, clearSince: null }, sight, afterMs, look), over: alert };
  }
  // What had ended begins to count again; without a gap it has been counting since it was first seen.
  const since = one.clearSince === null ? one.since : now;
  const counted = { ...one, since, clearSince: null };
  if (now - since < afterMs) return { next: counted };
  if (alert === null) {
    const raised = newAlert(counted, seen, look);
    return { next: { ...counted, alert: raised }, raised };
  }
  const returned = { ...alert, ...seen, since, endedAt: null, awaitsEnd: false, returned: alert.returned + 1 };
  return { next: { ...counted, alert: returned } };
}

function newAlert(
  { rule, subject, since }: WatchedCondition,
  seen: Pick<Alert, 'severity' | 'sentence' | 'advice' | 'seenAt' | 'hidden'>,
  { state, now, newId }: AlertLook,
): Alert {
  return {
    id: newId(),
    clusterId: state.clusterId,
    clusterTitle: state.title,
    rule,
    subject,
    ...seen,
    since,
    raisedAt: now,
    endedAt: null,
    notifiedAs: null,
    returned: 0,
    acknowledged: null,
  };
}

function stepGone(one: WatchedCondition, now: number): Outcome {
  const { alert } = one;
  if (alert === null) return { next: null };
  const clearSince = one.clearSince ?? now;
  if (alert.endedAt !== null)
    return now - alert.endedAt > RETURN_MS ? { next: null, over: alert } : { next: { ...one, clearSince } };
  const gone = { ...alert, hidden: false };
  if (now - clearSince < CLEAR_MS) return { next: { ...one, clearSince, alert: gone } };
  const ended = { ...gone, endedAt: clearSince, awaitsEnd: true };
  return { next: { ...one, clearSince, alert: ended }, ended };
}

/** The rule was switched off, or the cluster is left alone: what lasts ends, what had ended is over, and nothing is followed. */
function endNow({ alert }: WatchedCondition, now: number): Outcome {
  if (alert === null) return { next: null };
  return alert.endedAt === null
    ? { next: null, ended: { ...alert, endedAt: now, hidden: false } }
    : { next: null, over: alert };
}
