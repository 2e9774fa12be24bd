import { appError, toErrorData, type AppError, type ErrorCode } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Job, JobKind } from '../../../shared/model/operate/job';
import type { Operation, OperationPreview } from '../../../shared/model/operate/operation';
import { candidatesFor } from '../../../shared/rules/cluster/candidates';
import { patronictlCommand } from '../../../shared/rules/operate/commands';
import { typeToConfirm } from '../../../shared/rules/operate/confirmation';
import { consequencesOf, operationTarget, operationTitle } from '../../../shared/rules/operate/consequences';
import { changesSince, fingerprintOf } from '../../../shared/rules/operate/fingerprint';
import { checkOperation, firstRefusal } from '../../../shared/rules/operate/operation-checks';
import type { ClusterHub } from '../clusters/hub';
import { clusterLock } from '../jobs/cluster-lock';
import { jobBusy } from '../jobs/create-job-engine';
import type { JobDefinition, JobEnd, JobEngine } from '../jobs/job-engine';
import { CONFIG_PHASES, changeConfig } from './change-config';
import { PAUSE_PHASES, RELOAD_PHASES, reload, setPaused } from './manage';
import { REINIT_PHASES, reinitialize } from './reinit';
import { RESTART_PHASES, restartMember, rollingPhases, rollingRestart } from './restart';
import { stateChanged, USUAL_TIMING, type Run, type Timing } from './run';
import { ASK_AND_SEE_PHASES, cancelRestart, cancelSwitchover, scheduleRestart, scheduleSwitchover } from './schedules';
import { LEADER_CHANGE_PHASES, changeLeader } from './switchover';
import { changeSite, SITE_PHASES } from './change-site';
import { clusterName } from '../../../shared/rules/citus/citus-names';

/** What operations work with. `user` is written into the history; `timing` is shortened by tests only. */
export interface OperationsDeps {
  readonly hub: ClusterHub;
  readonly jobs: JobEngine;
  readonly now: () => number;
  readonly user: string;
  /** Reads the clusters again that a cluster follows, is followed by, or comes from; absent: there are none. */
  readonly refreshPair?: (clusterId: string) => Promise<void>;
  readonly timing?: Partial<Timing>;
}

/** A confirmed operation. `fingerprint` comes from the preview, `typed` is what the user typed where asked. */
export interface StartRequest {
  readonly clusterId: string;
  readonly operation: Operation;
  readonly fingerprint: string;
  readonly typed: string | null;
  readonly requestId: string;
}

/** What a user does to a cluster. */
export interface OperationService {
  /** Reads the state again and says what would happen. Rejects with `operation.unknown_cluster`. */
  preview(clusterId: string, operation: Operation): Promise<OperationPreview>;
  /**
   * Reads the state again, compares it with the preview's, and starts a job. Rejects, with nothing sent, with
   * `operation.state_changed`, `operation.not_confirmed`, `job.busy`, or the code of the check that refuses.
   */
  start(request: StartRequest): Promise<Job>;
}

/** Makes the service. */
export function createOperations(deps: OperationsDeps): OperationService {
  return {
    preview: async (clusterId, operation) => previewOf(deps, await stateFor(deps, clusterId, operation), operation),
    start: (request) => start(deps, request),
  };
}

async function freshState({ hub }: OperationsDeps, clusterId: string): Promise<ClusterState> {
  if (!hub.state(clusterId))
    throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
      hint: 'Choose one from the list.',
    });
  return hub.refresh(clusterId);
}

/** The state read again, with what it says of other clusters where that decides. */
async function stateFor(deps: OperationsDeps, clusterId: string, { kind }: Operation): Promise<ClusterState> {
  const state = await freshState(deps, clusterId);
  if (kind !== 'promote_cluster' && kind !== 'demote_cluster') return state;
  await deps.refreshPair?.(clusterId);
  return deps.hub.state(clusterId) ?? state;
}

function commandFor({ hub }: OperationsDeps, state: ClusterState, operation: Operation): string {
  return patronictlCommand(operation, { state, configPath: hub.entry(state.clusterId)?.configPath ?? null });
}

function candidatesOf(state: ClusterState, operation: Operation): OperationPreview['candidates'] {
  if (operation.kind === 'switchover' || operation.kind === 'schedule_switchover')
    return candidatesFor(state, 'switchover');
  return operation.kind === 'failover' ? candidatesFor(state, 'failover') : [];
}

function previewOf(deps: OperationsDeps, state: ClusterState, operation: Operation): OperationPreview {
  const checks = checkOperation(state, operation, deps.now());
  return {
    operation,
    title: operationTitle(state, operation),
    checks,
    candidates: candidatesOf(state, operation),
    consequences: consequencesOf(state, operation),
    command: commandFor(deps, state, operation),
    typeToConfirm: typeToConfirm(state, operation),
    fingerprint: fingerprintOf(state, operation),
    allowed: firstRefusal(checks) === null,
  };
}

async function start(deps: OperationsDeps, request: StartRequest): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same) return same;
  const holder = deps.jobs.holder(clusterLock(request.clusterId));
  if (holder) throw jobBusy(holder);
  const state = await stateFor(deps, request.clusterId, request.operation);
  const typed = confirmed(deps, state, request);
  const run = runOf(deps, state, request);
  return deps.jobs.start(definitionOf(deps, state, request, typed), (context) =>
    body({ ...run, context, startedAt: deps.now() }),
  );
}

