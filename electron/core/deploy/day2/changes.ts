import { appError } from '../../../../shared/model/app-error';
import type {
  Day2Change,
  Day2Preview,
  Leaving,
  ResolvedChange,
  StandaloneFacts,
} from '../../../../shared/model/deploy/day2';
import type { WorkingRunKind } from '../../../../shared/model/deploy/deploy-views';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import { changedSpec, everybody } from '../../../../shared/rules/deploy/day2/changed-spec';
import {
  candidates,
  changeProblems,
  notesOf,
  runKindOf,
  changeTitle,
  typedFor,
} from '../../../../shared/rules/deploy/day2/describe-change';
import type { StepTimes } from '../../../../shared/rules/deploy/review/estimate';
import { planView } from '../../../../shared/rules/deploy/review/plan-view';
import { knownSecrets } from '../secrets/cluster-secrets';
import type { SecretBook } from '../secrets/secret-book';
import type { SurveyDeps } from '../survey/survey';
import type { StartedRun, RunRequest } from '../runs/run';
import { changeWork, type CompleteChange } from './change-work';
import { surveyChange } from './change-survey';
import { findStandalones } from './standalone-facts';

/** What changes of running clusters work with. `start` begins a run as the deployment does. */
export interface ChangesDeps extends SurveyDeps {
  readonly secrets: SecretBook;
  readonly onComplete: CompleteChange;
  /** Rejects with `deploy.id_taken` where the spec's id belongs to a cluster on other servers. */
  readonly refuseTakenId: (spec: ClusterSpec) => Promise<void>;
  readonly newRunId: () => string;
  /** How long steps take here, as far as it was measured. */
  readonly times: () => StepTimes;
  readonly start: (request: RunRequest, requestId: string) => Promise<StartedRun>;
}

/** A change that a person has seen and confirmed. With a fingerprint, a plan made from other facts is refused. */
export interface ConfirmedChange {
  readonly spec: ClusterSpec;
  readonly change: Day2Change;
  readonly fingerprint: string | null;
  readonly typed: string | null;
}

/** Changes of clusters that run: servers come and go, members of etcd are replaced, a standalone PostgreSQL becomes a leader. */
export interface Changes {
  preview(spec: ClusterSpec, change: Day2Change): Promise<Day2Preview>;
  /** Rejects with `deploy.not_confirmed` when the name was not typed, `deploy.spec_invalid` when the cluster would make no sense. */
  apply(confirmed: ConfirmedChange, requestId: string): Promise<StartedRun>;
  resume(
    run: {
      readonly id: string;
      readonly kind: WorkingRunKind;
      readonly title: string;
      readonly spec: ClusterSpec;
      readonly leaving: readonly Leaving[];
    },
    requestId: string,
  ): Promise<StartedRun>;
  /** PostgreSQL clusters that run by themselves on these servers. */
  standalones(servers: readonly ServerSpec[]): Promise<readonly StandaloneFacts[]>;
}

/** Makes the changes of running clusters. */
export function createChanges(deps: ChangesDeps): Changes {
  return {
    standalones: (servers) => standalonesOn(servers, deps),
    async preview(spec, change) {
      const { resolved, standalone } = await resolve(spec, change, deps);
      return preview(change, resolved, standalone, deps);
    },
    async apply({ spec, change, fingerprint, typed }, requestId) {
      throwUnlessTyped(change, typed);
      const { resolved } = await resolve(spec, change, deps);
      throwInvalid(resolved.spec);
      const request = {
        runId: deps.newRunId(),
        kind: runKindOf(change),
        title: changeTitle(change, spec),
        spec: resolved.spec,
        isNew: true,
        confirmation: typed,
      };
      return deps.start(runRequest(request, resolved, fingerprint, deps), requestId);
    },
    resume: ({ id, leaving, ...run }, requestId) => {
      const request = { runId: id, ...run, isNew: false, confirmation: null };
      return deps.start(runRequest(request, { spec: run.spec, leaving }, null, deps), requestId);
    },
  };
}

async function standalonesOn(
  servers: readonly ServerSpec[],
  { connectServer }: Pick<ChangesDeps, 'connectServer'>,
): Promise<readonly StandaloneFacts[]> {
  return (await Promise.all(servers.map((server) => findStandalones(server.name, connectServer(server))))).flat();
}

async function resolve(
  spec: ClusterSpec,
  change: Day2Change,
  deps: ChangesDeps,
): Promise<{ readonly resolved: ResolvedChange; readonly standalone: StandaloneFacts | null }> {
  const converted = change.kind === 'convert' ? spec.servers.filter((server) => server.name === change.name) : [];
  const standalone = (await standalonesOn(converted, deps))[0] ?? null;
  return { resolved: changedSpec(spec, change, standalone), standalone };
}

function runRequest(
  request: Omit<RunRequest, 'leaving' | 'lanes' | 'work'>,
  resolved: ResolvedChange,
  fingerprint: string | null,
  { onComplete }: ChangesDeps,
): RunRequest {
  const { runId, kind } = request;
  const work = changeWork({ runId, kind, resolved, fingerprint, onComplete });
  return { ...request, leaving: resolved.leaving, lanes: everybody(resolved), work };
}

function throwUnlessTyped(change: Day2Change, typed: string | null): void {
  const name = typedFor(change);
  if (name === null || typed === name) return;
  throw appError('deploy.not_confirmed', `Type ${name} to do this.`, { target: name, hint: 'Nothing was done.' });
}

async function preview(
  change: Day2Change,
  resolved: ResolvedChange,
  standalone: StandaloneFacts | null,
  deps: ChangesDeps,
): Promise<Day2Preview> {
  const problems = changeProblems(resolved.spec);
  await deps.refuseTakenId(resolved.spec);
  const secrets = await knownSecrets(deps.secrets, resolved.spec);
  const found = await surveyChange(resolved, deps, secrets, null);
  return {
    spec: resolved.spec,
    plan: planView(found.everybody, found.plan, { ...found, problems, times: deps.times() }),
    problems,
    typed: typedFor(change),
    candidates: candidates(resolved, found.facts.cluster),
    notes: [...notesOf(change, found.absent), ...(standalone?.notes ?? [])],
  };
}

function throwInvalid(spec: ClusterSpec): void {
  const first = changeProblems(spec).find((problem) => problem.severity === 'error');
  if (first !== undefined)
    throw appError('deploy.spec_invalid', first.sentence, { target: first.path, hint: first.fix });
}
