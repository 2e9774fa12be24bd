import { setTimeout as sleepOrReject } from 'node:timers/promises';
import type { Undo } from '../../../shared/model/undo';

/** The time that a piece of work was given is over. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';

  constructor(timeoutMs: number) {
    super(`Not done within ${String(timeoutMs)} ms.`);
  }
}

/** Resolves after `ms`, or as soon as the signal is aborted. */
export async function sleep(ms: number, signal?: AbortSignal | null): Promise<void> {
  try {
    await sleepOrReject(ms, undefined, signal ? { signal } : {});
  } catch (thrown) {
    if (signal?.aborted !== true) throw thrown;
  }
}

/** Calls `listener` once when the signal is aborted; at once when it already is. */
export function onAbort(signal: AbortSignal | null | undefined, listener: () => void): Undo {
  if (signal?.aborted === true) {
    listener();
    return () => undefined;
  }
  signal?.addEventListener('abort', listener, { once: true });
  return () => {
    signal?.removeEventListener('abort', listener);
  };
}

/** The outcome of `work`, or a rejection with the signal's reason as soon as that is aborted. The work itself goes on. */
export function unlessAborted<T>(signal: AbortSignal | null | undefined, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const undo = onAbort(signal, () => {
      reject(signal?.reason);
    });
    work.then(resolve, reject).finally(undo);
  });
}

/** What ends a piece of work before it is done. */
export interface Limits {
  /** ms; absent: no limit. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | null;
}

/**
 * Does work that must end in time. Rejects with a `TimeoutError` when the time is over, or with the signal's reason when
 * that is aborted. The signal that the work is given is aborted then too, so that it can release what it holds.
 */
export async function withDeadline<T>(
  { timeoutMs, signal }: Limits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const ending = new AbortController();
  const undo = onAbort(signal, () => {
    ending.abort(signal?.reason);
  });
  const endInTime = (ms: number): NodeJS.Timeout =>
    setTimeout(() => {
      ending.abort(new TimeoutError(ms));
    }, ms);
  const timer = timeoutMs === undefined ? undefined : endInTime(timeoutMs);
  try {
    return await unlessAborted(ending.signal, work(ending.signal));
  } finally {
    clearTimeout(timer);
    undo();
  }
}

/** What `settleWithin` resolves to when the work takes longer. */
export const LATE = Symbol('late');

/** The outcome of `work`, or `LATE` when it is not there in time. The work itself goes on. */
export async function settleWithin<T>(timeoutMs: number, work: Promise<T>): Promise<T | typeof LATE> {
  const over = new AbortController();
  try {
    return await Promise.race([work, sleep(timeoutMs, over.signal).then((): typeof LATE => LATE)]);
  } finally {
    over.abort();
  }
}

/** How long a callback is waited for, and what becomes of its value. */
export interface CallbackLimits<T, R> {
  readonly timeoutMs: number;
  readonly onTimeout: () => Error;
  /** Called in the callback itself, when that comes in time. */
  readonly accept: (value: T) => R;
  /** Called with a value that comes too late, to release it. */
  readonly discard: (value: T) => void;
}

/** The value that a function reports to its callback, within a time. */
export function callWithin<T, R>(
  { timeoutMs, onTimeout, accept, discard }: CallbackLimits<T, R>,
  call: (done: (error: Error | undefined, value: T) => void) => void,
): Promise<R> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(onTimeout());
    }, timeoutMs);
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      reject(error);
    };
    try {
      call((error, value) => {
        if (error !== undefined) return fail(error);
        clearTimeout(timer);
        if (late) discard(value);
        else resolve(accept(value));
      });
    } catch (thrown) {
      fail(thrown);
    }
  });
}

/** Waits that can be ended before their time. */
export class Wakeup {
  #current = new AbortController();
  #waiting = 0;

  /** Whether somebody waits now. */
  get isAwaited(): boolean {
    return this.#waiting > 0;
  }

  /** Resolves with the next `wake`, or after `ms` where it is given. */
  async wait(ms?: number): Promise<void> {
    const { signal } = this.#current;
    this.#waiting += 1;
    try {
      if (ms === undefined) await new Promise<void>((resolve) => void onAbort(signal, resolve));
      else await sleep(ms, signal);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Ends every wait that is going on. */
  wake(): void {
    const waiting = this.#current;
    this.#current = new AbortController();
    waiting.abort();
  }
}
