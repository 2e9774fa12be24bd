import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Finding } from '../../../shared/model/cluster/cluster-state';
import type { SettleRule } from '../../../shared/rules/cluster/findings/settle-findings';

/** What one look at a cluster found. */
export interface Look {
  /** What was looked at: what is known of another place says nothing of this one, e.g. after a change of the leader. */
  readonly place: string;
  readonly findings: readonly Finding[];
  /** What earlier looks found where this one got no answer: it is neither found again nor gone. */
  readonly unseen?: readonly Finding[];
  /** Servers by name of which nothing was read since the app started: what is not found there is not known. Absent: none. */
  readonly unread?: readonly string[];
  /** ms since the epoch. */
  readonly asOf: number;
}

/** A question that is asked of each cluster in turn, in the background and seldom. */
export interface Round {
  /** Names its findings at the hub. */
  readonly source: string;
  readonly rule: SettleRule;
  /** From the end of a look at a cluster to the next, ms. */
  readonly everyMs: (entry: ClusterEntry) => number;
  /**
   * Looks once. null: there is nothing to ask now, or no way to ask without opening a connection or asking the user. Rejects where
   * it was asked and not answered; the next look at this cluster then comes later each time.
   */
  look(entry: ClusterEntry, signal: AbortSignal): Promise<Look | null>;
}
