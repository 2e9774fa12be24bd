import { randomUUID } from 'node:crypto';
import { appError, AppError, toErrorData, type AppErrorData } from '../../../shared/model/app-error';
import type {
  HistoryCheck,
  HistoryRow,
  Job,
  JobResult,
  JobStatus,
  JobsUpdate,
} from '../../../shared/model/operate/job';
import type { Undo } from '../../../shared/model/undo';
import type { Secrets } from '../vault/secrets';
import { settleWithin } from '../platform/wait';
import type { JobContext, JobDefinition, JobEnd, JobEngine } from './job-engine';
import { openJobStore, type JobStore } from './journal';
import { ended, historyRow, isEnded, newJob, withAnswer, withDetail, withLine, withPhase } from './live-job';
import { createMasking, type Masking } from './masking';

/** Progress of one job reaches its watchers at most this often, ms; phases and ends at once. */
const PROGRESS_EVERY_MS = 100;

/** Ended jobs kept in memory for the page. */
const KEPT_IN_MEMORY = 300;

/** How long `close` waits for bodies that were asked to stop, ms. */
const CLOSE_WAIT_MS = 3000;

/** What the job engine needs: a directory of its own, the clock, the secrets to hide, and who starts the jobs. */
export interface JobEngineDeps {
  readonly directory: string;
  readonly now: () => number;
  readonly secrets: Pick<Secrets, 'known'>;
  readonly user: string;
}

interface Running {
  job: Job;
  answers: readonly string[];
  readonly definition: JobDefinition;
  readonly abort: AbortController;
  timer: NodeJS.Timeout | null;
  finished: Promise<void>;
}

/**
 * Opens the journal and returns the engine. Jobs that the last run of the app left unfinished are ended as
 * `interrupted`, written to the history, and shown; nothing of them is sent again. Rejects with the error
 * of the file system when the directory cannot be used.
 */
export function createJobEngine(deps: JobEngineDeps): Promise<JobEngine> {
  return Promise.resolve().then(() => {
    const engine = new Engine(deps, openJobStore(deps.directory, deps.now()));
    engine.recover();
    return engine;
  });
}

class Engine implements JobEngine {
  readonly #deps: JobEngineDeps;
  readonly #store: JobStore;
  readonly #masking: Masking;
  readonly #running = new Map<string, Running>();
  readonly #shown = new Map<string, Job>();
  readonly #byRequest = new Map<string, Job>();
  readonly #requestOf = new Map<string, string>();
  readonly #listeners = new Set<(update: JobsUpdate) => void>();
  readonly #history: HistoryRow[];
  #closed = false;

  constructor(deps: JobEngineDeps, store: JobStore) {
    this.#deps = deps;
    this.#store = store;
    this.#masking = createMasking(() => deps.secrets.known());
    this.#history = store.recovered.history;
  }

  /** Ends what the last run left open, and remembers its request ids. */
  recover(): void {
    for (const entry of this.#store.recovered.jobs) {
      const job = entry.ended
        ? entry.job
        : ended(entry.job, 'interrupted', this.#deps.now(), { error: interruptedError(entry.job) });
      this.#byRequest.set(entry.requestId, job);
      if (entry.ended) continue;
      this.#shown.set(job.id, job);
      this.#writeEnd(job, entry.clusterTitle, entry.answers);
    }
  }

  async start(definition: JobDefinition, body: (context: JobContext) => Promise<JobEnd>): Promise<Job> {
    const same = this.byRequest(definition.requestId);
    if (same) return same;
    this.#refuseWhenBusy(definition);
    const job = newJob(randomUUID(), definition, this.#deps.now(), this.#deps.user, this.#masking);
    this.#store.started({
      job,
      requestId: definition.requestId,
      clusterTitle: definition.clusterTitle,
      answers: [],
      ended: false,
    });
    const running: Running = {
      job,
      answers: [],
      definition,
      abort: new AbortController(),
      timer: null,
      finished: Promise.resolve(),
    };
    this.#running.set(job.id, running);
    this.#byRequest.set(definition.requestId, job);
    this.#requestOf.set(job.id, definition.requestId);
    this.#publish(job);
    running.finished = this.#run(running, body);
    return job;
  }

