import { scopePrefix } from '../../../../shared/rules/cluster/scope-prefix';
import { appError } from '../../../../shared/model/app-error';
import type { DeployFacts } from '../../../../shared/model/deploy/facts';
import type { DeployPlan } from '../../../../shared/model/deploy/plan';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { toRun } from '../../../../shared/rules/deploy/check/verdict';
import { planCluster } from '../../../../shared/rules/deploy/plan/plan-cluster';
import { planUndo } from '../../../../shared/rules/deploy/plan/plan-undo';
import { postgresVersion } from '../../../../shared/rules/deploy/facts/postgres-version';
import { previewReader, type SecretValues } from '../secrets/cluster-secrets';
import { withKnownKeys } from '../sources/added-sources';
import { deployFacts, inspect } from '../survey/survey';
import { carryOut } from './carry-out';
import { enterStage, type RunWork } from './run';

/** What an undo is asked for. `onRemoved` hears that nothing is left of the cluster on any server. */
export interface UndoRequest {
  readonly keepData: boolean;
  readonly onRemoved: (spec: ClusterSpec) => Promise<void>;
}

/** Takes away what was made for a scope; servers that do not answer are left as they are and named. */
export function undoWork({ keepData, onRemoved }: UndoRequest): RunWork {
  return async (input, context) => {
    const { deps, spec, secrets } = input;
    const started = deps.now();
    enterStage(input, context, 'inspecting');
    const collected = await inspect(spec, deps, secrets);
    const facts = deployFacts(spec, collected, secrets, started);
    const plan = planUndo({ spec, facts, keepData, changed: changedFiles(spec, facts, secrets) });
    if (plan.steps.length === 0) {
      throw appError('deploy.nothing_made', `Nothing was made on these servers for the scope ${spec.scope}.`, {
        hint: 'Check the scope and the servers of the spec.',
      });
    }
    enterStage(input, context, 'applying');
    await carryOut(input, context, plan, new Map(plan.steps.map((step) => [step.id, toRun()])));
    const missed = Object.keys(collected.errors);
    if (missed.length === 0) await onRemoved(spec);
    const sentence =
      missed.length === 0
        ? 'The servers are as they were found.'
        : `Done; ${missed.join(', ')} did not answer and still ${missed.length === 1 ? 'has' : 'have'} what was made there.`;
    return {
      changed: plan.steps.length,
      outcome: {
        sentence,
        connections: [],
        made: [],
        next: [...(keepData ? ['The data was kept where it is.'] : []), ...scopeLeft(spec, plan)],
        secrets: [],
        clusterId: null,
        durationMs: deps.now() - started,
      },
    };
  };
}

/** What stays behind in an etcd that this deployment did not make. */
function scopeLeft(spec: ClusterSpec, plan: DeployPlan): readonly string[] {
  if (
    spec.etcd.external.length === 0 ||
    plan.steps.some((step) => step.resource.kind === 'undo' && step.resource.part === 'scope')
  )
    return [];
  const prefix = `${scopePrefix(spec.namespace, spec.scope)}`;
  return [
    `The keys of the scope stay in etcd, which is not of this deployment. When nobody uses it any more: etcdctl del --prefix ${prefix}`,
  ];
}

/** Files that are no longer as the plan would write them: somebody's work, of which a copy stays. */
function changedFiles(spec: ClusterSpec, facts: DeployFacts, secrets: SecretValues): Record<string, readonly string[]> {
  const version = postgresVersion(spec, facts.servers) ?? 0;
  const known = [...secrets.keys()].length > 0;
  if (!known) return {};
  const plan = planCluster({
    spec: withKnownKeys(spec, facts.servers),
    facts,
    secret: previewReader(secrets),
    postgresVersion: version,
    token: 'undo',
  });
  const changed: Record<string, string[]> = {};
  for (const step of plan.steps) {
    if (step.resource.kind !== 'file') continue;
    const content = facts.servers[step.server]?.paths[step.resource.path]?.content ?? null;
    if (content !== null && content !== step.resource.content) (changed[step.server] ??= []).push(step.resource.path);
  }
  return changed;
}
