import type { AppErrorData } from '../../../../shared/model/app-error';
import { toErrorData } from '../../../../shared/model/app-error';
import type { PatroniClient } from '../../patroni/patroni-client';

/** How one ask ended. */
export type PollResult =
  | { readonly kind: 'answer'; readonly value: unknown; readonly at: number }
  | { readonly kind: 'error'; readonly error: AppErrorData; readonly at: number };

/** What a poller needs; `everyMs` is asked before each pause, so that a cluster coming on the screen is polled more often. */
export interface PollerOptions {
  readonly client: PatroniClient;
  readonly everyMs: () => number;
  readonly onResult: (result: PollResult) => void;
  readonly now: () => number;
}

const ASK_TIMEOUT_MS = 4_000;
/** A member that fails again and again is asked less often, up to this. */
const SLOWEST_MS = 15_000;
/** Two asks by events are never closer than this. */
const CLOSEST_MS = 250;

/** Asks one member for GET /patroni again and again: one request at a time, jittered, at once on request. */
export class RestPoller {
  readonly #options: PollerOptions;
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> | null = null;
  #again = false;
  #failures = 0;
  #stopped = false;
  #lastAsk = -Infinity;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#schedule(0);
  }

  /** Asks soon: now, or right after the present request. */
  nudge(): void {
    if (this.#stopped) return;
    if (this.#asking !== null) {
      this.#again = true;
      return;
    }
    this.#schedule(Math.max(0, this.#lastAsk + CLOSEST_MS - this.#options.now()));
  }

  /**
   * Asks now and resolves when the answer or the failure is known. A request that is running is waited for first, because
   * its answer may be older than the question.
   */
  async ask(): Promise<void> {
    if (this.#asking !== null) await this.#asking;
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#asking ??= this.#ask();
    await this.#asking;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(inMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped)
      this.#timer = setTimeout(() => {
        this.#asking ??= this.#ask();
      }, inMs);
  }

  async #ask(): Promise<void> {
    this.#lastAsk = this.#options.now();
    const result = await this.#exchange();
    this.#asking = null;
    if (this.#stopped) return;
    this.#failures = result.kind === 'answer' ? 0 : this.#failures + 1;
    this.#options.onResult(result);
    const again = this.#again;
    this.#again = false;
    this.#schedule(again ? CLOSEST_MS : this.#pause());
  }

  async #exchange(): Promise<PollResult> {
    try {
      const value = await this.#options.client.get('/patroni', ASK_TIMEOUT_MS);
      return { kind: 'answer', value, at: this.#options.now() };
    } catch (thrown) {
      return { kind: 'error', error: toErrorData(thrown), at: this.#options.now() };
    }
  }

  #pause(): number {
    const every = this.#options.everyMs();
    const slower =
      this.#failures < 4 ? every : Math.max(every, Math.min(SLOWEST_MS, every * 2 ** Math.min(this.#failures - 3, 4)));
    return slower * (0.9 + Math.random() * 0.2);
  }
}
