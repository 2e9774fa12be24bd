import { randomUUID } from 'node:crypto';
import { appError } from '../../../shared/model/app-error';
import type {
  CertificateEnd,
  DeployRunSummary,
  DeployRunUpdate,
  DriftReport,
  FactsResult,
  PlanView,
  PreflightReport,
} from '../../../shared/model/deploy/deploy-views';
import type { ClusterFile, ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import type { Leaving } from '../../../shared/model/deploy/day2';
import type { ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import type { Undo } from '../../../shared/model/undo';
import { compared } from '../../../shared/rules/deploy/check/unanswered';
import { settled } from '../../../shared/rules/deploy/check/verdict';
import { measuredTimes, type StepTimes } from '../../../shared/rules/deploy/review/estimate';
import { planView, stepView } from '../../../shared/rules/deploy/review/plan-view';
import { withSuggestedParameters } from '../../../shared/rules/deploy/spec/complete-file';
import { validateSpec } from '../../../shared/rules/deploy/spec/validate-spec';
import type { JobEngine } from '../jobs/job-engine';
import type { Remote } from '../ssh/remote';
import { confirmDrift } from './survey/confirm-drift';
import { refuseUnsafe } from '../../../shared/rules/deploy/spec/refuse-unsafe';
import { createChanges, type Changes } from './day2/changes';
import { factsResults } from './facts/results';
import {
  identify,
  idTaken,
  knownClusters,
  type IdentifiedSpec,
  type KnownCluster,
  type MachineOf,
} from './identity/identify';
import { clusterElsewhere, refuseTakenId } from './identity/taken-id';
import { applyWork } from './runs/apply-work';
import { rotateWork } from './runs/rotate-work';
import { undoWork } from './runs/undo-work';
import { openRunFiles, specOf, type RunFiles } from './runs/run-journal';
import { startRun, type LiveRun, type RunRequest, type RunWork, type StartedRun } from './runs/run';
import { createRunList, type RunList } from './runs/run-list';
import { separateRunFiles } from './runs/separate-run-files';
import { applyFix, runPreflight } from './survey/preflight';
import { knownSecrets } from './secrets/cluster-secrets';
import type { SecretBook } from './secrets/secret-book';
import { inspect, survey, type SurveyDeps } from './survey/survey';
import { authorityOf, certificateEnds } from './tls/material';

/** What the deployment works with. `connectServer` finds the connection to a server of a spec; it throws where there is none. */
export interface DeployDeps {
  readonly connectServer: (server: ServerSpec) => Remote;
  readonly secrets: SecretBook;
  readonly jobs: JobEngine;
  readonly directory: string;
  readonly now: () => number;
  /** Which machine a server of a spec is: clusters are told apart by it where their names are the same. */
  readonly machineOf: MachineOf;
  /** Where runs on servers that pass with the demo are kept, apart from the record of what was done. */
  readonly passing?: Passing;
  /**
   * A cluster is complete: the app may open it. `leaving`: the servers that gave roles up, where a running cluster was changed. Answers its
   * id in the inventory, or null.
   */
  readonly onComplete?: (spec: ClusterSpec, leaving?: readonly Leaving[]) => Promise<string | null>;
  /** A cluster was taken away from all its servers: the app may say so where it is listed. */
  readonly onRemoved?: (spec: ClusterSpec) => Promise<void>;
}

/** A place for runs whose servers are simulated: their journals and jobs. */
export interface Passing {
  readonly includes: (spec: ClusterSpec) => boolean;
  readonly directory: string;
  readonly jobs: JobEngine;
}

/** Setting up clusters on bare servers, for the page and the command line alike. All errors are `AppError`s. */
export interface Deploy {
  facts(spec: ClusterSpec): Promise<readonly FactsResult[]>;
  preflight(spec: ClusterSpec): Promise<PreflightReport>;
  /** Applies the fix of one check, then makes the preflight again. */
  fix(spec: ClusterSpec, server: string, fixId: string): Promise<PreflightReport>;
  plan(spec: ClusterSpec): Promise<PlanView>;
  /** With a fingerprint, a plan made from other facts is refused with `deploy.plan_changed`. */
  apply(spec: ClusterSpec, fingerprint: string | null, requestId: string): Promise<StartedRun>;
  resume(runId: string, requestId: string): Promise<StartedRun>;
  /** Takes away what was made for the scope. `typed` must be the scope; otherwise `deploy.not_confirmed`. */
  undo(spec: ClusterSpec, typed: string, keepData: boolean, requestId: string): Promise<StartedRun>;
  /** New keys and certificates for every service, with `authority` from a new authority; PostgreSQL keeps running. */
  rotateCertificates(spec: ClusterSpec, authority: boolean, requestId: string): Promise<StartedRun>;
  /** Changes of a cluster that runs. */
  readonly changes: Changes;
  stop(runId: string): void;
  check(spec: ClusterSpec): Promise<DriftReport>;
  runs(): readonly DeployRunSummary[];
  /** The spec a run was made for. Throws `deploy.run_unknown`. */
  specOf(runId: string): ClusterSpec;
  /** The spec of the last run of a cluster that ended well; null when there is none, or it was taken away since. */
  latestSpec(clusterId: string): ClusterSpec | null;
  /**
   * Gives a file's cluster its id; `own` is the id of the form it is taken into. Throws `deploy.cluster_ambiguous`
   * and `deploy.id_taken`.
   */
  identify(file: ClusterFile, own: string | null): IdentifiedSpec;
  /** The spec with the parameters that the guided set-up suggests for its servers, which are inspected for it. */
  withSuggestions(spec: ClusterSpec): Promise<ClusterSpec>;
  /** Keeps a spec that describes a cluster as it is: later changes and comparisons start from it. Nothing on the servers is changed. */
  keepSpec(spec: ClusterSpec): void;
  /** Deletes the records of all runs whose servers pass with the demo; answers the ids of their clusters. */
  forgetPassing(): readonly string[];
  watchRun(runId: string, listener: (update: DeployRunUpdate) => void): Undo;
  watchRuns(listener: (runs: readonly DeployRunSummary[]) => void): Undo;
}

/** Opens the deployment with its journals. */
export function createDeploy(deps: DeployDeps): Deploy {
  return new DeployService(deps);
}

class DeployService implements Deploy {
  readonly #deps: DeployDeps;
  readonly #files: RunFiles;
  readonly #passing: (Passing & { readonly files: RunFiles }) | null;
  readonly #list: RunList;
  readonly changes: Changes;

  constructor(deps: DeployDeps) {
    this.#deps = deps;
    this.#passing =
      deps.passing === undefined ? null : { ...deps.passing, files: openRunFiles(deps.passing.directory) };
    const own = openRunFiles(`${deps.directory}/runs`);
    this.#files = this.#passing === null ? own : separateRunFiles(own, this.#passing.files, this.#passing.includes);
    this.#list = createRunList(this.#files);
    this.changes = createChanges({
      ...this.#survey(),
      secrets: deps.secrets,
      times: () => this.#times(),
      refuseTakenId: (spec) => this.#refuseTakenId(spec),
      newRunId: () => this.#newRunId(),
      onComplete: (spec, leaving) => deps.onComplete?.(spec, leaving) ?? Promise.resolve(null),
      start: (request, requestId) => this.#start(request, requestId),
    });
  }

  async facts(spec: ClusterSpec): Promise<readonly FactsResult[]> {
    return factsResults(spec, await inspect(spec, this.#survey(), await knownSecrets(this.#deps.secrets, spec)));
  }

  async preflight(spec: ClusterSpec): Promise<PreflightReport> {
    await this.#refuseTakenId(spec);
    return runPreflight(spec, this.#survey(), await knownSecrets(this.#deps.secrets, spec));
  }

  async fix(spec: ClusterSpec, server: string, fixId: string): Promise<PreflightReport> {
    await applyFix(spec, server, fixId, this.#survey());
    return this.preflight(spec);
  }

  async plan(spec: ClusterSpec): Promise<PlanView> {
    const problems = validateSpec(spec);
    await this.#refuseTakenId(spec);
    const secrets = await knownSecrets(this.#deps.secrets, spec);
    const { plan, verdicts, facts, fingerprint } = await survey(spec, this.#survey(), secrets, null);
    return planView(spec, plan, { verdicts, facts, problems, fingerprint, times: this.#times() });
  }

  async apply(spec: ClusterSpec, fingerprint: string | null, requestId: string): Promise<StartedRun> {
    throwInvalid(spec);
    const runId = this.#newRunId();
    return this.#start(
      {
        runId,
        kind: 'apply',
        title: `Set up ${spec.title ?? spec.scope}`,
        spec,
        isNew: true,
        confirmation: null,
        work: this.#applyWork(runId, fingerprint),
      },
      requestId,
    );
  }

  async resume(runId: string, requestId: string): Promise<StartedRun> {
    const history = this.#files.read(runId);
    if (history === null) throw appError('deploy.run_unknown', 'There is no record of this run.', { target: runId });
    if (history.status === 'done')
      throw appError('deploy.run_finished', 'This run came to its end; there is nothing to resume.', { target: runId });
    const { kind, title, leaving } = history.head;
    if (leaving !== undefined && kind !== 'adopt')
      return this.changes.resume({ id: runId, kind, title, spec: specOf(history), leaving }, requestId);
    if (kind !== 'apply')
      throw appError('deploy.run_not_resumable', 'Only a set-up can be resumed.', {
        target: runId,
        hint: 'Start it again instead: what is done already is seen and left alone.',
      });
    return this.#start(
      {
        runId,
        kind: 'apply',
        title,
        spec: specOf(history),
        isNew: false,
        confirmation: null,
        work: this.#applyWork(runId, null),
      },
      requestId,
    );
  }

  async undo(spec: ClusterSpec, typed: string, keepData: boolean, requestId: string): Promise<StartedRun> {
    if (typed !== spec.scope)
      throw appError('deploy.not_confirmed', `Type ${spec.scope} to take this cluster away.`, {
        hint: 'Nothing was done.',
      });
    refuseUnsafe(spec);
    const title = `Undo the set-up of ${spec.title ?? spec.scope}`;
    return this.#start(
      {
        runId: this.#newRunId(),
        kind: 'undo',
        title,
        spec,
        isNew: true,
        confirmation: typed,
        work: undoWork({ keepData, onRemoved: (gone) => this.#deps.onRemoved?.(gone) ?? Promise.resolve() }),
      },
      requestId,
    );
  }

  async rotateCertificates(spec: ClusterSpec, authority: boolean, requestId: string): Promise<StartedRun> {
    throwInvalid(spec);
    const title = `${authority ? 'A new authority' : 'New certificates'} for ${spec.title ?? spec.scope}`;
    const { secrets, onComplete } = this.#deps;
    const work = rotateWork({ authority, secrets, onComplete: (done) => onComplete?.(done) ?? Promise.resolve(null) });
    return this.#start(
      { runId: this.#newRunId(), kind: 'rotate_certificates', title, spec, isNew: true, confirmation: null, work },
      requestId,
    );
  }

  stop(runId: string): void {
    this.#list.stop(runId);
  }

  async check(spec: ClusterSpec): Promise<DriftReport> {
    const started = this.#deps.now();
    await this.#refuseTakenId(spec);
    let certificates: readonly CertificateEnd[] = [];
    const steps = await confirmDrift(async () => {
      const found = await this.#differences(spec);
      certificates = found.certificates;
      return found.steps;
    });
    const { differing, unchecked } = compared(steps);
    return {
      at: started,
      durationMs: this.#deps.now() - started,
      scope: spec.scope,
      steps: differing,
      unchecked,
      unreachable: [],
      certificates,
    };
  }

  runs(): readonly DeployRunSummary[] {
    return this.#list.list();
  }

  latestSpec(clusterId: string): ClusterSpec | null {
    const own = this.#files
      .list()
      .filter(({ head, status }) => status === 'done' && head.kind !== 'bundle' && head.spec.id === clusterId);
    const last = own.sort((a, b) => a.head.startedAt - b.head.startedAt).at(-1);
    return last === undefined || last.head.kind === 'undo' ? null : specOf(last);
  }

  identify(file: ClusterFile, own: string | null): IdentifiedSpec {
    const found = identify(file, own, this.#known(), this.#deps.machineOf);
    const other = clusterElsewhere(found.spec, this.#known(), this.#deps.machineOf);
    if (other !== null) throw idTaken(found.spec, other);
    return found;
  }

  async withSuggestions(spec: ClusterSpec): Promise<ClusterSpec> {
    const results = await this.facts(spec);
    return withSuggestedParameters(
      spec,
      results.flatMap(({ facts }) => facts ?? []),
    );
  }

  keepSpec(spec: ClusterSpec): void {
    refuseUnsafe(spec);
    const at = this.#deps.now();
    const journal = this.#files.create({
      id: this.#newRunId(),
      kind: 'adopt',
      scope: spec.scope,
      title: `Adopt ${spec.title ?? spec.scope}`,
      startedAt: at,
      spec,
    });
    journal.end('done', at, null);
    journal.close();
    this.#list.changed();
  }

  forgetPassing(): readonly string[] {
    const heads = this.#passing?.files.list().map(({ head }) => head) ?? [];
    for (const { id } of heads) this.#list.forget(id);
    return [...new Set(heads.map(({ spec }) => spec.id))];
  }

  specOf(runId: string): ClusterSpec {
    const history = this.#files.read(runId);
    if (history === null) throw appError('deploy.run_unknown', 'There is no record of this run.', { target: runId });
    return specOf(history);
  }

  watchRun(runId: string, listener: (update: DeployRunUpdate) => void): Undo {
    return this.#list.watch(runId, listener);
  }

  watchRuns(listener: (runs: readonly DeployRunSummary[]) => void): Undo {
    return this.#list.watchAll(listener);
  }

  async #differences(spec: ClusterSpec): Promise<Pick<DriftReport, 'steps' | 'certificates'>> {
    const secrets = await knownSecrets(this.#deps.secrets, spec);
    const { plan, verdicts, facts } = await survey(spec, this.#survey(), secrets, null);
    const steps = plan.steps
      .map((step) => stepView(step, verdicts.get(step.id) ?? settled, facts))
      .filter((view) => view.action !== 'none');
    return { steps, certificates: certificateEnds(facts.certificates, authorityOf(spec, secrets)) };
  }

  #survey(): SurveyDeps {
    return { connectServer: this.#deps.connectServer, now: this.#deps.now };
  }

  async #start(request: RunRequest, requestId: string): Promise<StartedRun> {
    await this.#refuseTakenId(request.lanes ?? request.spec);
    const passing = this.#passing?.includes(request.spec) === true ? { jobs: this.#passing.jobs } : {};
    const deps = {
      ...this.#deps,
      ...passing,
      files: this.#files,
      follow: (run: LiveRun) => this.#list.follow(run),
      times: () => this.#times(),
    };
    return startRun(deps, request, requestId);
  }

  #known(): readonly KnownCluster[] {
    return knownClusters(this.#files.list());
  }

  #refuseTakenId(spec: ClusterSpec): Promise<void> {
    return refuseTakenId(spec, this.#known(), this.#deps);
  }

  /** What earlier runs on this computer's servers took. */
  #times(): StepTimes {
    const newest = [...this.#files.list()].sort((a, b) => b.head.startedAt - a.head.startedAt);
    return measuredTimes(newest.flatMap((history) => history.measured));
  }

  #newRunId(): string {
    return `${new Date(this.#deps.now())
      .toISOString()
      .slice(0, 19)
      .replaceAll(/[^0-9]/g, '')}-${randomUUID().slice(0, 8)}`;
  }

  #applyWork(runId: string, fingerprint: string | null): RunWork {
    const { onComplete } = this.#deps;
    return applyWork({ runId, fingerprint, onComplete: (spec) => onComplete?.(spec) ?? Promise.resolve(null) });
  }
}

function throwInvalid(spec: ClusterSpec): void {
  const first = validateSpec(spec).find((problem) => problem.severity === 'error');
  if (first !== undefined)
    throw appError('deploy.spec_invalid', first.sentence, { target: first.path, hint: first.fix });
}
