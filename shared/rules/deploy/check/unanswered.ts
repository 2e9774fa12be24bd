import type { ResourceKind, StepView } from '../../../model/deploy/deploy-views';
import type { DeployPlan } from '../../../model/deploy/plan';
import type { Verdicts } from './check-plan';

/** Whether a step of the kind is judged by what a running service answers, not by what lies on its server. */
const isAnswered: Readonly<Record<ResourceKind, boolean>> = {
  quorum: true,
  leader: true,
  replica: true,
  dynamic_config: true,
  sql: true,
  etcd_member: true,
  manifest: false,
  packages: false,
  archive: false,
  virtualenv: false,
  file: false,
  directory: false,
  certificate: false,
  watchdog: false,
  unit: false,
  validate: false,
  dcs_contact: false,
  verify: false,
  adopt: false,
  undo: false,
};

/** A difference without a reason of its own, in a comparison with a running cluster: the service that would know did not answer. */
export function withUnanswered(view: StepView): StepView {
  if (view.action !== 'run' || view.reason !== null || !isAnswered[view.kind]) return view;
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
  return left.length > 0 && left.every(({ resource }) => isAnswered[resource.kind]);
}
