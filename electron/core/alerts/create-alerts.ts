import { randomUUID } from 'node:crypto';
import type {
  Alert,
  AlertRuleId,
  AlertsUpdate,
  ClusterAlerts,
  QuietHours,
  RuleSettings,
} from '../../../shared/model/alerts/alert';
import { appError } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Undo } from '../../../shared/model/undo';
import { alertRules, ruleInForce } from '../../../shared/rules/alerts/alert-rules';
import {
  endNoticeOf,
  noticeOf,
  notifiedNow,
  severityRank,
  type AlertNotice,
} from '../../../shared/rules/alerts/delivery';
import type { AlertEvent } from '../../../shared/rules/deliveries/alert-message';
import { behindFor, followLeader, type LeaderTrail } from '../../../shared/rules/alerts/leader-trail';
import {
  afterPause,
  stepAlerts,
  type AlertStep,
  type WatchedCondition,
} from '../../../shared/rules/alerts/step-alerts';
import type { ClusterHub } from '../clusters/hub';
import { createListeners } from '../platform/listeners';
import { readAlerts, writeAlerts, type KeptAlerts } from './alert-file';

/** What alerts are made with. */
export interface AlertsDeps {
  readonly hub: Pick<ClusterHub, 'state' | 'reportedAt' | 'unreadBy' | 'figures'>;
  readonly clusterIds: () => readonly string[];
  readonly now: () => number;
  /** Who acknowledges. */
  readonly user: string;
  readonly path: string;
  /** Clusters of the demo: their alerts are not kept, and notify nobody outside the page. */
  readonly isTemporary: (clusterId: string) => boolean;
  readonly notify: (notice: AlertNotice, clusterId: string) => void;
  /** Hands what is notified to the ways that leave this computer. */
  readonly deliver: (event: AlertEvent) => void;
  /** What could not be written is told here; alerts go on without it. */
  readonly onUnwritten: (thrown: unknown) => void;
}

/** The alerts of all clusters, raised while the app runs. */
export interface Alerts {
  /** Called with everything first, then with each change. */
  watch(listener: (update: AlertsUpdate) => void): Undo;
  /** Throws `alert.unknown`. */
  acknowledge(id: string): void;
  /** `until`: ms since the epoch; null ends it. */
  mute(clusterId: string, until: number | null): void;
  /** What the rule has where `settings` leaves something out. */
  setRule(clusterId: string, rule: AlertRuleId, settings: RuleSettings): void;
  /** From which value on a rule holds for a cluster, in the rule's unit. */
  thresholdOf(clusterId: string, rule: AlertRuleId): number;
  setQuietHours(hours: QuietHours | null): void;
  close(): Promise<void>;
}

/** How often clusters are looked at, ms. */
const EVERY_MS = 2_000;
/** After a longer time without a look the computer slept, or its clock was set, ms. */
const LONGEST_PAUSE_MS = 30_000;
/** Alerts that ended are kept in this number. */
const MOST_ENDED = 300;

/** Looks at every cluster again and again until closed. Rejects where the file of alerts cannot be reached at all. */
export async function createAlerts(deps: AlertsDeps): Promise<Alerts> {
  return new RunningAlerts(deps, await readAlerts(deps.path, deps.now()));
}

