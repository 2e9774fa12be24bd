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
import { knownSecrets } from '../cluster-secrets';
import type { SecretBook } from '../secret-book';
import type { SurveyDeps } from '../survey';
import type { StartedRun, WantedRun } from '../runs/wanted-run';
import { changeWork } from './change-run';
import { surveyChange } from './change-survey';
import { findStandalones } from './standalone-facts';

/** What changes of running clusters work with. `start` begins a run as the deployment does. */
export interface ChangesDeps extends SurveyDeps {
  readonly secrets: SecretBook;
  readonly onComplete: (spec: ClusterSpec) => Promise<string | null>;
  /** Rejects with `deploy.id_taken` where the spec's id belongs to a cluster on other servers. */
  readonly refuseTakenId: (spec: ClusterSpec) => Promise<void>;
  readonly newRunId: () => string;
  /** How long steps take here, as far as it was measured. */
  readonly times: () => StepTimes;
  readonly start: (wanted: WantedRun, requestId: string) => Promise<StartedRun>;
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
  const standalones = async (servers: readonly ServerSpec[]): Promise<readonly StandaloneFacts[]> =>
    (await Promise.all(servers.map((server) => findStandalones(server.name, deps.remoteOf(server))))).flat();
  const resolve = async (
    spec: ClusterSpec,
    change: Day2Change,
  ): Promise<{ resolved: ResolvedChange; standalone: StandaloneFacts | null }> => {
    const standalone =
      change.kind === 'convert'
        ? ((await standalones(spec.servers.filter((server) => server.name === change.name)))[0] ?? null)
        : null;
    return { resolved: changedSpec(spec, change, standalone), standalone };
  };
  const begin = (
    wanted: Omit<WantedRun, 'lanes' | 'work'>,
    resolved: ResolvedChange,
    fingerprint: string | null,
    requestId: string,
  ): Promise<StartedRun> =>
    deps.start(
      {
        ...wanted,
        leaving: resolved.leaving,
        lanes: everybody(resolved),
        work: changeWork({
          runId: wanted.runId,
          kind: wanted.kind,
          resolved,
          fingerprint,
          onComplete: deps.onComplete,
        }),
      },
      requestId,
    );
  return {
    standalones,
    async preview(spec, change) {
      const { resolved, standalone } = await resolve(spec, change);
      return preview(change, resolved, standalone, deps);
    },
    async apply({ spec, change, fingerprint, typed }, requestId) {
      const name = typedFor(change);
      if (name !== null && typed !== name)
        throw appError('deploy.not_confirmed', `Type ${name} to do this.`, { target: name, hint: 'Nothing was done.' });
      const { resolved } = await resolve(spec, change);
      throwInvalid(resolved.spec);
      return begin(
        {
          runId: deps.newRunId(),
          kind: runKindOf(change),
          title: changeTitle(change, spec),
          spec: resolved.spec,
          isNew: true,
          confirmation: typed,
        },
        resolved,
        fingerprint,
        requestId,
      );
    },
    resume: (run, requestId) =>
      begin(
        { runId: run.id, kind: run.kind, title: run.title, spec: run.spec, isNew: false, confirmation: null },
        { spec: run.spec, leaving: run.leaving },
        null,
        requestId,
      ),
  };
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
