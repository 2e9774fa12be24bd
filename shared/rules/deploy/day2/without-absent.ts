import type { DeployFacts } from '../../../model/deploy/facts';
import type { DeployPlan, Step } from '../../../model/deploy/plan';

/** The plan without what cannot be done on servers that did not answer; what concerns the whole cluster moves to another lane. */
export function withoutAbsent(plan: DeployPlan, facts: DeployFacts): DeployPlan {
  const present = (server: string): boolean => facts.servers[server] !== undefined;
  const lane = plan.steps.find((step) => present(step.server))?.server;
  if (lane === undefined) return plan;
  const kept = plan.steps.flatMap((step): Step[] => {
    if (present(step.server)) return [step];
    return step.id.startsWith('cluster/') ? [{ ...step, server: lane }] : [];
  });
  const ids = new Set(kept.map((step) => step.id));
  return {
    ...plan,
    steps: kept.map((step) => ({
      ...step,
      dependsOn: step.dependsOn.filter((id) => ids.has(id)),
      resource: keepPresent(step.resource, present),
    })),
  };
}

function keepPresent(resource: Step['resource'], present: (server: string) => boolean): Step['resource'] {
  if (resource.kind === 'targets')
    return { ...resource, targets: resource.targets.filter((target) => present(target.server)) };
  return resource.kind === 'verify'
    ? { ...resource, entryPoints: resource.entryPoints.filter((entry) => present(entry.server)) }
    : resource;
}
