import type { AppErrorData } from '../../../../shared/model/app-error';
import type {
  DeployOutcome,
  DeployRun,
  DeployRunKind,
  DeployRunStatus,
  DeployRunSummary,
  DeployRunUpdate,
  Lane,
  LaneLine,
  LaneStep,
} from '../../../../shared/model/deploy/deploy-views';
import type { Step } from '../../../../shared/model/deploy/plan';
import type { Undo } from '../../../../shared/model/undo';
import type { ExecutionEvents } from '../apply/events';
import { createListeners } from '../../platform/listeners';

/** Lines of a lane's log that are kept in memory. */
const keptLines = 400;

/** What a run is before its first step. */
export interface RunHead {
  readonly id: string;
  readonly kind: DeployRunKind;
  readonly clusterId: string;
  readonly scope: string;
  readonly title: string;
  readonly startedAt: number;
  readonly estimateMs: number;
}

/** One run while it goes on: the lanes, and everybody who watches them. */
export interface RunState extends ExecutionEvents {
  readonly id: string;
  run(): DeployRun;
  summary(): DeployRunSummary;
  /** The steps that were found, and about how long they take together, ms. */
  setSteps(
    servers: readonly string[],
    steps: readonly Pick<Step, 'id' | 'server' | 'label' | 'resource'>[],
    estimateMs: number,
  ): void;
  setJob(jobId: string): void;
  end(status: DeployRunStatus, error: AppErrorData | null, outcome: DeployOutcome | null): void;
  reopen(): void;
  /** First the whole run, then what changes. */
  watch(listener: (update: DeployRunUpdate) => void): Undo;
}

/** Makes the state of a run. `text` hides secrets in every line that is shown. */
export function createRunState(head: RunHead, text: (value: string) => string, now: () => number): RunState {
  return new State(head, text, now);
}

class State implements RunState {
  readonly id: string;
  readonly #text: (value: string) => string;
  readonly #now: () => number;
  readonly #listeners = createListeners<DeployRunUpdate>();
  readonly #steps = new Map<string, { readonly server: string; step: LaneStep }>();
  readonly #logs = new Map<string, LaneLine[]>();
  #servers: readonly string[] = [];
  #run: Omit<DeployRun, 'lanes'>;

  constructor(head: RunHead, text: (value: string) => string, now: () => number) {
    this.id = head.id;
    this.#text = text;
    this.#now = now;
    this.#run = { ...head, status: 'running', jobId: null, endedAt: null, error: null, outcome: null };
  }

  run(): DeployRun {
    return { ...this.#run, lanes: this.#servers.map((server) => this.#lane(server)) };
  }

  summary(): DeployRunSummary {
    const steps = [...this.#steps.values()].map((entry) => entry.step);
    const done = steps.filter((step) => step.status === 'done' || step.status === 'unchanged').length;
    return { ...this.#run, stepsDone: done, stepsTotal: steps.length };
  }

  setSteps(
    servers: readonly string[],
    steps: readonly Pick<Step, 'id' | 'server' | 'label' | 'resource'>[],
    estimateMs: number,
  ): void {
    this.#servers = servers;
    this.#run = { ...this.#run, estimateMs };
    this.#steps.clear();
    for (const { id, server, label, resource } of steps) {
      this.#steps.set(id, {
        server,
        step: {
          id,
          kind: resource.kind,
          label,
          status: 'todo',
          startedAt: null,
          endedAt: null,
          detail: null,
          error: null,
        },
      });
    }
    this.#listeners.emit({ kind: 'snapshot', run: this.run() });
  }

  setJob(jobId: string): void {
    this.#run = { ...this.#run, jobId };
    this.#tellRun();
  }

  step(id: string, status: LaneStep['status'], error?: AppErrorData): void {
    const at = this.#now();
    const ended = status !== 'running' && status !== 'todo';
    this.#change(id, (step) => ({
      ...step,
      status,
      startedAt: status === 'running' ? at : step.startedAt,
      endedAt: ended ? at : null,
      error: error ?? null,
    }));
  }

  detail(id: string, text: string): void {
    this.#change(id, (step) => (step.detail === text ? step : { ...step, detail: text }));
  }

  log(server: string, level: LaneLine['level'], text: string): void {
    const line = { at: this.#now(), level, text: this.#text(text) };
    const lines = this.#logs.get(server) ?? [];
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    this.#logs.set(server, lines);
    this.#listeners.emit({ kind: 'log', server, lines: [line] });
  }

  end(status: DeployRunStatus, error: AppErrorData | null, outcome: DeployOutcome | null): void {
    this.#run = { ...this.#run, status, error, outcome, endedAt: this.#now() };
    this.#tellRun();
  }

  reopen(): void {
    this.#run = { ...this.#run, status: 'running', error: null, outcome: null, endedAt: null };
    this.#tellRun();
  }

  watch(listener: (update: DeployRunUpdate) => void): Undo {
    listener({ kind: 'snapshot', run: this.run() });
    return this.#listeners.add(listener);
  }

  #lane(server: string): Lane {
    const steps = [...this.#steps.values()].filter((entry) => entry.server === server).map((entry) => entry.step);
    return { server, steps, log: this.#logs.get(server) ?? [] };
  }

  #change(id: string, edit: (step: LaneStep) => LaneStep): void {
    const entry = this.#steps.get(id);
    if (entry === undefined) return;
    const next = edit(entry.step);
    if (next === entry.step) return;
    entry.step = next;
    this.#listeners.emit({ kind: 'step', server: entry.server, step: next });
  }

  #tellRun(): void {
    this.#listeners.emit({ kind: 'run', run: this.summary() });
  }
}
