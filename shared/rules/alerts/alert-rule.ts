import type { AlertRuleId, AlertWords } from '../../model/alerts/alert';
import type { ReportedFigures } from '../../model/alerts/figure';
import type { ClusterState } from '../../model/cluster/cluster-state';

/** What a rule looks at. `threshold` is in the unit of the rule. */
export interface AlertView {
  readonly state: ClusterState;
  /** ms since the epoch. */
  readonly now: number;
  readonly threshold: number;
  /** When a source that is asked now and then last told all that it finds; null: not yet. */
  readonly reportedAt: (source: string) => number | null;
  /** Servers by name of which such a source has read nothing yet. */
  readonly unreadBy: (source: string) => readonly string[];
  /** What such a source measured then; null: nothing yet. */
  readonly figures: (source: string) => ReportedFigures | null;
  /** For how long the leader has been beyond a position of a replica, ms; see leader-trail.ts. null: the leader is not seen. */
  readonly behindFor: (replayed: number) => number | null;
}

/** Something that meets the condition of a rule now. */
export interface AlertSight extends AlertWords {
  /** The member, slot or other part that it is about; null for the cluster. */
  readonly subject: string | null;
}

/**
 * What a rule sees. `hidden`: the subjects that cannot be judged now, or `all`: what was raised for them is neither over nor
 * raised anew until they are seen again.
 */
export interface AlertSights {
  readonly found: readonly AlertSight[];
  readonly hidden: 'all' | readonly string[];
  /** The same of all subjects that begin with one of these and a blank: what is on a server that was not read. */
  readonly hiddenPlaces?: readonly string[];
}

/** A condition that is worth waking somebody for. */
export interface AlertRule {
  readonly id: AlertRuleId;
  /** A few words, for lists and notifications. */
  readonly name: string;
  /** What it means, in one sentence. */
  readonly explain: string;
  /** How long the condition lasts before the alert is raised where nothing else is set, ms. */
  readonly afterMs: number;
  readonly threshold: {
    readonly unit: 'MB' | 's' | 'days' | 'h' | '%' | 'million';
    readonly initial: number;
    readonly name: string;
  } | null;
  readonly look: (view: AlertView) => AlertSights;
}
