import { AppError, toErrorData, type AppErrorData } from '../../../../shared/model/app-error';
import type { Leaving } from '../../../../shared/model/deploy/day2';
import type {
  DeployOutcome,
  DeployRun,
  DeployRunSummary,
  DeployRunUpdate,
  LaneLine,
  LaneStep,
  WorkingRunKind,
} from '../../../../shared/model/deploy/deploy-views';
import type { Step } from '../../../../shared/model/deploy/plan';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import type { Job, JobKind } from '../../../../shared/model/operate/job';
import type { Undo } from '../../../../shared/model/undo';
import type { StepTimes } from '../../../../shared/rules/deploy/review/estimate';
import { clusterLock } from '../../jobs/cluster-lock';
import { jobBusy } from '../../jobs/create-job-engine';
import type { JobContext, JobDefinition, JobEnd, JobEngine } from '../../jobs/job-engine';
import { createListeners } from '../../platform/listeners';
import { mask } from '../../platform/mask';
import type { Remote } from '../../ssh/remote';
import type { ExecutionEvents } from '../apply/events';
import { ensureSecrets, knownSecrets, type SecretValues } from '../secrets/cluster-secrets';
import type { SecretBook } from '../secrets/secret-book';
import { RunLanes, type ChangedStep } from './lanes';
import type { RunFiles, RunJournal } from './run-journal';

/**
 * The life of a run:
 *
 *     starting ──▶ inspecting ──▶ applying ──▶ done
 *        │             │ ▲           │ │
 *        │             │ └───────────┘ │       (a new authority takes three rounds)
 *        ├─────────────┼───────────────┼──▶ failed ───────┐
 *        │             └───────────────┼──▶ stopped ──────┼──▶ resumed: starting again
 *        └── the app ends ─────────────┴──▶ interrupted ──┘
 *
 * Nothing leads out of `done`. A refusal before anything was changed is a failure, too, with the error that says so. `interrupted` is never
 * entered: it is what a journal without an end says. A resumed run inspects the servers anew; what is done already is left alone.
 * `outcome` is null where the run is of an earlier session: its spec tells the same.
 */
export type RunLife =
  | { readonly kind: 'starting' }
  | { readonly kind: 'inspecting' }
  | { readonly kind: 'applying' }
  | { readonly kind: 'done'; readonly endedAt: number | null; readonly outcome: DeployOutcome | null }
  | { readonly kind: 'failed' | 'stopped'; readonly endedAt: number | null; readonly error: AppErrorData | null }
  | { readonly kind: 'interrupted' };

/** A life as the page sees it. */
export function lifeView(life: RunLife): Pick<DeployRun, 'status' | 'endedAt' | 'error' | 'outcome'> {
  switch (life.kind) {
    case 'starting':
    case 'inspecting':
    case 'applying':
      return { status: 'running', endedAt: null, error: null, outcome: null };
    case 'done':
      return { status: 'done', endedAt: life.endedAt, error: null, outcome: life.outcome };
    case 'failed':
    case 'stopped':
      return { status: life.kind, endedAt: life.endedAt, error: life.error, outcome: null };
    case 'interrupted':
      return { status: 'interrupted', endedAt: null, error: null, outcome: null };
  }
}

/** A run that is asked for. `spec` is the cluster as it shall be; `lanes` has servers that leave as well. */
export interface RunRequest {
  readonly runId: string;
  readonly kind: WorkingRunKind;
  readonly title: string;
  readonly spec: ClusterSpec;
  readonly lanes?: ClusterSpec;
  readonly leaving?: readonly Leaving[];
  /** False for a run that is resumed: its journal goes on. */
  readonly isNew: boolean;
  readonly confirmation: string | null;
  readonly work: RunWork;
}

/** A started job and the run whose lanes show it. */
export interface StartedRun {
  readonly job: Job;
  readonly runId: string;
}

/** Everything one run works with, whatever it does. */
export interface RunInput {
  readonly deps: {
    readonly connectServer: (server: ServerSpec) => Remote;
    readonly now: () => number;
  };
  readonly spec: ClusterSpec;
  readonly secrets: SecretValues;
  readonly run: LiveRun;
  readonly journal: RunJournal;
  readonly stop: AbortSignal;
  /** How long steps take here, as far as it was measured. */
  readonly times: StepTimes;
}

/** How a run that was carried out ended well: what the last page says, and how many steps did something. */
export interface RunSuccess {
  readonly outcome: DeployOutcome;
  readonly changed: number;
}

