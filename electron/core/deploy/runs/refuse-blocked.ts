import { appError } from '../../../../shared/model/app-error';
import type { PreflightCheck } from '../../../../shared/model/deploy/deploy-views';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { blockers, newcomers } from '../../../../shared/rules/deploy/preflight/blockers';
import type { SecretValues } from '../secrets/cluster-secrets';
import { judge } from '../survey/preflight';
import type { Survey, SurveyDeps } from '../survey/survey';

/**
 * Makes the preflight of servers that something is set up on, whoever started the run: `deploy.blocked` before anything is
 * written. Warnings stop nobody; a run that sets nothing up asks nothing.
 */
export async function refuseBlocked(
  spec: ClusterSpec,
  found: Survey,
  deps: SurveyDeps,
  secrets: SecretValues,
): Promise<void> {
  const fresh = newcomers(found.plan, found.verdicts, spec.adopted);
  if (fresh.size === 0) return;
  const { checks } = await judge(spec, found.collected, deps, secrets);
  const [first, ...more] = blockers(checks, fresh);
  if (first === undefined) return;
  throw appError('deploy.blocked', `Blocked by the preflight. ${[first, ...more].map(sentence).join(' ')}`, {
    ...(first.server === null ? {} : { target: first.server }),
    hint: 'Nothing was changed on any server.',
  });
}

function sentence(check: PreflightCheck): string {
  const evidence = /[.!?]$/.test(check.evidence) ? check.evidence : `${check.evidence}.`;
  return `${check.server ?? 'The cluster'}: ${check.name}: ${evidence} ${check.reason}`.trim();
}