/** Throws unless the cluster is as it was shown, nothing refuses, and what had to be typed was typed. Answers what was typed. */
function confirmed(
  deps: OperationsDeps,
  state: ClusterState,
  { operation, fingerprint, typed }: StartRequest,
): string | null {
  const changes = changesSince(fingerprint, state, operation);
  if (changes.length > 0) throw stateChanged(changes);
  const refusals = checkOperation(state, operation, deps.now()).filter((check) => check.verdict === 'refuses');
  if (refusals[0]) throw refusedBy(refusals[0].code, refusals.map((check) => check.sentence).join(' '));
  const wanted = typeToConfirm(state, operation);
  if (wanted !== null && typed?.trim() !== wanted.trim())
    throw appError('operation.not_confirmed', `To confirm this, type exactly: ${wanted}`, {
      hint: 'Nothing was sent.',
    });
  return wanted;
}

const isErrorCode = (code: string): code is ErrorCode => /^(app|ssh|etcd|rest|patroni|operation|config)\./.test(code);

function refusedBy(code: string, sentences: string): AppError {
  return appError(isErrorCode(code) ? code : 'operation.refused', `${sentences} Nothing was sent.`, {
    hint: 'Look at the checks of the confirmation.',
    retryable: true,
  });
}

function definitionOf(
  deps: OperationsDeps,
  state: ClusterState,
  { operation, requestId }: StartRequest,
  typed: string | null,
): JobDefinition {
  const shown = consequencesOf(state, operation).join(' ');
  return {
    kind: jobKind(operation),
    clusterId: state.clusterId,
    clusterTitle: clusterName(state),
    title: operationTitle(state, operation),
    target: operationTarget(operation),
    command: commandFor(deps, state, operation),
    confirmation: `${typed === null ? 'Confirmed' : `Confirmed by typing ${typed}`}. Shown: ${shown}`,
    phases: phasesOf(state, operation),
    exclusive: clusterLock(state.clusterId),
    cancellable: true,
    requestId,
  };
}

function jobKind({ kind }: Operation): JobKind {
  return kind === 'cancel_switchover' || kind === 'cancel_restart' ? 'cancel_schedule' : kind;
}

function phasesOf(state: ClusterState, operation: Operation): JobDefinition['phases'] {
  switch (operation.kind) {
    case 'switchover':
    case 'failover':
      return LEADER_CHANGE_PHASES;
    case 'reinit':
      return REINIT_PHASES;
    case 'restart':
      return RESTART_PHASES;
    case 'rolling_restart':
      return rollingPhases(state, operation);
    case 'reload':
      return RELOAD_PHASES;
    case 'pause':
    case 'resume':
      return PAUSE_PHASES;
    case 'change_config':
      return CONFIG_PHASES;
    case 'promote_cluster':
    case 'demote_cluster':
      return SITE_PHASES[operation.kind];
    default:
      return ASK_AND_SEE_PHASES;
  }
}

function runOf(
  deps: OperationsDeps,
  before: ClusterState,
  { clusterId, operation, fingerprint }: StartRequest,
): Omit<Run, 'context' | 'startedAt'> {
  return {
    operation,
    clusterId,
    before,
    fingerprint,
    hub: deps.hub,
    now: deps.now,
    timing: { ...USUAL_TIMING, ...deps.timing },
    sends: { count: 0 },
  };
}

/** Runs the operation and writes its begin and end into the cluster's own events. */
async function body(run: Run): Promise<JobEnd> {
  note(run, 'info', `Started here: ${operationTitle(run.before, run.operation)}.`);
  try {
    const end = await carryOut(run);
    note(run, end.status === 'done' ? 'good' : 'warning', endInWords(end));
    return end;
  } catch (thrown) {
    throw run.context.signal.aborted ? stopped(run) : thrown;
  }
}

function endInWords(end: JobEnd): string {
  if (end.result !== undefined) return end.result.sentence;
  return 'error' in end ? end.error.message : '';
}

/** What a job says that the user stopped, or that ends with the app. */
function stopped(run: Run): AppError {
  const { code } = toErrorData(run.context.signal.reason);
  const words =
    run.sends.count === 0
      ? 'Stopped before anything was sent.'
      : 'No longer followed. What Patroni was asked to do goes on.';
  return appError(
    code,
    words,
    run.sends.count === 0 ? {} : { hint: 'Look at the state of the cluster for the end of it.' },
  );
}

function note(run: Run, severity: 'info' | 'good' | 'warning', sentence: string): void {
  run.hub.record(run.clusterId, {
    at: run.now(),
    kind: 'operation',
    severity,
    member: operationTarget(run.operation),
    sentence,
  });
}

function carryOut(run: Run): Promise<JobEnd> {
  const { operation } = run;
  switch (operation.kind) {
    case 'switchover':
    case 'failover':
      return changeLeader({ ...run, operation });
    case 'reinit':
      return reinitialize({ ...run, operation });
    case 'restart':
      return restartMember({ ...run, operation });
    case 'rolling_restart':
      return rollingRestart({ ...run, operation });
    case 'reload':
      return reload({ ...run, operation });
    case 'pause':
    case 'resume':
      return setPaused({ ...run, operation });
    case 'change_config':
      return changeConfig({ ...run, operation });
    case 'promote_cluster':
    case 'demote_cluster':
      return changeSite({ ...run, operation });
    case 'schedule_switchover':
      return scheduleSwitchover({ ...run, operation });
    case 'schedule_restart':
      return scheduleRestart({ ...run, operation });
    case 'cancel_switchover':
      return cancelSwitchover({ ...run, operation });
    case 'cancel_restart':
      return cancelRestart({ ...run, operation });
  }
}
