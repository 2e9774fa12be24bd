import { AppError } from '../../../shared/model/app-error';
import { parseStatus } from '../patroni/answers/status';
import { Wakeup } from '../platform/wait';
import type { Run } from './run';

/** What one member said to "does your PostgreSQL run as the primary?"; `unseen` when the app could not ask it. */
type Word = 'yes' | 'no' | 'unseen';

/**
 * Whether GET /patroni says so. The health endpoint /primary does not answer it: it goes by the leader lock alone
 * and says yes while PostgreSQL stops, and before a new leader is promoted (api.py, do_GET).
 */
function isRunningPrimary(answer: unknown): boolean {
  const status = parseStatus(answer);
  return status?.state === 'running' && status.role === 'primary';
}

/** The measured time without a primary. */
export interface PrimaryGap {
  /** ms from the last moment a member said it was the primary to the first moment one said so again; null when it was not measured. */
  readonly ms: number | null;
  /** How it was measured, or why it was not. */
  readonly how: string;
}

/**
 * Asks every member several times a second whether its PostgreSQL runs as the primary, while writes are
 * interrupted. A leader that stops saying yes has stopped accepting writes, long before its key is gone.
 */
export interface PrimaryWatch {
  /** Resolves when every member was asked once. */
  readonly firstRound: Promise<void>;
  /** Whether the member said yes when it was last asked. */
  isPrimary(member: string): boolean;
  /** Whether the member could be asked at all the last time. */
  isSeen(member: string): boolean;
  gap(): PrimaryGap;
  /** Whether a member was the primary when the watch began; without one the gap is older than the job. */
  beganWithPrimary(): boolean;
  stop(): void;
}

const ASK_TIMEOUT_MS = 2500;

/** Patroni tries its query again after a second when PostgreSQL does not answer (api.py, query). */
const SLOW_MS = 700;

/** What the watch is for. `from` is the time since which there is known to be no primary, ms since the epoch; null when there is one. */
export interface PrimaryWatchOptions {
  readonly members: readonly string[];
  readonly from: number | null;
  /** A restart is sure to interrupt; Patroni holds its answer back meanwhile, so that a slow yes counts as an interruption. */
  readonly slowYesCounts: boolean;
}

/** Starts asking. */
export function watchPrimary(run: Run, options: PrimaryWatchOptions): PrimaryWatch {
  const watch = new Watch(run, options);
  watch.start();
  return watch;
}

class Watch implements PrimaryWatch {
  readonly firstRound: Promise<void>;
  readonly #run: Run;
  readonly #members: readonly string[];
  readonly #slowYesCounts: boolean;
  readonly #words = new Map<string, Word>();
  #lastYes: number | null;
  #lastYesMember: string | null = null;
  #longest: number | null = null;
  #obscured = false;
  #obscuredNow = false;
  #denied = false;
  /** Whether a member said yes in the first round. */
  #hadPrimary = false;
  /** Whether the longest gap began before the job, by the lock alone. */
  #sinceVacancy = false;
  #firstOver = false;
  #stopped = false;
  readonly #pauses = new Wakeup();
  #firstDone: () => void = () => undefined;

  constructor(run: Run, { members, from, slowYesCounts }: PrimaryWatchOptions) {
    this.#run = run;
    this.#members = members;
    this.#lastYes = from;
    this.#slowYesCounts = slowYesCounts;
    this.firstRound = new Promise((resolve) => {
      this.#firstDone = resolve;
    });
  }

  start(): void {
    const loops = this.#members.map((member) => this.#keepAsking(member));
    if (loops.length === 0) this.#firstDone();
  }

  isPrimary(member: string): boolean {
    return this.#words.get(member) === 'yes';
  }

  isSeen(member: string): boolean {
    const word = this.#words.get(member);
    return word !== undefined && word !== 'unseen';
  }

  gap(): PrimaryGap {
    const blind = { ms: null, how: 'Not measured: the connection to the members was lost meanwhile.' };
    if (this.#obscuredNow || (this.#longest !== null && this.#obscured)) return blind;
    if (this.#longest === null)
      return {
        ms: null,
        how: this.#hadPrimary
          ? 'Not measured: no interruption was seen.'
          : 'Not measured: no member said that it was the primary when the job began.',
      };
    const every = Math.round(this.#run.timing.probeMs);
    if (this.#sinceVacancy)
      return {
        ms: this.#longest,
        how: 'Measured from the moment this app saw that nobody held the leader lock to the first moment a member said it was the primary.',
      };
    return {
      ms: this.#longest,
      how:
        `Measured by asking every member every ${every} ms whether its PostgreSQL runs as the primary: ` +
        'from the last yes to the next one.',
    };
  }

  beganWithPrimary(): boolean {
    return this.#hadPrimary;
  }

  stop(): void {
    this.#stopped = true;
    this.#pauses.wake();
  }

  async #keepAsking(member: string): Promise<void> {
    while (!this.#stopped) {
      const askedAt = this.#run.now();
      const word = await this.#ask(member);
      if (this.#stopped) return;
      if (this.#slowYesCounts && member === this.#lastYesMember && this.#run.now() - askedAt > SLOW_MS)
        this.#denied = true;
      this.#record(member, word);
      await this.#pauses.wait(this.#run.timing.probeMs);
    }
  }

  async #ask(member: string): Promise<Word> {
    try {
      const client = this.#run.hub.rest(this.#run.clusterId, member);
      if (!client) return 'unseen';
      return isRunningPrimary(await client.get('/patroni', ASK_TIMEOUT_MS)) ? 'yes' : 'no';
    } catch (thrown) {
      return thrown instanceof AppError && thrown.code === 'rest.refused' ? 'no' : 'unseen';
    }
  }

  #record(member: string, word: Word): void {
    const now = this.#run.now();
    this.#words.set(member, word);
    if (this.#words.size === this.#members.length) this.#endFirstRound();
    if (word === 'yes') return this.#recordYes(member, now);
    if (word === 'no' && member === this.#lastYesMember) this.#denied = true;
    if (this.#nobodySeen() && this.#lastYes !== null) this.#obscuredNow = true;
  }

  #endFirstRound(): void {
    if (this.#firstOver) return;
    this.#firstOver = true;
    this.#hadPrimary = [...this.#words.values()].includes('yes');
    this.#firstDone();
  }

  /** The same member saying yes again is a gap only if it has said no between; a slow answer is none. */
  #recordYes(member: string, now: number): void {
    const interrupted = this.#lastYes !== null && (this.#denied || member !== this.#lastYesMember);
    const span = interrupted && this.#lastYes !== null ? now - this.#lastYes : 0;
    if (span > (this.#longest ?? 0)) {
      this.#longest = span;
      this.#obscured = this.#obscuredNow;
      this.#sinceVacancy = this.#lastYesMember === null;
    }
    this.#lastYes = now;
    this.#lastYesMember = member;
    this.#obscuredNow = false;
    this.#denied = false;
  }

  #nobodySeen(): boolean {
    return this.#members.every((member) => this.#words.get(member) === 'unseen');
  }
}
