import { appError } from '../../../../shared/model/app-error';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { Verdicts } from '../../../../shared/rules/deploy/check/check-plan';
import { onlyAsked } from '../../../../shared/rules/deploy/check/unanswered';
import { toRun } from '../../../../shared/rules/deploy/check/verdict';
import { outcomeOf } from '../../../../shared/rules/deploy/review/outcome';
import { survey, type Survey } from '../survey/survey';
import { refuseBlocked } from './refuse-blocked';
import { carryOut } from './carry-out';
import { enterStage, type RunWork } from './run';

/** What an apply is asked for. With a fingerprint, only the plan that was reviewed is carried out. */
export interface ApplyRequest {
  readonly runId: string;
  readonly fingerprint: string | null;
  /** A cluster is complete: the app may open it. Answers its id in the inventory, or null. */
  readonly onComplete: (spec: ClusterSpec) => Promise<string | null>;
}

/** Inspect, refuse what would touch what is not ours and what the preflight forbids, carry out, say what there is now. */
export function applyWork(request: ApplyRequest): RunWork {
  return async (input, context) => {
    const { deps, spec, secrets } = input;
    const started = deps.now();
    enterStage(input, context, 'inspecting');
    const found = await surveyAgain(() => survey(spec, deps, secrets, request.runId), request.fingerprint);
    refuseWhenChanged(found, request.fingerprint);
    refuseForeign(found);
    refuseForeignScope(spec, found);
    await refuseBlocked(spec, found, deps, secrets);
    enterStage(input, context, 'applying');
    await carryOut(input, context, found.plan, alwaysVerified(found));
    const changed = [...found.verdicts.values()].filter((verdict) => verdict.action !== 'none').length;
    const clusterId = await request.onComplete(spec);
    return { outcome: { ...outcomeOf(spec, deps.now() - started, changed), clusterId }, changed };
  };
}

/**
 * Inspects again where only answers of running services are left to wait for, so that what was so for a moment is no
 * work. What was reviewed counts as it was seen.
 */
async function surveyAgain(take: () => Promise<Survey>, reviewed: string | null): Promise<Survey> {
  const first = await take();
  return first.fingerprint !== reviewed && onlyAsked(first.plan, first.verdicts) ? take() : first;
}

/** The entry points and the targets of Prometheus are tried in every run: one that failed at them has nothing else left to do. */
export function alwaysVerified(found: Survey): Verdicts {
  const verify = found.plan.steps
    .filter(({ resource }) => resource.kind === 'verify' || resource.kind === 'targets')
    .map((step) => [step.id, toRun()] as const);
  return new Map([...found.verdicts, ...verify]);
}

/** Refuses a plan made from other facts than the reviewed one. */
export function refuseWhenChanged(found: Survey, fingerprint: string | null): void {
  if (fingerprint === null || fingerprint === found.fingerprint) return;
  throw appError('deploy.plan_changed', 'The servers are no longer as the review showed them.', {
    hint: 'Read the review again: it has been made anew.',
    retryable: true,
  });
}

/** Existing data and services of others are never touched: the whole run is refused before anything is done. */
export function refuseForeign(found: Survey): void {
  for (const step of found.plan.steps) {
    const verdict = found.verdicts.get(step.id);
    if (verdict?.action === 'refuse')
      throw appError('deploy.refused', `${step.server}: ${verdict.reason ?? step.label}`, {
        target: step.server,
        hint: 'Nothing was changed on any server.',
      });
  }
}

/** A scope that is in the DCS while no server holds a manifest of ours is another cluster: a member of ours would join it. */
export function refuseForeignScope(spec: ClusterSpec, { facts }: Pick<Survey, 'facts'>): void {
  const { initialize } = facts.cluster;
  const ours = spec.adopted.length > 0 || Object.values(facts.servers).some((server) => server.manifest !== null);
  if (initialize === null || ours) return;
  throw appError(
    'deploy.scope_exists',
    `The scope ${spec.scope} is in the DCS already, with system identifier ` +
      `${initialize === '' ? 'not yet set' : initialize}: it is another cluster.`,
    {
      target: spec.scope,
      hint: 'Choose another scope or namespace, or adopt that cluster. Nothing was changed on any server.',
    },
  );
}
