import { AppError, appError, type AppErrorData } from '../../../../shared/model/app-error';
import type { LaneStepStatus } from '../../../../shared/model/deploy/deploy-views';
import type { DeployPlan } from '../../../../shared/model/deploy/plan';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { Verdicts } from '../../../../shared/rules/deploy/check/check-plan';
import { estimateMs } from '../../../../shared/rules/deploy/review/estimate';
import { layoutOf } from '../../../../shared/rules/deploy/layout';
import type { JobContext } from '../../jobs/job-engine';
import type { Remote } from '../../ssh/remote';
import { secretReader } from '../secrets/cluster-secrets';
import type { ExecutionEvents } from '../apply/events';
import { executePlan, type ExecutionEnd } from '../apply/execute';
import type { ScriptContext, IssuedCertificate } from '../resources/script-context';
import { installations, openRoutes, type Routes, type RoutesInput } from '../apply/open-routes';
import { openUploads } from '../sources/uploads';
import { probesOf } from '../survey/survey';
import { authorityOf, issueFor } from '../tls/material';
import { sleep } from '../../platform/wait';
import { withoutSecrets, type RunInput } from './run';

/**
 * Carries a plan out and reports every step. Gives the certificates that were made, by step. Rejects with the error
 * of the first step that failed, or `deploy.stopped`.
 */
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
  const preparation = preparationOf(input, context, probes.connectNamed, stop);
  const routes = await openRoutes({ ...preparation, ...installations(spec, plan, verdicts) });
  const uploads = await openUploads({ ...preparation, plan, verdicts }).catch(async (thrown: unknown) => {
    await routes.close();
    throw thrown;
  });
  const end: ExecutionEnd = await executePlan(plan, verdicts, {
    context: {
      connectNamed: probes.connectNamed,
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

/** What opening routes and sending files share. */
function preparationOf(
  { spec, run }: RunInput,
  context: JobContext,
  connectNamed: (server: string) => Remote,
  signal: AbortSignal,
): Pick<RoutesInput, 'spec' | 'stateDirectory' | 'connectNamed' | 'signal' | 'log' | 'detail'> {
  return {
    spec,
    stateDirectory: layoutOf(spec).stateDirectory,
    connectNamed,
    signal,
    log: (server, level, text) => {
      run.log(server, level, text);
    },
    detail: (text, progress) => {
      context.detail(text, progress);
    },
  };
}

/** How a run ends that its user stopped between two steps. */
export function stoppedByUser(): AppError {
  return appError('deploy.stopped', 'Stopped by you; what was under way came to its end.', {
    hint: 'Resume to go on, or undo.',
    retryable: true,
  });
}

/** The lanes and the journal get the steps, and about how long they take. */
function announce({ deps, spec, run, journal, times }: RunInput, plan: DeployPlan, verdicts: Verdicts): void {
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
  run.setSteps(servers, plan.steps, expected);
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

/** The lanes and the journal receive the same; the journal is on the disk before the next thing is done. */
function eventsOf(input: RunInput, context: JobContext): ExecutionEvents {
  const { run, journal, deps } = input;
  const labels = new Map(
    run.run().lanes.flatMap((lane) => lane.steps.map((step) => [step.id, `${lane.server}: ${step.label}`] as const)),
  );
  return {
    step(id: string, status: LaneStepStatus, error?: AppErrorData) {
      const shown = error === undefined ? undefined : withoutSecrets(error, input);
      if (status !== 'unchanged') journal.step(id, status, deps.now(), shown);
      run.step(id, status, shown);
      if (status === 'done') context.log('good', labels.get(id) ?? id);
      if (status === 'failed') context.log('error', shown?.message ?? id);
    },
    detail: (id, text) => {
      run.detail(id, text);
    },
    log: (server, level, text) => {
      run.log(server, level, text);
    },
  };
}
