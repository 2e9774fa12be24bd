import type { Leaving, ResolvedChange } from '../../../../shared/model/deploy/day2';
import type { WorkingRunKind } from '../../../../shared/model/deploy/deploy-views';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { changedServers } from '../../../../shared/rules/deploy/day2/changed-spec';
import { outcomeOf } from '../../../../shared/rules/deploy/review/outcome';
import type { Remote } from '../../ssh/remote';
import { alwaysVerified, refuseForeign, refuseWhenChanged } from '../runs/apply-work';
import { refuseBlocked } from '../runs/refuse-blocked';
import { carryOut } from '../runs/carry-out';
import { enterStage, type RunInput, type RunWork } from '../runs/run';
import { surveyChange } from './change-survey';
import { countRows } from './standalone-facts';

/** Brings the app's own entry of a cluster up to date; `leaving`: the servers that gave roles up. Answers the cluster's id, or null. */
export type CompleteChange = (spec: ClusterSpec, leaving: readonly Leaving[]) => Promise<string | null>;

/** What a change is carried out with. */
export interface ChangeRunRequest {
  readonly runId: string;
  readonly kind: WorkingRunKind;
  readonly resolved: ResolvedChange;
  readonly fingerprint: string | null;
  readonly onComplete: CompleteChange;
}

/** Inspect, refuse what would harm, carry out, say what there is now. */
export function changeWork(request: ChangeRunRequest): RunWork {
  return async (input, context) => {
    const { deps, secrets } = input;
    const { resolved } = request;
    const started = deps.now();
    enterStage(input, context, 'inspecting');
    const found = await surveyChange(resolved, deps, secrets, request.runId);
    refuseWhenChanged(found, request.fingerprint);
    refuseForeign(found);
    await refuseBlocked(resolved.spec, found, deps, secrets);
    const before = await countOf(resolved.spec, input);
    enterStage(input, context, 'applying');
    await carryOut(input, context, found.plan, alwaysVerified(found));
    const after = before === null ? null : await countOf(resolved.spec, input);
    const changed = [...found.verdicts.values()].filter((verdict) => verdict.action !== 'none').length;
    const clusterId = await request.onComplete(resolved.spec, resolved.leaving);
    const outcome = outcomeOf(resolved.spec, deps.now() - started, changed);
    return {
      outcome: {
        ...outcome,
        clusterId,
        sentence: [outcome.sentence, ...left(resolved), ...counted(before, after)].join(' '),
      },
      changed,
    };
  };
}

function left(resolved: ResolvedChange): string[] {
  const names = changedServers(resolved);
  return names.length === 0
    ? []
    : [`${names.join(', ')} gave up ${resolved.leaving.flatMap((entry) => entry.roles).join(', ')}.`];
}

function counted(before: number | null, after: number | null): string[] {
  if (before === null) return [];
  return [after === null ? `There were ${before} rows before.` : `Rows before: ${before}, after: ${after}.`];
}

/** Rows of the PostgreSQL that is converted; null for any other change. */
async function countOf(spec: ClusterSpec, input: RunInput): Promise<number | null> {
  const server = spec.servers.find((entry) => entry.name === spec.postgres.existing?.server);
  if (server === undefined) return null;
  const remote: Remote = input.deps.connectServer(server);
  return countRows(remote, spec.postgres.port);
}
