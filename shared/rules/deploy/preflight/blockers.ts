import type { PreflightCheck } from '../../../model/deploy/deploy-views';
import type { DeployPlan, Step } from '../../../model/deploy/plan';
import type { Verdicts } from '../check/check-plan';

/**
 * Servers that a plan sets up: it installs software there, makes a data directory, or was never there. Adopted
 * servers run what others set up.
 */
export function newcomers(plan: DeployPlan, verdicts: Verdicts, adopted: readonly string[]): ReadonlySet<string> {
  return new Set(
    plan.steps.filter((step) => makesNew(step, verdicts) && !adopted.includes(step.server)).map((step) => step.server),
  );
}

function makesNew(step: Step, verdicts: Verdicts): boolean {
  const action = verdicts.get(step.id)?.action ?? 'none';
  if (action === 'none') return false;
  const { resource } = step;
  if (resource.kind === 'directory') return resource.holds === 'data' && action === 'create';
  if (resource.kind === 'archive' || resource.kind === 'virtualenv') return action === 'create';
  return resource.kind === 'packages' || (resource.kind === 'manifest' && action === 'create');
}

/**
 * The checks that forbid a run: those of servers that become part of the cluster, and of the cluster as a whole when there
 * are such. What a check says of servers that run already concerns none of the run's steps: a full disk there must not keep
 * a setting from being changed.
 */
export function blockers(checks: readonly PreflightCheck[], fresh: ReadonlySet<string>): readonly PreflightCheck[] {
  if (fresh.size === 0) return [];
  return checks.filter((check) => check.verdict === 'blocks' && (check.server === null || fresh.has(check.server)));
}
