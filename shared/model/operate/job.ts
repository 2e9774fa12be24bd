import type { AppErrorData } from '../app-error';

/** What jobs do. */
export type JobKind =
  | 'switchover'
  | 'failover'
  | 'reinit'
  | 'restart'
  | 'rolling_restart'
  | 'reload'
  | 'pause'
  | 'resume'
  | 'schedule_switchover'
  | 'schedule_restart'
  | 'cancel_schedule'
  | 'change_config'
  | 'promote_cluster'
  | 'demote_cluster'
  | 'member_file'
  | 'passwords'
  | 'service'
  | 'terminal'
  | 'etcd'
  | 'repair'
  | 'backup'
  | 'restore'
  | 'drill'
  | 'upgrade'
  | 'assessment'
  | 'end_session'
  | 'run_statement'
  | 'deploy'
  | 'deploy_undo'
  | 'add_replica'
  | 'remove_member'
  | 'etcd_member'
  | 'convert'
  | 'monitoring'
  | 'rotate_certificates'
  | 'bundle';

/**
 * A job's life:
 *
 *   checking -> running -> following -> done | warning | failed
 *        \          \          \--> waiting (connection lost; nothing is sent again) --> following
 *         \          \-> unknown (the end could not be seen within the limit; the hint says how to look)
 *          \-> refused (a check said no; nothing was sent)
 *   cancelled: stopped by the user before anything was sent, or while following
 *
 * The last six absorb: nothing leads out of them.
 */
export type JobStatus =
  | 'checking'
  | 'running'
  | 'following'
  | 'waiting'
  | 'done'
  | 'warning'
  | 'failed'
  | 'refused'
  | 'cancelled'
  | 'unknown'
  | 'interrupted';

/** A step of a job the user can see. */
export interface JobPhase {
  readonly id: string;
  readonly label: string;
  readonly status: 'todo' | 'active' | 'done' | 'failed' | 'skipped';
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** What is so now, e.g. "db2 is promoting (timeline 4)". */
  readonly detail: string | null;
  /** 0..1 where the work can be measured. */
  readonly progress: number | null;
}

/** One line of the job's own log; secrets are masked before they get here. */
export interface JobLine {
  readonly at: number;
  readonly level: 'info' | 'good' | 'warning' | 'error';
  readonly text: string;
}

/** How a job ended, in words and in measured figures. */
export interface JobResult {
  readonly sentence: string;
  /** The measured time without a primary, ms, where the job interrupts writes. */
  readonly withoutPrimaryMs: number | null;
  readonly facts: Readonly<Record<string, string | number | null>>;
}

/** One piece of work that the core does for the user and follows to its real end. */
export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  readonly clusterId: string | null;
  readonly title: string;
  /** The member, candidate or server the job is about. */
  readonly target: string | null;
  /** The patronictl or etcdctl command that does the same. */
  readonly command: string | null;
  readonly status: JobStatus;
  readonly phases: readonly JobPhase[];
  readonly lines: readonly JobLine[];
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly cancellable: boolean;
  readonly result: JobResult | null;
  readonly error: AppErrorData | null;
  /** How the user confirmed: what was shown and, where asked, what was typed. */
  readonly confirmation: string | null;
  readonly startedBy: string;
}

/** What the stream of jobs carries. */
export type JobsUpdate =
  { readonly kind: 'snapshot'; readonly jobs: readonly Job[] } | { readonly kind: 'job'; readonly job: Job };

/** What binds a row of the history to all rows before it. Hashes are SHA-256 in hexadecimal. */
export interface HistorySeal {
  /** 1 for the first sealed row, then one more each. */
  readonly number: number;
  /** The hash of the row before it. */
  readonly previous: string;
  readonly hash: string;
}

/** Where the chain of the history does not hold: behind the row with this number a row is changed, added, missing or unreadable. */
export interface HistoryBreak {
  readonly after: number;
  readonly kind: 'changed' | 'added' | 'missing' | 'unreadable';
}

/** Whether the history on disk is as it was written. */
export interface HistoryCheck {
  /** Rows that are sealed, and rows of earlier versions, which are not. */
  readonly sealed: number;
  readonly unsealed: number;
  /** The hash of the last row, to compare with an earlier export; null where no row is sealed. */
  readonly lastHash: string | null;
  readonly firstBreak: HistoryBreak | null;
}

/** A finished job as the history keeps it on disk. */
export interface HistoryRow {
  readonly id: string;
  readonly at: number;
  readonly endedAt: number | null;
  readonly who: string;
  readonly clusterId: string | null;
  readonly clusterTitle: string | null;
  readonly kind: JobKind;
  readonly target: string | null;
  readonly command: string | null;
  readonly status: JobStatus;
  readonly sentence: string;
  readonly withoutPrimaryMs: number | null;
  readonly answers: readonly string[];
  readonly error: AppErrorData | null;
  /** Rows of versions without seals, and rows that could not be written, have none. */
  readonly seal?: HistorySeal;
}
