import type { ResourceKind, StepView } from '../../../model/deploy/deploy-views';
import type { DeployPlan } from '../../../model/deploy/plan';
import type { Verdicts } from './check-plan';

/** Kinds of steps that are judged by what a running service answers. */
const asked: ReadonlySet<ResourceKind> = new Set([
  'quorum',
  'leader',
  'replica',
  'dynamic_config',
  'sql',
  'etcd_member',
]);

/** A difference without a reason of its own, in a comparison with a running cluster: the service that would know did not answer. */
export function withUnanswered(view: StepView): StepView {
  if (view.action !== 'run' || view.reason !== null || !asked.has(view.kind)) return view;
  return { ...view, reason: 'Nobody answers who would know: it is not seen to be so, and not known to be otherwise.' };
}

/**
 * Whether all that is left to do was judged by answers of running services: a replica that reconnects or a service too busy to answer
 * once looks the same as one that is not there yet, and only a second look tells them apart.
 */
export function onlyAsked(plan: DeployPlan, verdicts: Verdicts): boolean {
  const left = plan.steps.filter(
    ({ id, resource }) => resource.kind !== 'verify' && verdicts.get(id)?.action !== 'none',
  );
  return left.length > 0 && left.every(({ resource }) => asked.has(resource.kind));
}
