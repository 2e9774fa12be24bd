import type {
  DeployRun,
  DeployRunKind,
  DeployRunSummary,
  Lane,
  LaneStep,
  LaneStepStatus,
  PlanView,
} from '../../../shared/model/deploy/deploy-views';
import type { Day2Preview } from '../../../shared/model/deploy/day2';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { outcomeOf } from '../../../shared/rules/deploy/review/outcome';
import { createTopic, type Topic } from './topic';

const STEP_MS = 40;

/** A run of the double: what it was made for, and where it stands. */
export interface DoubleRun {
  readonly spec: ClusterSpec;
  readonly topic: Topic<DeployRun>;
  readonly read: () => DeployRun;
  stop(): void;
  /** Lets its steps happen, one after the other; with `failsAt` that step fails. */
  play(failsAt?: string): Promise<void>;
}

/** The runs of the double. */
export interface DoubleRuns {
  readonly all: Topic<readonly DeployRunSummary[]>;
  find(id: string): DoubleRun | undefined;
  add(run: DeployRun, spec: ClusterSpec): DoubleRun;
}

/** Keeps runs and tells the list of them. */
export function createRuns(): DoubleRuns {
  const known = new Map<string, DoubleRun>();
  const all = createTopic<readonly DeployRunSummary[]>([]);
  const tell = () =>
    all.set([...known.values()].map((run) => summaryOf(run.read())).sort((a, b) => b.startedAt - a.startedAt));
  return {
    all,
    find: (id) => known.get(id),
    add: (run, spec) => {
      const made = createRun(run, spec, tell);
      known.set(run.id, made);
      tell();
      return made;
    },
  };
}

function createRun(first: DeployRun, spec: ClusterSpec, tell: () => void): DoubleRun {
  let run = first;
  let stopped = false;
  const topic = createTopic(run);
  const set = (next: DeployRun) => {
    run = next;
    topic.set(next);
    tell();
  };
  const step = (id: string, change: Partial<LaneStep>) =>
    set({
      ...run,
      lanes: run.lanes.map((lane) => ({
        ...lane,
        steps: lane.steps.map((one) => (one.id === id ? { ...one, ...change } : one)),
      })),
    });
  const play = async (failsAt?: string) => {
    stopped = false;
    set({ ...run, status: 'running', endedAt: null, error: null });
    for (const { id } of run.lanes
      .flatMap((lane) => lane.steps)
      .filter((one) => one.status !== 'done' && one.status !== 'unchanged')) {
      if (stopped)
        return set({
          ...run,
          status: 'stopped',
          endedAt: Date.now(),
          error: {
            code: 'deploy.stopped',
            message: 'Stopped by you; what was under way came to its end.',
            hint: 'Resume to go on, or undo.',
            retryable: true,
          },
        });
      step(id, { status: 'running', startedAt: Date.now() });
      await new Promise((resolve) => {
        setTimeout(resolve, STEP_MS);
      });
      if (id === failsAt) return fail(id);
      step(id, { status: 'done', endedAt: Date.now() });
    }
    set({
      ...run,
      status: 'done',
      endedAt: Date.now(),
      outcome: { ...outcomeOf(spec, Date.now() - run.startedAt, 1), clusterId: 'orders' },
    });
  };
  const fail = (id: string) => {
    const error = {
      code: 'deploy.port_in_use',
      message: 'Port 5432 is taken by postgres, which is not of this cluster.',
      hint: 'Stop it or move it to another port, then try again from here.',
      retryable: true,
    } as const;
    step(id, { status: 'failed', endedAt: Date.now(), error });
    set({ ...run, status: 'failed', endedAt: Date.now(), error });
  };
  return {
    spec,
    topic,
    read: () => run,
    stop: () => {
      stopped = true;
    },
    play,
  };
}

function summaryOf({ lanes, ...run }: DeployRun): DeployRunSummary {
  const steps = lanes.flatMap((lane) => lane.steps);
  return {
    ...run,
    stepsDone: steps.filter((step) => step.status === 'done' || step.status === 'unchanged').length,
    stepsTotal: steps.length,
  };
}

/** A run that has not begun, with the steps of a plan. */
export function runOf(id: string, kind: DeployRunKind, title: string, spec: ClusterSpec, plan: PlanView): DeployRun {
  const lanes = plan.servers.map((server): Lane => ({
    server: server.name,
    log: [{ at: Date.now(), level: 'info', text: `Looked at ${server.name}.` }],
    steps: server.steps.map((step) =>
      laneStep(step.id, step.kind, step.label, step.action === 'none' ? 'unchanged' : 'todo'),
    ),
  }));
  return {
    id,
    kind,
    clusterId: spec.id,
    scope: spec.scope,
    title,
    status: 'running',
    jobId: null,
    startedAt: Date.now(),
    endedAt: null,
    estimateMs: plan.estimateMs,
    lanes,
    error: null,
    outcome: null,
  };
}

function laneStep(id: string, kind: LaneStep['kind'], label: string, status: LaneStepStatus): LaneStep {
  return { id, kind, label, status, startedAt: null, endedAt: null, detail: null, error: null };
}

/** A run of an earlier session that the app's end interrupted. */
export function interruptedRun(spec: ClusterSpec, preview: Day2Preview): DeployRun {
  const run = runOf('earlier', 'apply', 'Set up Orders', spec, preview.plan);
  const at = Date.now() - 3_600_000;
  return {
    ...run,
    status: 'interrupted',
    startedAt: at,
    lanes: run.lanes.map((lane) => ({
      ...lane,
      log: [],
      steps: lane.steps.map((step, index) => interruptedStep(step, index, at)),
    })),
  };
}

/** Three steps were done and the fourth was under way. */
function interruptedStep(step: LaneStep, index: number, at: number): LaneStep {
  if (index < 3) return { ...step, status: 'done', startedAt: at, endedAt: at + 4_000 };
  return index === 3 ? { ...step, detail: 'It was under way when the app ended.' } : step;
}