/** What a run does between its beginning and its end. It says by `enterStage` where it is. */
export type RunWork = (input: RunInput, context: JobContext) => Promise<RunSuccess>;

/** What starting runs works with. `follow` puts a run into the list of runs and answers the signal by which its user stops it. */
export interface RunDeps {
  readonly connectServer: (server: ServerSpec) => Remote;
  readonly now: () => number;
  readonly jobs: JobEngine;
  readonly secrets: SecretBook;
  readonly files: RunFiles;
  readonly follow: (run: LiveRun) => AbortSignal;
  readonly times: () => StepTimes;
}

/**
 * starting: secrets are ready, the journal is on the disk, and the job holds the cluster. Rejects with `job.busy` where another job works
 * on this cluster; nothing is left of such a run.
 */
export async function startRun(deps: RunDeps, request: RunRequest, requestId: string): Promise<StartedRun> {
  const { spec, runId, kind, work } = request;
  const { jobs, now } = deps;
  const holder = jobs.holder(clusterLock(spec.id));
  if (holder !== null && jobs.byRequest(requestId) === null) throw jobBusy(holder);
  const secrets =
    kind === 'undo' ? await knownSecrets(deps.secrets, spec) : await ensureSecrets(deps.secrets, spec, now());
  const journal = openJournal(deps, request);
  const run = new LiveRun(request, [...secrets.values()], now);
  const stop = deps.follow(run);
  const input = { deps, spec: request.lanes ?? spec, secrets, run, journal, stop, times: deps.times() };
  try {
    const job = await jobs.start(jobOf(request, requestId), (context) => live(input, work, context));
    run.setJob(job.id);
    return { job, runId };
  } catch (thrown) {
    const error = toErrorData(thrown);
    run.enter({ kind: 'failed', endedAt: now(), error });
    journal.end('failed', now(), error);
    journal.close();
    throw thrown;
  }
}

function openJournal({ files, now }: RunDeps, request: RunRequest): RunJournal {
  const { spec, runId, kind, title, leaving } = request;
  if (!request.isNew) return files.open(runId);
  return files.create({
    id: runId,
    kind,
    scope: spec.scope,
    title,
    startedAt: now(),
    spec,
    ...(leaving === undefined ? {} : { leaving: [...leaving] }),
  });
}

/** The job that carries each kind of run out. */
const jobKinds: Readonly<Record<WorkingRunKind, JobKind>> = {
  apply: 'deploy',
  undo: 'deploy_undo',
  rotate_certificates: 'rotate_certificates',
  bundle: 'bundle',
  add_replica: 'add_replica',
  remove_member: 'remove_member',
  etcd_member: 'etcd_member',
  convert: 'convert',
  monitoring: 'monitoring',
};

function jobOf({ spec, kind, title, confirmation }: RunRequest, requestId: string): JobDefinition {
  return {
    kind: jobKinds[kind],
    clusterId: spec.id,
    clusterTitle: spec.title ?? spec.scope,
    title,
    target: null,
    command: `npm run deploy -- ${kind === 'rotate_certificates' ? 'rotate' : kind}`,
    confirmation,
    phases: [
      { id: 'inspecting', label: 'Inspect the servers' },
      { id: 'applying', label: kind === 'undo' ? 'Take away' : 'Set up' },
    ],
    exclusive: clusterLock(spec.id),
    cancellable: true,
    requestId,
  };
}

/** inspecting, applying: the run's work says where it is. */
export function enterStage({ run }: RunInput, context: JobContext, stage: 'inspecting' | 'applying'): void {
  run.enter({ kind: stage });
  context.phase(stage, stage === 'inspecting' ? 'checking' : 'running');
}

/** From the first stage to the end: whatever happens, the journal and the lanes get one. */
async function live(input: RunInput, work: RunWork, context: JobContext): Promise<JobEnd> {
  const { deps, run, journal } = input;
  try {
    const { outcome, changed } = await work(input, context);
    const endedAt = deps.now();
    journal.end('done', endedAt, null);
    run.enter({ kind: 'done', endedAt, outcome });
    const facts = { changed, durationMs: outcome.durationMs };
    return { status: 'done', result: { sentence: outcome.sentence, withoutPrimaryMs: null, facts } };
  } catch (thrown) {
    const error = withoutSecrets(toErrorData(thrown), input);
    const kind = error.code === 'deploy.stopped' ? 'stopped' : 'failed';
    const endedAt = deps.now();
    journal.end(kind, endedAt, error);
    run.enter({ kind, endedAt, error });
    return { status: thrown instanceof AppError && refusals.has(thrown.code) ? 'refused' : 'failed', error };
  } finally {
    journal.close();
  }
}

