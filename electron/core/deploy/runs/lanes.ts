import type { AppErrorData } from '../../../../shared/model/app-error';
import type { Lane, LaneLine, LaneStep } from '../../../../shared/model/deploy/deploy-views';
import type { Step } from '../../../../shared/model/deploy/plan';

/** Lines of a lane's log that are kept in memory. */
const keptLines = 400;

/** The steps of a run on each server with the last lines of its log. */
export class RunLanes {
  readonly #steps = new Map<string, { readonly server: string; step: LaneStep }>();
  readonly #logs = new Map<string, LaneLine[]>();
  #servers: readonly string[] = [];

  /** The lanes in the order of the servers. */
  all(): Lane[] {
    return this.#servers.map((server) => ({
      server,
      steps: [...this.#steps.values()].filter((entry) => entry.server === server).map((entry) => entry.step),
      log: this.#logs.get(server) ?? [],
    }));
  }

  /** How many steps there are, and how many of them are over and well. */
  count(): { readonly stepsDone: number; readonly stepsTotal: number } {
    const steps = [...this.#steps.values()].map((entry) => entry.step);
    const done = steps.filter((step) => step.status === 'done' || step.status === 'unchanged').length;
    return { stepsDone: done, stepsTotal: steps.length };
  }

  /** Replaces all steps; the logs stay. */
  setSteps(servers: readonly string[], steps: readonly Pick<Step, 'id' | 'server' | 'label' | 'resource'>[]): void {
    this.#servers = servers;
    this.#steps.clear();
    for (const { id, server, label, resource } of steps)
      this.#steps.set(id, { server, step: { ...untouched, id, kind: resource.kind, label } });
  }

  /** Moves a step on, at a time in ms. Answers it with its server, or null where there is nothing to change. */
  setStatus(id: string, status: LaneStep['status'], at: number, error?: AppErrorData): ChangedStep | null {
    const ended = status !== 'running' && status !== 'todo';
    return this.#change(id, (step) => ({
      ...step,
      status,
      startedAt: status === 'running' ? at : step.startedAt,
      endedAt: ended ? at : null,
      error: error ?? null,
    }));
  }

  /** Sets what is so now in a step. */
  setDetail(id: string, text: string): ChangedStep | null {
    return this.#change(id, (step) => (step.detail === text ? step : { ...step, detail: text }));
  }

  /** Adds a line to a server's log; the oldest lines go. */
  addLine(server: string, line: LaneLine): void {
    const lines = this.#logs.get(server) ?? [];
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    this.#logs.set(server, lines);
  }

  #change(id: string, edit: (step: LaneStep) => LaneStep): ChangedStep | null {
    const entry = this.#steps.get(id);
    if (entry === undefined) return null;
    const next = edit(entry.step);
    if (next === entry.step) return null;
    entry.step = next;
    return entry;
  }
}

/** A step as it is now, and whose lane it is on. */
export interface ChangedStep {
  readonly server: string;
  readonly step: LaneStep;
}

const untouched = { status: 'todo', startedAt: null, endedAt: null, detail: null, error: null } as const;
