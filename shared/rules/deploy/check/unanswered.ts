import type { ResourceKind, StepView } from '../../../model/deploy';

/** Kinds of steps that are judged by what a running service answers. */
const asked: ReadonlySet<ResourceKind> = new Set(['quorum', 'leader', 'replica', 'dynamic_config', 'sql', 'etcd_member']);

/** A difference without a reason of its own, in a comparison with a running cluster: the service that would know did not answer. */
export function withUnanswered(view: StepView): StepView {
  if (view.action !== 'run' || view.reason !== null || !asked.has(view.kind)) return view;
  return { ...view, reason: 'Nobody answers who would know: it is not seen to be so, and not known to be otherwise.' };
}