/** Conditions under which nothing was begun. */
const refusals: ReadonlySet<string> = new Set([
  'deploy.refused',
  'deploy.blocked',
  'deploy.scope_exists',
  'deploy.other_cluster',
  'deploy.tls_change',
  'deploy.plan_changed',
  'deploy.server_unreachable',
  'deploy.no_postgres',
  'deploy.nothing_made',
  'deploy.repository_key',
  'deploy.repository_suite',
  'deploy.repository_untrusted',
  'deploy.repository_unreachable',
  'deploy.repository_certificate',
  'deploy.wheels_missing',
  'deploy.archive_missing',
]);

/** An error with every secret of the run masked. */
export function withoutSecrets(error: AppErrorData, input: Pick<RunInput, 'secrets'>): AppErrorData {
  const hidden = [...input.secrets.values()];
  return {
    ...error,
    message: mask(error.message, hidden),
    ...(error.hint === undefined ? {} : { hint: mask(error.hint, hidden) }),
    ...(error.cause === undefined ? {} : { cause: withoutSecrets(error.cause, input) }),
  };
}

/** One run of this session: its life, its lanes, and everybody who watches them. */
export class LiveRun implements ExecutionEvents {
  readonly id: string;
  readonly #hidden: readonly string[];
  readonly #now: () => number;
  readonly #listeners = createListeners<DeployRunUpdate>();
  readonly #lanes = new RunLanes();
  #life: RunLife = { kind: 'starting' };
  #head: Pick<DeployRun, 'id' | 'kind' | 'clusterId' | 'scope' | 'title' | 'startedAt' | 'estimateMs' | 'jobId'>;

  /** `hidden` are the secrets to mask in every line that is shown. */
  constructor(
    request: Pick<RunRequest, 'runId' | 'kind' | 'title' | 'spec'>,
    hidden: readonly string[],
    now: () => number,
  ) {
    const { runId, kind, title, spec } = request;
    this.id = runId;
    this.#hidden = hidden;
    this.#now = now;
    const cluster = { clusterId: spec.id, scope: spec.scope };
    this.#head = { id: runId, kind, ...cluster, title, startedAt: now(), estimateMs: 0, jobId: null };
  }

  run(): DeployRun {
    return { ...this.#head, ...lifeView(this.#life), lanes: this.#lanes.all() };
  }

  summary(): DeployRunSummary {
    return { ...this.#head, ...lifeView(this.#life), ...this.#lanes.count() };
  }

  enter(life: RunLife): void {
    this.#life = life;
    this.#emitRun();
  }

  setJob(jobId: string): void {
    this.#head = { ...this.#head, jobId };
    this.#emitRun();
  }

  /** The steps that were found, and about how long they take together, ms. */
  setSteps(
    servers: readonly string[],
    steps: readonly Pick<Step, 'id' | 'server' | 'label' | 'resource'>[],
    estimateMs: number,
  ): void {
    this.#head = { ...this.#head, estimateMs };
    this.#lanes.setSteps(servers, steps);
    this.#listeners.emit({ kind: 'snapshot', run: this.run() });
  }

  step(id: string, status: LaneStep['status'], error?: AppErrorData): void {
    this.#emitStep(this.#lanes.setStatus(id, status, this.#now(), error));
  }

  detail(id: string, text: string): void {
    this.#emitStep(this.#lanes.setDetail(id, text));
  }

  log(server: string, level: LaneLine['level'], text: string): void {
    const line = { at: this.#now(), level, text: mask(text, this.#hidden) };
    this.#lanes.addLine(server, line);
    this.#listeners.emit({ kind: 'log', server, lines: [line] });
  }

  /** First the whole run, then what changes. */
  watch(listener: (update: DeployRunUpdate) => void): Undo {
    listener({ kind: 'snapshot', run: this.run() });
    return this.#listeners.add(listener);
  }

  #emitStep(changed: ChangedStep | null): void {
    if (changed !== null) this.#listeners.emit({ kind: 'step', server: changed.server, step: changed.step });
  }

  #emitRun(): void {
    this.#listeners.emit({ kind: 'run', run: this.summary() });
  }
}
