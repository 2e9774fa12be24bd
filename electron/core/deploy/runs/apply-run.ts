import { setTimeout as delay } from 'node:timers/promises';
import { AppError, appError, toErrorData, type AppErrorData } from '../../../../shared/model/app-error';
import type { LaneStepStatus } from '../../../../shared/model/deploy';
import type { ClusterSpec } from '../../../../shared/model/spec/cluster-spec';
import type { Verdict } from '../../../../shared/rules/deploy/check/verdict';
import { layoutOf } from '../../../../shared/rules/deploy/layout';
import { outcomeOf } from '../../../../shared/rules/deploy/outcome';
import type { ServerSpec } from '../../../../shared/model/spec/server-spec';
import { mask } from '../../ssh/mask';
import type { JobContext, JobEnd } from '../../jobs/job-engine';
import type { Remote } from '../../ssh/remote';
import type { ExecutionEvents } from '../apply/events';
import { executePlan, type ExecutionEnd } from '../apply/execute';
import type { FragmentContext } from '../resources/fragments';
import { probesOf, survey, type Survey } from '../survey';
import type { RunJournal } from './run-files';
import type { RunState } from './run-state';

/** What is applied. A resumed run keeps its id and its journal. */
export interface ApplyRequest {
  readonly runId: string;
  readonly spec: ClusterSpec;
  readonly fingerprint: string | null;
  readonly isNew: boolean;
}

/** Everything one run works with. */
export interface ApplyInput {
  readonly deps: {
    readonly remoteOf: (server: ServerSpec) => Remote;
    readonly now: () => number;
    readonly onComplete?: (spec: ClusterSpec) => Promise<string | null>;
  };
  readonly request: ApplyRequest;
  readonly secrets: ReadonlyMap<string, string>;
  readonly state: RunState;
  readonly journal: RunJournal;
  readonly stop: AbortSignal;
}

/** The body of the job: look, refuse what would touch what is not ours, carry out, say what there is now. */
export function applyBody(input: ApplyInput): (context: JobContext) => Promise<JobEnd> {
  return async (context) => {
    const { deps, state, journal } = input;
    try {
      return await applyRun(input, context);
    } catch (thrown) {
      const error = hide(toErrorData(thrown), input);
      journal.end('failed', deps.now(), error);
      state.end('failed', error, null);
      return { status: thrown instanceof AppError && refusals.has(thrown.code) ? 'refused' : 'failed', error };
    } finally {
      journal.close();
    }
  };
}

const refusals: ReadonlySet<string> = new Set(['deploy.refused', 'deploy.plan_changed', 'deploy.server_unreachable', 'deploy.no_postgres']);

async function applyRun(input: ApplyInput, context: JobContext): Promise<JobEnd> {
  const { deps, request, secrets, state } = input;
  const started = deps.now();
  context.phase('look', 'checking');
  const found = await survey(request.spec, deps, secrets, request.runId);
  refuseWhenChanged(found, request);
  refuseForeign(found);
  state.setSteps(request.spec.servers.map((server) => server.name), found.plan.steps);
  context.phase('apply', 'running');
  const end = await executePlan(found.plan, found.verdicts, {
    context: { remoteOf: probesOf(request.spec, deps).remoteOf, probes: probesOf(request.spec, deps), secret: (name) => secrets.get(name) ?? '', now: deps.now, sleep: (ms) => delay(ms) },
    fragments: (server) => fragmentContext(request.spec, found, server),
    events: eventsOf(input, context),
    stop: AbortSignal.any([input.stop, context.signal]),
  });
  return finish(end, input, deps.now() - started, [...found.verdicts.values()]);
}

function refuseWhenChanged(found: Survey, request: ApplyRequest): void {
  if (request.fingerprint === null || request.fingerprint === found.fingerprint) return;
  throw appError('deploy.plan_changed', 'The servers are no longer as the review showed them.', { hint: 'Look at the review again: it has been made anew.', retryable: true });
}

/** Existing data and services of others are never touched: the whole run is refused before anything is done. */
function refuseForeign(found: Survey): void {
  for (const step of found.plan.steps) {
    const verdict = found.verdicts.get(step.id);
    if (verdict?.action === 'refuse') throw appError('deploy.refused', `${step.server}: ${verdict.reason ?? step.label}`, { target: step.server, hint: 'Nothing was changed on any server.' });
  }
}

function fragmentContext(spec: ClusterSpec, found: Survey, server: string): FragmentContext {
  const layout = layoutOf(spec);
  const manifest = found.plan.steps.flatMap((step) => (step.server === server && step.resource.kind === 'manifest' ? [step.resource.manifest] : []))[0];
  return {
    manifestPath: layout.manifest,
    stateDirectory: layout.stateDirectory,
    backupOf: (path) => manifest?.files.find((file) => file.path === path)?.backup ?? '',
  };
}

/** The lanes and the journal hear the same; the journal is on the disk before the next thing is done. */
function eventsOf(input: ApplyInput, context: JobContext): ExecutionEvents {
  const { state, journal, deps } = input;
  const labels = new Map(state.run().lanes.flatMap((lane) => lane.steps.map((step) => [step.id, `${lane.server}: ${step.label}`] as const)));
  return {
    step(id: string, status: LaneStepStatus, error?: AppErrorData) {
      const shown = error === undefined ? undefined : hide(error, input);
      if (status !== 'unchanged') journal.step(id, status, deps.now(), shown);
      state.step(id, status, shown);
      if (status === 'done') context.log('good', labels.get(id) ?? id);
      if (status === 'failed') context.log('error', shown?.message ?? id);
    },
    detail: (id, text) => { state.detail(id, text); },
    log: (server, level, text) => { state.log(server, level, text); },
  };
}

async function finish(end: ExecutionEnd, input: ApplyInput, durationMs: number, verdicts: readonly Verdict[]): Promise<JobEnd> {
  const { deps, request, state, journal } = input;
  const at = deps.now();
  if (end.kind === 'failed') {
    const error = hide(end.error, input);
    journal.end('failed', at, error);
    state.end('failed', error, null);
    return { status: 'failed', error };
  }
  if (end.kind === 'stopped') {
    const error = appError('deploy.stopped', 'Stopped by you; what was under way came to its end.', { hint: 'Resume to go on, or undo.', retryable: true }).data;
    journal.end('stopped', at, error);
    state.end('stopped', error, null);
    return { status: 'failed', error };
  }
  const changed = verdicts.filter((verdict) => verdict.action !== 'none').length;
  const clusterId = (await deps.onComplete?.(request.spec)) ?? null;
  const outcome = { ...outcomeOf(request.spec, durationMs, changed), clusterId };
  journal.end('done', at, null);
  state.end('done', null, outcome);
  return { status: 'done', result: { sentence: outcome.sentence, withoutPrimaryMs: null, facts: { changed, durationMs } } };
}

function hide(error: AppErrorData, input: ApplyInput): AppErrorData {
  const hidden = [...input.secrets.values()];
  return {
    ...error, message: mask(error.message, hidden),
    ...(error.hint === undefined ? {} : { hint: mask(error.hint, hidden) }),
    ...(error.cause === undefined ? {} : { cause: hide(error.cause, input) }),
  };
}
