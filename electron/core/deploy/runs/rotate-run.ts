import { appError } from '../../../../shared/model/app-error';
import { checkPlan } from '../../../../shared/rules/deploy/check/check-plan';
import { settled } from '../../../../shared/rules/deploy/check/verdict';
import { outcomeOf } from '../../../../shared/rules/deploy/outcome';
import { survey } from '../survey';
import { carryOut, type RunWork } from './run-body';

/**
 * Gives every service a new key and certificate from the cluster's authority. PostgreSQL, Patroni, HAProxy and
 * PgBouncer read them again without a stop; the members of etcd start again one after another.
 */
export const rotateWork: RunWork = async (input, context) => {
  const { deps, spec, secrets } = input;
  const started = deps.now();
  if (spec.tls === 'off') throw appError('deploy.refused', 'This cluster has no certificates.', { hint: 'Set tls to on and set it up again.' });
  context.phase('look', 'checking');
  const { plan, facts } = await survey(spec, deps, secrets, 'rotate');
  const verdicts = checkPlan(plan, { ...facts, certificates: {} });
  const renewed = new Set(plan.steps.filter((step) => step.resource.kind === 'certificate').map((step) => step.id));
  const touched = plan.steps.filter((step) => renewed.has(step.id) || (step.resource.kind === 'unit' && step.dependsOn.some((id) => renewed.has(id) || id.endsWith('/validate'))));
  const wanted = new Set(touched.map((step) => step.id));
  context.phase('apply', 'running');
  await carryOut(input, context, plan, new Map(plan.steps.map((step) => [step.id, wanted.has(step.id) ? (verdicts.get(step.id) ?? settled) : settled])));
  const outcome = outcomeOf(spec, deps.now() - started, renewed.size);
  return { outcome: { ...outcome, sentence: `${renewed.size} keys and certificates are new.` }, changed: renewed.size };
};
