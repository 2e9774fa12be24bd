import { AppError, toErrorData, type AppErrorData } from '../../../../shared/model/app-error';
import type { DeployPlan, Step } from '../../../../shared/model/deploy/plan';
import type { Verdicts } from '../../../../shared/rules/deploy/check/check-plan';
import type { ApplyContext } from '../resources/context';
import type { ScriptContext } from '../resources/script-context';
import { Wakeup, onAbort } from '../../platform/wait';
import { runBatch, scriptedStep, type ScriptedStep } from './batch';
import type { ExecutionEvents } from './events';
import { executionOf, fetchedBy } from './resource-handlers';

/** How an execution ended. `stopped`: the user asked for it; what was under way came to its end. */
export type ExecutionEnd =
  { readonly kind: 'done' } | { readonly kind: 'stopped' } | { readonly kind: 'failed'; readonly error: AppErrorData };

/** What an execution works with. */
export interface ExecutionDeps {
  readonly context: Omit<ApplyContext, 'detail' | 'log' | 'signal'>;
  readonly fragments: (server: string) => ScriptContext;
  readonly events: ExecutionEvents;
  /** Aborted when no new step shall be started. */
  readonly stop: AbortSignal;
}

/** A lost connection is tried again this often: all steps may be made twice. */
const connectionTries = 4;
const retryAfterMs = 2_000;

/** Carries a plan out along its graph: every step as soon as what it depends on is done, all servers at once. */
export async function executePlan(plan: DeployPlan, verdicts: Verdicts, deps: ExecutionDeps): Promise<ExecutionEnd> {
  return new Execution(plan, verdicts, deps).run();
}

class Execution {
  readonly #plan: DeployPlan;
  readonly #deps: ExecutionDeps;
  readonly #done = new Set<string>();
  readonly #started = new Set<string>();
  readonly #failed = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  readonly #waits = new AbortController();
  readonly #changes = new Wakeup();
  #failure: AppErrorData | null = null;

  constructor(plan: DeployPlan, verdicts: Verdicts, deps: ExecutionDeps) {
    this.#plan = plan;
    this.#deps = deps;
    for (const step of plan.steps) {
      if (verdicts.get(step.id)?.action !== 'none') continue;
      this.#done.add(step.id);
      this.#started.add(step.id);
    }
  }

  async run(): Promise<ExecutionEnd> {
    const { stop, events } = this.#deps;
    const undo = onAbort(stop, () => {
      this.#waits.abort();
      this.#changes.wake();
    });
    for (const id of this.#done) events.step(id, 'unchanged');
    for (;;) {
      const changed = this.#changes.wait();
      if (this.#failure === null && !stop.aborted) this.#schedule();
      if (this.#running.size === 0) break;
      await changed;
    }
    undo();
    for (const step of this.#plan.steps)
      if (!this.#done.has(step.id) && !this.#failed.has(step.id)) events.step(step.id, 'skipped');
    if (this.#failure !== null) return { kind: 'failed', error: this.#failure };
    return this.#plan.steps.every((step) => this.#done.has(step.id)) ? { kind: 'done' } : { kind: 'stopped' };
  }

  #schedule(): void {
    for (const step of this.#plan.steps) {
      if (this.#started.has(step.id) || !this.#ready(step, [])) continue;
      const execution = executionOf(step, this.#plan.scope);
      switch (execution.by) {
        case 'script':
          this.#launch(this.#batchFrom({ step, write: execution.write }));
          break;
        case 'core':
          this.#launchSingle(step, execution.apply);
      }
    }
  }

  #ready(step: Step, batch: readonly ScriptedStep[]): boolean {
    return step.dependsOn.every((id) => this.#done.has(id) || batch.some((before) => before.step.id === id));
  }

  /** This step and all that may follow it in one script: up to the next installation, which others need not wait for. */
  #batchFrom(first: ScriptedStep): readonly ScriptedStep[] {
    const batch = [first];
    for (const step of this.#plan.steps) {
      if (step.server !== first.step.server || step === first.step || this.#started.has(step.id)) continue;
      const scripted = scriptedStep(step, this.#plan.scope);
      if (scripted === null || !this.#ready(step, batch)) continue;
      if (fetchedBy(step) === 'packages' && batch.some((before) => fetchedBy(before.step) !== 'nothing')) continue;
      batch.push(scripted);
    }
    return batch;
  }

  #launch(batch: readonly ScriptedStep[]): void {
    for (const { step } of batch) this.#started.add(step.id);
    this.#track(this.#runBatch(batch));
  }

  #launchSingle(step: Step, apply: (context: ApplyContext) => Promise<void>): void {
    this.#started.add(step.id);
    this.#track(this.#runSingle(step, apply));
  }

  #track(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => {
      this.#running.delete(tracked);
      this.#changes.wake();
    });
    this.#running.add(tracked);
  }

  async #runBatch(batch: readonly ScriptedStep[]): Promise<void> {
    const server = batch[0]?.step.server ?? '';
    const remote = this.#deps.context.connectNamed(server);
    const done = new Set<string>();
    const events: ExecutionEvents = {
      ...this.#deps.events,
      step: (id, status, error) => {
        this.#deps.events.step(id, status, error);
        if (status !== 'done') return;
        this.#done.add(id);
        this.#changes.wake();
      },
    };
    await this.#attempts(
      batch.map(({ step }) => step.id),
      async () => {
        const left = batch.filter(({ step }) => !done.has(step.id));
        const end = await runBatch(server, remote, left, this.#deps.fragments(server), events, done);
        if (end.failed !== null) this.#fail(end.failed.id, end.failed.error);
      },
    );
  }

  async #runSingle(step: Step, apply: (context: ApplyContext) => Promise<void>): Promise<void> {
    const { context, events } = this.#deps;
    events.step(step.id, 'running');
    await this.#attempts([step.id], async () => {
      await apply({
        ...context,
        signal: this.#waits.signal,
        detail: (text) => {
          events.detail(step.id, text);
        },
        log: (server, level, text) => {
          events.log(server, level, text);
        },
      });
      this.#done.add(step.id);
      events.step(step.id, 'done');
    });
  }

  /** Runs once, and again after a lost connection. A wait that ends because everything ends is no failure. */
  async #attempts(ids: readonly string[], work: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await work();
        return;
      } catch (thrown) {
        if (this.#waits.signal.aborted) return;
        const again =
          thrown instanceof AppError &&
          thrown.code.startsWith('ssh.') &&
          thrown.data.retryable &&
          attempt < connectionTries;
        if (!again) {
          this.#fail(ids.find((id) => !this.#done.has(id)) ?? ids[0] ?? '', toErrorData(thrown));
          return;
        }
        await this.#deps.context.sleep(retryAfterMs);
      }
    }
  }

  #fail(id: string, error: AppErrorData): void {
    this.#failed.add(id);
    this.#deps.events.step(id, 'failed', error);
    this.#failure ??= error;
    this.#waits.abort();
    this.#changes.wake();
  }
}
