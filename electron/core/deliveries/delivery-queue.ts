import type { DeliveryState } from '../../../shared/model/alerts/deliveries';
import { backoffMs, type BackoffRange } from '../platform/backoff';
import { sleep } from '../platform/wait';

/** Why something could not be sent; `isFinal` where another attempt changes nothing. */
export interface SendFailure {
  readonly message: string;
  readonly isFinal: boolean;
}

/** How a queue sends. */
export interface QueueDeps<T> {
  readonly send: (item: T) => Promise<void>;
  /** What an item is called in the list of what was lost. */
  readonly nameOf: (item: T) => string;
  readonly failureOf: (thrown: unknown) => SendFailure;
  readonly now: () => number;
  readonly retry?: BackoffRange;
}

const RETRY: BackoffRange = { minMs: 5_000, maxMs: 5 * 60_000 };
/** About an hour: what nobody took by then is told to be lost. */
const MOST_ATTEMPTS = 18;
/** When more waits, the oldest is lost. */
const MOST_WAITING = 100;
const MOST_LOST = 20;

/** Sends one item after the other in the background, again and again with growing pauses, and says what it had to give up. */
export class DeliveryQueue<T> {
  readonly #deps: QueueDeps<T>;
  readonly #ending = new AbortController();
  #waiting: readonly T[] = [];
  #lastSentAt: number | null = null;
  #trouble: DeliveryState['trouble'] = null;
  #lost: DeliveryState['lost'] = [];
  #running: Promise<void> | null = null;

  constructor(deps: QueueDeps<T>) {
    this.#deps = deps;
  }

  state(): DeliveryState {
    return {
      waiting: this.#waiting.length,
      lastSentAt: this.#lastSentAt,
      trouble: this.#trouble,
      lost: this.#lost,
    };
  }

  add(item: T): void {
    if (this.#ending.signal.aborted) return;
    const [oldest] = this.#waiting;
    if (this.#waiting.length >= MOST_WAITING && oldest !== undefined) {
      this.#waiting = this.#waiting.slice(1);
      this.#giveUp(oldest, 'Too much was waiting.');
    }
    this.#waiting = [...this.#waiting, item];
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Sent beside what waits: a test. */
  async sendNow(item: T): Promise<void> {
    await this.#deps.send(item);
    this.#sent();
  }

  /** What waits is not sent any more: the way was switched off. */
  clear(): void {
    this.#waiting = [];
    this.#trouble = null;
  }

  close(): void {
    this.#ending.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    for (let failures = 0; !signal.aborted;) {
      const [item] = this.#waiting;
      if (item === undefined) return;
      const failure = await this.#attempt(item);
      // It may have been dropped meanwhile, because more came or the way was switched off.
      if (failure === null || failure.isFinal || failures + 1 >= MOST_ATTEMPTS) {
        failures = 0;
        if (failure !== null && this.#waiting.includes(item)) this.#giveUp(item, failure.message);
        this.#waiting = this.#waiting.filter((one) => one !== item);
      } else {
        failures += 1;
        await sleep(backoffMs(failures, this.#deps.retry ?? RETRY), signal);
      }
    }
  }

  async #attempt(item: T): Promise<SendFailure | null> {
    try {
      await this.#deps.send(item);
      this.#sent();
      return null;
    } catch (thrown) {
      const failure = this.#deps.failureOf(thrown);
      this.#trouble = { at: this.#deps.now(), sentence: failure.message };
      return failure;
    }
  }

  #sent(): void {
    this.#lastSentAt = this.#deps.now();
    this.#trouble = null;
  }

  #giveUp(item: T, why: string): void {
    const lost = { at: this.#deps.now(), what: this.#deps.nameOf(item), why };
    this.#lost = [lost, ...this.#lost].slice(0, MOST_LOST);
  }
}
