import type { ClusterEvent, TimelineChange } from '../../model/cluster/cluster-state';
import type { LogGap, LogRecord } from '../../model/logs/log-record';

/** Why a leader was lost, as far as the evidence says. */
export type FailoverCause =
  | 'manual'
  | 'out_of_memory'
  | 'disk_full'
  | 'killed'
  | 'postgres_crash'
  | 'stopped'
  | 'dcs_lost'
  | 'cut_off'
  | 'power_cut'
  | 'unknown';

/** A sentence of an account with the lines it rests on. `missing`: it says what is not known, and why. */
export interface AccountSentence {
  readonly text: string;
  readonly missing: boolean;
  readonly lines: readonly LogRecord[];
  readonly events: readonly ClusterEvent[];
}

/** What an account rests on: everything of some minutes around the change, oldest first. */
export interface FailoverEvidence {
  /** The change as it was recorded or as the history has it, ms since the epoch. */
  readonly at: number;
  readonly records: readonly LogRecord[];
  readonly gaps: readonly LogGap[];
  readonly events: readonly ClusterEvent[];
  readonly history: readonly TimelineChange[];
}

/** An event or a row of the history belongs to a change when it is no further from it than this, ms. */
export const NEAR_CHANGE_MS = 90_000;

/** What Patroni's leader says each time it has looked and all was well (patroni/ha.py). */
export const LEADS = /\bI am \((\S+)\), the leader with the lock/;

/** A sentence that rests on lines and events. */
export const tellSentence = (
  text: string,
  lines: readonly (LogRecord | undefined)[] = [],
  events: readonly (ClusterEvent | null | undefined)[] = [],
): AccountSentence => ({
  text,
  missing: false,
  lines: lines.filter((line) => line !== undefined),
  events: events.filter((event) => event !== null && event !== undefined),
});

/** A sentence about what is not known. */
export const tellMissing = (text: string): AccountSentence => ({ text, missing: true, lines: [], events: [] });
