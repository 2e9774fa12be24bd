import { AppError, appError, toErrorData, type AppErrorData } from '../../../../shared/model/app-error';
import type { DeployOutcome, LaneStepStatus } from '../../../../shared/model/deploy/deploy-views';
import type { DeployPlan } from '../../../../shared/model/deploy/plan';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import type { Verdicts } from '../../../../shared/rules/deploy/check/check-plan';
import { estimateMs, type StepTimes } from '../../../../shared/rules/deploy/review/estimate';
import { layoutOf } from '../../../../shared/rules/deploy/layout';
import type { JobContext, JobEnd } from '../../jobs/job-engine';
import { mask } from '../../platform/mask';
import type { Remote } from '../../ssh/remote';
import { secretReader, type SecretValues } from '../cluster-secrets';
import type { ExecutionEvents } from '../apply/events';
import { executePlan, type ExecutionEnd } from '../apply/execute';
import type { ScriptContext, IssuedCertificate } from '../resources/script-context';
import { installations, openRoutes, type Routes } from '../apply/open-routes';
import { openUploads } from '../sources/uploads';
import { probesOf } from '../survey';
import { authorityOf, issueFor } from '../tls/material';
import { sleep } from '../../platform/wait';
import type { RunJournal } from './run-files';
import type { RunState } from './run-state';

/** Everything one run works with, whatever it does. */
export interface RunInput {
  readonly deps: {
    readonly remoteOf: (server: ServerSpec) => Remote;
    readonly now: () => number;
  };
  readonly spec: ClusterSpec;
  readonly secrets: SecretValues;
  readonly state: RunState;
  readonly journal: RunJournal;
  readonly stop: AbortSignal;
  /** How long steps take here, as far as it was measured. */
  readonly times: StepTimes;
}

/** How a run that was carried out ended well: what the last page says, and how many steps did something. */
export interface RunSuccess {
  readonly outcome: DeployOutcome;
  readonly changed: number;
}

/** What a run does between its beginning and its end. */
export type RunWork = (input: RunInput, context: JobContext) => Promise<RunSuccess>;

/** Conditions under which nothing was begun. */
const refusals: ReadonlySet<string> = new Set([
  'deploy.refused',
  'deploy.blocked',
  'deploy.scope_exists',
  'deploy.plan_changed',
  'deploy.server_unreachable',
  'deploy.no_postgres',
  'deploy.nothing_made',
  'deploy.repository_key',
  'deploy.repository_suite',
  'deploy.repository_untrusted',
  'deploy.repository_unreachable',
  'deploy.repository_certificate',
  'deploy.wheels_missing',
  'deploy.archive_missing',
]);

/** The body of a run's job: whatever happens, the journal and the lanes get an end. */
export function runBody(input: RunInput, work: RunWork): (context: JobContext) => Promise<JobEnd> {
  return async (context) => {
    const { deps, state, journal } = input;
    try {
      const { outcome, changed } = await work(input, context);
      journal.end('done', deps.now(), null);
      state.end('done', null, outcome);
      return {
        status: 'done',
        result: {
          sentence: outcome.sentence,
          withoutPrimaryMs: null,
          facts: { changed, durationMs: outcome.durationMs },
        },
      };
    } catch (thrown) {
      const error = hide(toErrorData(thrown), input);
      const status = error.code === 'deploy.stopped' ? 'stopped' : 'failed';
      journal.end(status, deps.now(), error);
      state.end(status, error, null);
      return { status: thrown instanceof AppError && refusals.has(thrown.code) ? 'refused' : 'failed', error };
    } finally {
      journal.close();
    }
  };
}

