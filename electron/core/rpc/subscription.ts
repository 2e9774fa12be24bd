import type { Undo } from '../../../shared/model/undo';
import { onAbort } from '../platform/wait';

/** A source of items: calls `push` with the whole state first, then with each change, until undone. */
export type StreamSource<T> = (push: (item: T) => void) => Undo;

/** How a subscription behaves. */
export interface SubscriptionOptions {
  /** Ends the subscription, as leaving does. */
  readonly signal?: AbortSignal | undefined;
  /** More unread items than this are dropped, and the source is asked for the whole state again. Default 256. */
  readonly limit?: number;
}

/**
 * Turns a source into a stream for one reader. The queue is bounded: a reader who cannot follow gets the
 * whole state again in place of what it missed. When the reader leaves, at any moment, the source is undone.
 */
export function subscription<T>(
  source: StreamSource<T>,
  options: SubscriptionOptions = {},
): AsyncGenerator<T, void, void> {
  return new Subscription(source, options);
}

type Waiter<T> = (result: IteratorResult<T, void>) => void;

class Subscription<T> implements AsyncGenerator<T, void, void> {
  readonly #source: StreamSource<T>;
  readonly #limit: number;
  readonly #signal: AbortSignal | undefined;
  #queue: T[] = [];
  readonly #waiters: Waiter<T>[] = [];
  #undo: Undo | null = null;
  #phase: 'new' | 'running' | 'overflown' | 'ended' = 'new';
  #undoAbort: Undo | null = null;

  constructor(source: StreamSource<T>, options: SubscriptionOptions) {
    this.#source = source;
    this.#limit = options.limit ?? 256;
    this.#signal = options.signal;
  }

  next(): Promise<IteratorResult<T, void>> {
    if (this.#phase === 'new') this.#begin();
    if (this.#phase === 'overflown') this.#restart();
    const item = this.#queue.shift();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    if (this.#phase === 'ended') return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  return(): Promise<IteratorResult<T, void>> {
    this.#finish();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(thrown: unknown): Promise<IteratorResult<T, void>> {
    this.#finish();
    return Promise.reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #begin(): void {
    if (this.#signal?.aborted === true) {
      this.#finish();
      return;
    }
    this.#undoAbort = onAbort(this.#signal, () => {
      this.#finish();
    });
    this.#restart();
  }

  #restart(): void {
    this.#phase = 'running';
    this.#leaveSource();
    this.#queue = [];
    const undo = this.#source((item) => {
      this.#push(item);
    });
    if (this.#running()) this.#undo = undo;
    else undo();
  }

  /** Asked through a method: the source may have ended the subscription while it started. */
  #running(): boolean {
    return this.#phase === 'running';
  }

  #push(item: T): void {
    if (this.#phase !== 'running') return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) waiter({ done: false, value: item });
    else if (this.#queue.length < this.#limit) this.#queue.push(item);
    else this.#overflow();
  }

  /** Nothing more is listened to until the reader comes back. */
  #overflow(): void {
    this.#phase = 'overflown';
    this.#queue = [];
    this.#leaveSource();
  }

  #finish(): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#queue = [];
    this.#undoAbort?.();
    this.#leaveSource();
    for (const waiter of this.#waiters.splice(0)) waiter({ done: true, value: undefined });
  }

  #leaveSource(): void {
    const undo = this.#undo;
    this.#undo = null;
    undo?.();
  }
}
