import type { AppErrorData } from '../../../shared/model/app-error';
import type {
  HistoryCheck,
  HistoryRow,
  Job,
  JobKind,
  JobPhase,
  JobResult,
  JobsUpdate,
} from '../../../shared/model/operate/job';
import type { Undo } from '../../../shared/model/undo';

/** What a job is before it runs. `exclusive` names what only one job at a time may work on, e.g. `cluster:<id>`. */
export interface JobDefinition {
  readonly kind: JobKind;
  readonly clusterId: string | null;
  readonly clusterTitle: string | null;
  readonly title: string;
  readonly target: string | null;
  readonly command: string | null;
  readonly confirmation: string | null;
  readonly phases: readonly Pick<JobPhase, 'id' | 'label'>[];
  readonly exclusive: string | null;
  readonly cancellable: boolean;
  /** The same id given twice answers the first job and starts nothing. */
  readonly requestId: string;
}

/** How a job's body ends when it does not throw. */
export type JobEnd =
  | { readonly status: 'done' | 'warning'; readonly result: JobResult }
  | { readonly status: 'refused' | 'failed' | 'unknown'; readonly error: AppErrorData; readonly result?: JobResult };

/** What the body of a job may do. It does not know the screen. */
export interface JobContext {
  readonly jobId: string;
  readonly signal: AbortSignal;
  /**
   * Starts a phase and ends the one before it; also sets the job's status where the phase changes it. `label` names a
   * phase that was not announced.
   */
  phase(id: string, status?: 'checking' | 'running' | 'following' | 'waiting', label?: string): void;
  detail(text: string, progress?: number): void;
  log(level: 'info' | 'good' | 'warning' | 'error', text: string): void;
  /** An answer of a server, kept in the history. Secrets must be masked before. */
  answer(text: string): void;
}

/**
 * Runs jobs, keeps each in a journal on disk (append-only, fsynced) from before the first act to the
 * end, and writes the history. A job found unfinished in the journal at start is `interrupted`: it is
 * shown, and never sent again.
 */
export interface JobEngine {
  /** Rejects with `job.busy` when another job holds the same `exclusive`. Resolves as soon as the job is recorded. */
  start(definition: JobDefinition, body: (context: JobContext) => Promise<JobEnd>): Promise<Job>;
  cancel(jobId: string): void;
  get(jobId: string): Job | null;
  /** The job a request id has started, in this session or in the last hours before it; null when none has. */
  byRequest(requestId: string): Job | null;
  /** The job that works on `exclusive` now. */
  holder(exclusive: string): Job | null;
  watch(listener: (update: JobsUpdate) => void): Undo;
  history(clusterId: string | null, limit: number): readonly HistoryRow[];
  /** Whether the history on disk is as it was written. */
  checkHistory(): HistoryCheck;
  close(): Promise<void>;
}