/** Carries a plan out and tells everybody. Gives the certificates that were made, by step. Rejects with the error of the first step that failed, or `deploy.stopped`. */
export async function carryOut(
  input: RunInput,
  context: JobContext,
  plan: DeployPlan,
  verdicts: Verdicts,
): Promise<ReadonlyMap<string, IssuedCertificate>> {
  const { deps, spec, secrets } = input;
  announce(input, plan, verdicts);
  const probes = await probesOf(spec, deps, secrets);
  const issued = await issueFor(plan, verdicts, authorityOf(spec, secrets), deps.now());
  const stop = AbortSignal.any([input.stop, context.signal]);
  const routes = await openRoutes({
    spec,
    ...installations(spec, plan, verdicts),
    stateDirectory: layoutOf(spec).stateDirectory,
    remoteOf: probes.remoteOf,
    signal: stop,
    log: (server, level, text) => {
      input.state.log(server, level, text);
    },
    detail: (text, progress) => {
      context.detail(text, progress);
    },
  });
  const uploads = await openUploads({
    spec,
    plan,
    verdicts,
    stateDirectory: layoutOf(spec).stateDirectory,
    remoteOf: probes.remoteOf,
    signal: stop,
    log: (server, level, text) => {
      input.state.log(server, level, text);
    },
    detail: (text, progress) => {
      context.detail(text, progress);
    },
  }).catch(async (thrown: unknown) => {
    await routes.close();
    throw thrown;
  });
  const end: ExecutionEnd = await executePlan(plan, verdicts, {
    context: {
      remoteOf: probes.remoteOf,
      probes,
      secret: secretReader(secrets, spec.scope),
      now: deps.now,
      sleep: (ms) => sleep(ms, stop),
    },
    fragments: (server) => scriptContext(spec, plan, server, issued, routes),
    events: eventsOf(input, context),
    stop,
  }).finally(async () => {
    await Promise.all([routes.close(), uploads.close()]);
  });
  switch (end.kind) {
    case 'done':
      return issued;
    case 'failed':
      throw new AppError(end.error);
    case 'stopped':
      throw stoppedByUser();
  }
}

/** How a run ends that its user stopped between two steps. */
export function stoppedByUser(): AppError {
  return appError('deploy.stopped', 'Stopped by you; what was under way came to its end.', {
    hint: 'Resume to go on, or undo.',
    retryable: true,
  });
}

/** The lanes and the journal learn the steps, and about how long they take. */
function announce({ deps, spec, state, journal, times }: RunInput, plan: DeployPlan, verdicts: Verdicts): void {
  const steps = plan.steps.map(({ id, server, label, dependsOn, resource }) => ({
    id,
    server,
    label,
    dependsOn,
    kind: resource.kind,
    todo: verdicts.get(id)?.action !== 'none',
  }));
  const expected = estimateMs(steps, times);
  const servers = spec.servers.map((server) => server.name);
  state.setSteps(servers, plan.steps, expected);
  journal.plan({
    at: deps.now(),
    estimateMs: expected,
    servers,
    steps: steps.map(({ id, server, kind, label, todo }) => ({ id, server, kind, label, unchanged: !todo })),
  });
}

function scriptContext(
  spec: ClusterSpec,
  plan: DeployPlan,
  server: string,
  issued: ReadonlyMap<string, IssuedCertificate>,
  routes: Routes,
): ScriptContext {
  const layout = layoutOf(spec);
  const manifest = plan.steps.flatMap((step) =>
    step.server === server && step.resource.kind === 'manifest' ? [step.resource.manifest] : [],
  )[0];
  return {
    manifestPath: layout.manifest,
    issued,
    stateDirectory: layout.stateDirectory,
    packages: routes.of(server),
    backupOf: (path) => manifest?.files.find((file) => file.path === path)?.backup ?? '',
  };
}

/** The lanes and the journal hear the same; the journal is on the disk before the next thing is done. */
function eventsOf(input: RunInput, context: JobContext): ExecutionEvents {
  const { state, journal, deps } = input;
  const labels = new Map(
    state.run().lanes.flatMap((lane) => lane.steps.map((step) => [step.id, `${lane.server}: ${step.label}`] as const)),
  );
  return {
    step(id: string, status: LaneStepStatus, error?: AppErrorData) {
      const shown = error === undefined ? undefined : hide(error, input);
      if (status !== 'unchanged') journal.step(id, status, deps.now(), shown);
      state.step(id, status, shown);
      if (status === 'done') context.log('good', labels.get(id) ?? id);
      if (status === 'failed') context.log('error', shown?.message ?? id);
    },
    detail: (id, text) => {
      state.detail(id, text);
    },
    log: (server, level, text) => {
      state.log(server, level, text);
    },
  };
}

function hide(error: AppErrorData, input: RunInput): AppErrorData {
  const hidden = [...input.secrets.values()];
  return {
    ...error,
    message: mask(error.message, hidden),
    ...(error.hint === undefined ? {} : { hint: mask(error.hint, hidden) }),
    ...(error.cause === undefined ? {} : { cause: hide(error.cause, input) }),
  };
}
