import type { AppError, AppErrorData, ErrorCode, ErrorDetails } from '../../../shared/model/app-error';
import { appError } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { JobResult } from '../../../shared/model/operate/job';
import type { Operation } from '../../../shared/model/operate/operation';
import { changesInWords, changesSince } from '../../../shared/rules/operate/fingerprint';
import type { ClusterHub } from '../clusters/hub';
import type { JobContext, JobEnd } from '../jobs/job-engine';

/** Spans that a test may shorten, ms. */
export interface Timing {
  /** Between two readings of all sources while a job follows. */
  readonly refreshMs: number;
  /** Between two questions `are you the primary?`. */
  readonly probeMs: number;
  /** How long the former leader may take to stream again. */
  readonly rejoinMs: number;
  /** How long a job waits for a connection that was lost. */
  readonly blindMs: number;
  /** Added to the limits that follow from Patroni's own settings. */
  readonly patienceMs: number;
  /** The longest a copy of the data may be followed. */
  readonly copyMs: number;
  /** After a request without an answer: how long Patroni may still take it up. Null: from its loop_wait. */
  readonly takeUpMs: number | null;
  /** How long Patroni may take to write what it knows to the DCS. Null: a little more than its loop_wait. */
  readonly settleMs: number | null;
}

/** What the app uses. */
export const USUAL_TIMING: Timing = {
  refreshMs: 1000,
  probeMs: 250,
  rejoinMs: 120_000,
  blindMs: 600_000,
  patienceMs: 60_000,
  copyMs: 12 * 3_600_000,
  takeUpMs: null,
  settleMs: null,
};

/** What the body of an operation works with. `before` is the state that was checked, `fingerprint` names it. */
export interface Run<O extends Operation = Operation> {
  readonly operation: O;
  readonly clusterId: string;
  readonly before: ClusterState;
  readonly fingerprint: string;
  readonly hub: ClusterHub;
  readonly context: JobContext;
  readonly now: () => number;
  readonly timing: Timing;
  readonly startedAt: number;
  /** How many requests may have reached Patroni; decides what a cancelled job says. */
  readonly sends: { count: number };
}

/** The present state of the run's cluster; throws `operation.cluster_gone` when it was removed from the app. */
export function stateOf(run: Run): ClusterState {
  const state = run.hub.state(run.clusterId);
  if (!state)
    throw appError('operation.cluster_gone', 'The cluster was removed from this app while the job was at work.', {
      hint: 'What Patroni was asked to do goes on without being followed.',
    });
  return state;
}

/**
 * The last inspection before anything is sent. Between the check and this moment another window, another person
 * or the cluster itself may have changed what was confirmed.
 */
export function refusalBeforeSending(run: Run): JobEnd | null {
  run.context.signal.throwIfAborted();
  const changes = changesSince(run.fingerprint, stateOf(run), run.operation);
  if (changes.length === 0) return null;
  return { status: 'refused', error: stateChanged(changes).data };
}

/** The error of a start whose cluster is no longer as it was confirmed. */
export function stateChanged(changes: readonly string[]): AppError {
  return appError(
    'operation.state_changed',
    `The cluster is not as it was when this was confirmed: ${changesInWords(changes)} Nothing was sent.`,
    {
      hint: 'Look at the present state and confirm again.',
      retryable: true,
    },
  );
}

/** How a job ends well. */
export function done(sentence: string, facts: JobResult['facts'] = {}, withoutPrimaryMs: number | null = null): JobEnd {
  return { status: 'done', result: { sentence, withoutPrimaryMs, facts } };
}

/** How a job ends with something the user must know. */
export function warningEnd(
  sentence: string,
  facts: JobResult['facts'] = {},
  withoutPrimaryMs: number | null = null,
): JobEnd {
  return { status: 'warning', result: { sentence, withoutPrimaryMs, facts } };
}

/** How a job ends when it did not do what it was asked for. */
export function failedEnd(error: AppErrorData): JobEnd {
  return { status: 'failed', error };
}

/** A failed end made from a code and words. */
export function failedEndOf(code: ErrorCode, message: string, details: ErrorDetails = {}): JobEnd {
  return failedEnd(appError(code, message, details).data);
}

/** How a job ends when its end could not be seen in time. */
export function unknownEnd(message: string, hint: string): JobEnd {
  return { status: 'unknown', error: appError('operation.end_not_seen', message, { hint }).data };
}

/**
 * How a job ends whose answer was lost, with nothing of the cluster to be seen since: what was sent may be carried out yet, for a quorum
 * that comes back commits what it had taken. `lost` is the beginning of a sentence.
 */
export function neverSeen(lost: string): JobEnd {
  return unknownEnd(
    `${lost}, and the cluster could not be seen in time.`,
    'What was asked may still happen. Look at the cluster before you do it again. Nothing was sent twice.',
  );
}

/** What Patroni itself takes at most to answer a switchover, ms (api.py, poll_failover_result). */
export function patroniPollMs(state: ClusterState): number {
  return 2 * Math.max(10, state.config?.loopWait ?? 10) * 1000;
}

/** ms of Patroni's ttl. */
export function ttlMs(state: ClusterState): number {
  return (state.config?.ttl ?? 30) * 1000;
}

/** ms of Patroni's loop_wait. */
export function loopMs(state: ClusterState): number {
  return (state.config?.loopWait ?? 10) * 1000;
}

/** ms within which every member has reported its state to the DCS once more. */
export function settleMs(run: Run): number {
  return run.timing.settleMs ?? loopMs(run.before) + 3000;
}
