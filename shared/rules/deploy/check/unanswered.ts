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
  targets: false,
  adopt: false,
  undo: false,
};

/** What a comparison with a running cluster comes to. */
export interface Compared {
  readonly differing: readonly StepView[];
  readonly unchecked: readonly StepView[];
}

/**
 * Differences apart from what could not be checked because of them: the service that would know did not answer, or what is to be tried
 * comes after what differs.
 */
export function compared(views: readonly StepView[]): Compared {
  const isUnchecked = (view: StepView): boolean => view.action === 'run' && view.reason === null;
  return {
    differing: views.filter((view) => !isUnchecked(view)),
    unchecked: views.filter(isUnchecked).map((view) => ({
      ...view,
      reason: isAnswered[view.kind]
        ? 'Nobody answers who would know: it is not seen to be so, and not known to be otherwise.'
        : 'It is tried when what it needs is as it should be.',
    })),
  };
}

/**
 * Whether all that is left to do was judged by answers of running services: a replica that reconnects or a service too busy to answer
 * once looks the same as one that is not there yet, and only a second look tells them apart.
 */
export function onlyAsked(plan: DeployPlan, verdicts: Verdicts): boolean {
  const left = plan.steps.filter(
    ({ id, resource }) =>
      resource.kind !== 'verify' && resource.kind !== 'targets' && verdicts.get(id)?.action !== 'none',
  );
  return left.length > 0 && left.every(({ resource }) => isAnswered[resource.kind]);
}