  cancel(jobId: string): void {
    const running = this.#running.get(jobId);
    if (!running?.job.cancellable) return;
    this.#change(
      running,
      { ...withLine(running.job, this.#deps.now(), 'warning', 'You asked to stop.'), cancellable: false },
      true,
    );
    running.abort.abort(appError('job.cancelled', 'Stopped by you.'));
  }

  get(jobId: string): Job | null {
    return this.#running.get(jobId)?.job ?? this.#shown.get(jobId) ?? null;
  }

  byRequest(requestId: string): Job | null {
    const job = this.#byRequest.get(requestId);
    return job ? (this.get(job.id) ?? job) : null;
  }

  holder(exclusive: string): Job | null {
    return [...this.#running.values()].find((one) => one.definition.exclusive === exclusive)?.job ?? null;
  }

  watch(listener: (update: JobsUpdate) => void): Undo {
    this.#listeners.add(listener);
    const running = [...this.#running.values()].map((one) => one.job);
    listener({ kind: 'snapshot', jobs: [...this.#shown.values(), ...running] });
    return () => void this.#listeners.delete(listener);
  }

  history(clusterId: string | null, limit: number): readonly HistoryRow[] {
    const rows = clusterId === null ? this.#history : this.#history.filter((row) => row.clusterId === clusterId);
    return rows.slice(-limit).reverse();
  }

  checkHistory(): HistoryCheck {
    return this.#store.check();
  }

  /**
   * Asks every running job to stop following and waits for them a little; what does not stop in time is found as
   * interrupted at the next start.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const one of this.#running.values())
      one.abort.abort(appError('job.closing', 'The app was closed while this job was followed.'));
    await settleWithin(CLOSE_WAIT_MS, Promise.all([...this.#running.values()].map((one) => one.finished)));
    for (const one of this.#running.values()) if (one.timer) clearTimeout(one.timer);
    this.#listeners.clear();
    this.#store.close();
  }

  #refuseWhenBusy(definition: JobDefinition): void {
    if (this.#closed) throw appError('job.closing', 'The app is closing; nothing new is started.');
    if (definition.exclusive === null) return;
    const holder = this.holder(definition.exclusive);
    if (holder) throw jobBusy(holder);
  }

  async #run(running: Running, body: (context: JobContext) => Promise<JobEnd>): Promise<void> {
    try {
      const end = await body(this.#context(running));
      this.#end(running, end.status, end);
    } catch (thrown) {
      this.#endThrown(running, thrown);
    }
  }

  #endThrown(running: Running, thrown: unknown): void {
    const aborted = running.abort.signal.aborted;
    const error =
      aborted && !(thrown instanceof AppError) ? toErrorData(running.abort.signal.reason) : toErrorData(thrown);
    const stopped: JobStatus = error.code === 'job.closing' ? 'interrupted' : 'cancelled';
    this.#end(running, aborted ? stopped : 'failed', { error });
  }

  #context(running: Running): JobContext {
    const now = this.#deps.now;
    return {
      jobId: running.job.id,
      signal: running.abort.signal,
      phase: (id, status, label = id) =>
        this.#phase(running, withPhase(running.job, id, { status, label: this.#masking.text(label) }, now())),
      detail: (text, progress) =>
        this.#change(running, withDetail(running.job, this.#masking.text(text), progress), false),
      log: (level, text) => this.#change(running, withLine(running.job, now(), level, this.#masking.text(text)), false),
      answer: (text) => {
        running.answers = withAnswer(running.answers, this.#masking.text(text));
      },
    };
  }

  /** The journal is on the disk before the body goes on: a crash in the act that follows is then found as one. */
  #phase(running: Running, next: Job): void {
    if (isEnded(running.job.status)) return;
    this.#store.progressed(next, running.answers);
    this.#change(running, next, true);
  }

  #change(running: Running, next: Job, atOnce: boolean): void {
    if (isEnded(running.job.status)) return;
    running.job = next;
    if (atOnce) this.#flush(running);
    else running.timer ??= setTimeout(() => this.#flush(running), PROGRESS_EVERY_MS);
  }

  #flush(running: Running): void {
    if (running.timer) clearTimeout(running.timer);
    running.timer = null;
    this.#publish(running.job);
  }

  #end(running: Running, status: JobStatus, end: { readonly result?: JobResult; readonly error?: AppErrorData }): void {
    const masked = {
      ...(end.result === undefined ? {} : { result: this.#masking.result(end.result) }),
      ...(end.error === undefined ? {} : { error: this.#masking.error(end.error) }),
    };
    const job = ended(running.job, status, this.#deps.now(), masked);
    running.job = job;
    this.#running.delete(job.id);
    this.#shown.set(job.id, job);
    this.#byRequest.set(running.definition.requestId, job);
    this.#forgetOldest();
    this.#recordEnd(running);
    this.#flush(running);
  }

  /** A full disk must not hide how the job ended: the page still gets the end, with a line that says what is missing. */
  #recordEnd(running: Running): void {
    try {
      this.#writeEnd(running.job, running.definition.clusterTitle, running.answers);
    } catch (thrown) {
      running.job = withLine(
        running.job,
        this.#deps.now(),
        'error',
        `${toErrorData(thrown).message} The end of this job is not in the history on disk.`,
      );
      this.#shown.set(running.job.id, running.job);
    }
  }

  #writeEnd(job: Job, clusterTitle: string | null, answers: readonly string[]): void {
    const row = historyRow(job, clusterTitle, answers);
    const place = this.#history.push(row) - 1;
    this.#history[place] = this.#store.ended(job, row);
  }

  #forgetOldest(): void {
    const excess = this.#shown.size - KEPT_IN_MEMORY;
    for (const id of [...this.#shown.keys()].slice(0, Math.max(0, excess))) {
      this.#shown.delete(id);
      const request = this.#requestOf.get(id);
      const job = request === undefined ? undefined : this.#byRequest.get(request);
      if (request !== undefined && job) this.#byRequest.set(request, { ...job, lines: [] });
      this.#requestOf.delete(id);
    }
  }

  #publish(job: Job): void {
    for (const listener of [...this.#listeners]) listener({ kind: 'job', job });
  }
}

/** The refusal of a second job where one is at work; names the first. */
export function jobBusy(holder: Job): AppError {
  return appError('job.busy', `Another job is at work here: ${holder.title} (started by ${holder.startedBy}).`, {
    target: holder.id,
    retryable: true,
    hint: 'Wait until it has ended, or stop it, then try again. Nothing was sent.',
  });
}

/** Which phases were done, and which one was at work, as the end of a text; '' where none had begun. */
function phasesInWords({ phases }: Job): string {
  const labels = (status: string): readonly string[] =>
    phases.filter((phase) => phase.status === status).map(({ label }) => label);
  const [done, active] = [labels('done'), labels('active')];
  return [
    done.length === 0 ? '' : ` Done by then: ${done.join('; ')}.`,
    active.length === 0 ? '' : ` At work: ${active.join('; ')}.`,
  ].join('');
}

function interruptedError(job: Job): AppErrorData {
  return {
    code: 'job.interrupted',
    message:
      `The app ended while this was under way: ${job.title}. What was sent before may have been carried out.` +
      phasesInWords(job),
    hint: 'Look at the state of the cluster before you repeat it. Nothing was sent again.',
    retryable: false,
  };
}
