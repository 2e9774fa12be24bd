import { AppError, appError } from '../../../../shared/model/app-error';
import type { DeployFacts } from '../../../../shared/model/deploy/facts';
import type { ResolvedChange } from '../../../../shared/model/deploy/day2';
import type { DeployPlan } from '../../../../shared/model/deploy/plan';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { checkPlan } from '../../../../shared/rules/deploy/check/check-plan';
import { changedServers, everybody } from '../../../../shared/rules/deploy/day2/changed-spec';
import { withoutAbsent } from '../../../../shared/rules/deploy/day2/without-absent';
import { planCluster } from '../../../../shared/rules/deploy/plan/plan-cluster';
import { postgresVersion } from '../../../../shared/rules/deploy/facts/postgres-version';
import { previewReader, secretReader, type SecretValues } from '../secrets/cluster-secrets';
import { addSources, throwRepositoryFaults } from '../sources/added-sources';
import { deployFacts, fingerprint, inspect, type Survey, type SurveyDeps } from '../survey/survey';

/** A survey for a change; `everybody` has the servers that leave, too. */
export interface ChangeSurvey extends Survey {
  readonly everybody: ClusterSpec;
  /** Servers that did not answer and need not: they leave. */
  readonly absent: readonly string[];
}

/**
 * Inspects all servers of a change and plans it, for a run or, without one, only to be shown. A server that leaves
 * may be dead; any other must answer.
 */
export async function surveyChange(
  resolved: ResolvedChange,
  deps: SurveyDeps,
  secrets: SecretValues,
  runId: string | null,
): Promise<ChangeSurvey> {
  const all = everybody(resolved);
  const inspected = await inspect(all, deps, secrets);
  const absent = Object.keys(inspected.errors);
  throwUnreachable(inspected.errors, resolved);
  const added = await addSources(resolved.spec, inspected.servers, deps.connectServer);
  throwRepositoryFaults(added);
  const collected = { ...inspected, servers: added.servers, added: added.answers };
  const version = postgresVersion(resolved.spec, collected.servers);
  if (version === null)
    throw appError(
      'deploy.no_postgres',
      "The new server's package sources do not offer the PostgreSQL of this cluster.",
      { hint: 'Refresh the package lists, or add a repository.' },
    );
  const facts = deployFacts(all, collected, secrets, deps.now());
  const plan = changePlan({ ...resolved, spec: added.spec }, facts, version, secrets, runId);
  const verdicts = checkPlan(plan, facts);
  return { collected, facts, plan, verdicts, fingerprint: fingerprint(plan, verdicts), everybody: all, absent };
}

function changePlan(
  resolved: ResolvedChange,
  facts: DeployFacts,
  version: number,
  secrets: SecretValues,
  runId: string | null,
): DeployPlan {
  const secret = runId === null ? previewReader(secrets) : secretReader(secrets, resolved.spec.scope);
  const token = runId ?? 'preview';
  return withoutAbsent(
    planCluster({ spec: resolved.spec, facts, secret, postgresVersion: version, token, leaving: resolved.leaving }),
    facts,
  );
}

function throwUnreachable(errors: Readonly<Record<string, AppError['data']>>, resolved: ResolvedChange): void {
  const leaving = changedServers(resolved);
  const [server, error] = Object.entries(errors).find(([name]) => !leaving.includes(name)) ?? [];
  if (server === undefined || error === undefined) return;
  throw appError('deploy.server_unreachable', `${server} could not be inspected: ${error.message}`, {
    target: server,
    retryable: true,
    cause: new AppError(error),
    hint: error.hint ?? 'It stays in the cluster, so its files must follow. Bring it back first.',
  });
}