class RunningAlerts implements Alerts {
  readonly #deps: AlertsDeps;
  readonly #listeners = createListeners<AlertsUpdate>();
  readonly #watched = new Map<string, readonly WatchedCondition[]>();
  readonly #trails = new Map<string, LeaderTrail>();
  readonly #timer: NodeJS.Timeout;
  #settings: KeptAlerts['settings'];
  #ended: readonly Alert[];
  #lookedAt: number | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: AlertsDeps, kept: KeptAlerts) {
    this.#deps = deps;
    this.#settings = kept.settings;
    this.#ended = kept.alerts.filter(({ endedAt }) => endedAt !== null);
    for (const alert of kept.alerts.filter(({ endedAt, awaitsEnd }) => endedAt === null || awaitsEnd === true)) {
      const { rule, subject, since, clusterId, endedAt } = alert;
      const others = this.#watched.get(clusterId) ?? [];
      this.#watched.set(clusterId, [...others, { rule, subject, since, clearSince: endedAt, alert }]);
    }
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  watch(listener: (update: AlertsUpdate) => void): Undo {
    const undo = this.#listeners.add(listener);
    listener(this.#update());
    return undo;
  }

  acknowledge(id: string): void {
    const by = { by: this.#deps.user, at: this.#deps.now() };
    for (const [clusterId, watched] of this.#watched) {
      if (!watched.some(({ alert }) => alert?.id === id)) continue;
      this.#watched.set(
        clusterId,
        watched.map((one) => (one.alert?.id === id ? { ...one, alert: acknowledgedBy(one.alert, by) } : one)),
      );
      this.#ended = this.#ended.map((alert) => (alert.id === id ? { ...alert, acknowledged: by } : alert));
      this.#changed();
      return;
    }
    throw appError('alert.unknown', 'This alert is over.', { target: id, hint: 'Nothing is left to acknowledge.' });
  }

  mute(clusterId: string, until: number | null): void {
    this.#setCluster(clusterId, (settings) => ({ ...settings, mutedUntil: until }));
  }

  setRule(clusterId: string, rule: AlertRuleId, settings: RuleSettings): void {
    this.#setCluster(clusterId, (before) => ({ ...before, rules: { ...before.rules, [rule]: settings } }));
  }

  thresholdOf(clusterId: string, id: AlertRuleId): number {
    const rule = alertRules.find((one) => one.id === id);
    return rule === undefined ? 0 : ruleInForce(rule, this.#settings.clusters[clusterId]?.rules[id]).threshold;
  }

  setQuietHours(hours: QuietHours | null): void {
    this.#settings = { ...this.#settings, quietHours: hours };
    this.#changed();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
  }

  #setCluster(clusterId: string, change: (before: ClusterAlerts) => ClusterAlerts): void {
    if (!this.#deps.clusterIds().includes(clusterId))
      throw appError('inventory.cluster_unknown', 'This cluster is not in the inventory.', { target: clusterId });
    const before = this.#settings.clusters[clusterId] ?? { rules: {}, mutedUntil: null };
    this.#settings = { ...this.#settings, clusters: { ...this.#settings.clusters, [clusterId]: change(before) } };
    this.#changed();
  }

  #look(): void {
    this.#notePause();
    const ids = this.#deps.clusterIds();
    const changes = [...ids.map((id) => this.#lookAt(id)), ...this.#forgetOthers(ids)];
    if (changes.includes('kept')) this.#changed();
    else if (changes.includes('shown')) this.#listeners.emit(this.#update());
  }

  #notePause(): void {
    const now = this.#deps.now();
    const before = this.#lookedAt;
    this.#lookedAt = now;
    if (before === null || (now >= before && now - before <= LONGEST_PAUSE_MS)) return;
    for (const [clusterId, watched] of this.#watched) this.#watched.set(clusterId, afterPause(watched, now));
  }

  #lookAt(clusterId: string): Change {
    const state = this.#deps.hub.state(clusterId);
    if (state === null) return 'none';
    const before = this.#watched.get(clusterId) ?? [];
    const now = this.#deps.now();
    const settings = this.#settings.clusters[clusterId];
    const { hub } = this.#deps;
    const step = stepAlerts(before, {
      state,
      now,
      settings,
      reportedAt: (source) => hub.reportedAt(clusterId, source),
      unreadBy: (source) => hub.unreadBy(clusterId, source),
      figures: (source) => hub.figures(clusterId, source),
      behindFor: this.#behindFor(state, now),
      newId: randomUUID,
    });
    const watched = this.#tell(clusterId, step);
    this.#watched.set(clusterId, watched);
    this.#keepEnded(step);
    if (textOfKept(before) !== textOfKept(watched)) return 'kept';
    return textOfShown(before) === textOfShown(watched) ? 'none' : 'shown';
  }

  /** Follows where the leader is; while it is not seen nobody can tell how far behind a replica is. */
  #behindFor({ clusterId, leader, members }: ClusterState, now: number): (replayed: number) => number | null {
    const holder = members.find(({ name }) => name === leader.holder);
    if (holder === undefined || holder.stale || holder.lsn === null) return () => null;
    const trail = followLeader(this.#trails.get(clusterId) ?? null, { leader: holder.name, lsn: holder.lsn, at: now });
    this.#trails.set(clusterId, trail);
    return (replayed) => behindFor(trail, replayed, now);
  }

  /** A cluster that is not in the inventory any more has no alerts. */
  #forgetOthers(ids: readonly string[]): readonly Change[] {
    const gone = [...this.#watched.keys()].filter((id) => !ids.includes(id));
    for (const id of gone) this.#watched.delete(id);
    for (const id of this.#trails.keys()) if (!ids.includes(id)) this.#trails.delete(id);
    return gone.map(() => 'kept');
  }

  #keepEnded({ ended, over }: AlertStep): void {
    if (ended.length === 0 && over.length === 0) return;
    const ids = new Set(ended.map(({ id }) => id));
    const told = new Set(over.map(({ id }) => id));
    this.#ended = [...this.#ended.filter(({ id }) => !ids.has(id)), ...ended]
      .map((alert) => (told.has(alert.id) ? { ...alert, awaitsEnd: false } : alert))
      .slice(-MOST_ENDED);
  }

  /** Notifies what is due, and answers what is followed with what was notified of it. */
  #tell(clusterId: string, { watched, over }: AlertStep): readonly WatchedCondition[] {
    if (this.#deps.isTemporary(clusterId)) return watched;
    const now = this.#deps.now();
    const clock = new Date(now);
    const when = { now, minuteOfDay: clock.getHours() * 60 + clock.getMinutes() };
    const settings = { cluster: this.#settings.clusters[clusterId], quietHours: this.#settings.quietHours };
    const due = notifiedNow(alertsOf(watched), when, settings);
    for (const notice of [noticeOf(due), endNoticeOf(over)]) if (notice !== null) this.#deps.notify(notice, clusterId);
    this.#deliver('raised', due);
    this.#deliver(
      'resolved',
      over.filter(({ notifiedAs }) => notifiedAs !== null),
    );
    const told = new Set(due.map(({ id }) => id));
    return watched.map((one) =>
      one.alert !== null && told.has(one.alert.id)
        ? { ...one, alert: { ...one.alert, notifiedAs: one.alert.severity } }
        : one,
    );
  }

  #deliver(kind: 'raised' | 'resolved', alerts: readonly Alert[]): void {
    const [first] = alerts;
    if (first === undefined) return;
    const { clusterId, clusterTitle } = first;
    this.#deps.deliver({ kind, clusterId, clusterTitle, alerts, at: this.#deps.now() });
  }

  #lasting(): readonly Alert[] {
    return alertsOf([...this.#watched.values()].flat()).filter(({ endedAt }) => endedAt === null);
  }

  #update(): AlertsUpdate {
    const lasting = this.#lasting();
    const again = new Set(lasting.map(({ id }) => id));
    return {
      alerts: [
        ...lasting.toSorted((a, b) => severityRank[b.severity] - severityRank[a.severity] || b.raisedAt - a.raisedAt),
        ...this.#ended.filter(({ id }) => !again.has(id)).toReversed(),
      ],
      settings: this.#settings,
    };
  }

  #changed(): void {
    const update = this.#update();
    this.#listeners.emit(update);
    const { isTemporary, path, onUnwritten } = this.#deps;
    const kept = {
      settings: {
        ...update.settings,
        clusters: Object.fromEntries(Object.entries(update.settings.clusters).filter(([id]) => !isTemporary(id))),
      },
      alerts: update.alerts.filter(({ clusterId }) => !isTemporary(clusterId)),
    };
    this.#writing = this.#writing.then(() => writeAlerts(path, kept)).catch(onUnwritten);
  }
}

/** Who acknowledges an alert need not be notified of it any more, unless it becomes graver. */
function acknowledgedBy(alert: Alert, by: NonNullable<Alert['acknowledged']>): Alert {
  return { ...alert, acknowledged: by, notifiedAs: alert.severity };
}

/** What a look changed: what is kept on disk, only the words that are shown, or nothing. */
type Change = 'kept' | 'shown' | 'none';

function alertsOf(watched: readonly WatchedCondition[]): readonly Alert[] {
  return watched.flatMap(({ alert }) => alert ?? []);
}

/** The words of an alert may change with each look ("for 12 s"): that alone is not worth a write. */
function textOfKept(watched: readonly WatchedCondition[]): string {
  return JSON.stringify(
    alertsOf(watched).map(({ id, endedAt, returned, severity, notifiedAs }) =>
      [id, endedAt, returned, severity, notifiedAs].join(' '),
    ),
  );
}

function textOfShown(watched: readonly WatchedCondition[]): string {
  return JSON.stringify(alertsOf(watched).map(({ sentence, hidden }) => [sentence, hidden]));
}
