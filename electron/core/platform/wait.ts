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

/** Waits that can be ended before their time. */
export class Wakeup {
  #current = new AbortController();

  /** Resolves after `ms`, or with the next `wake`. */
  wait(ms: number): Promise<void> {
    return sleep(ms, this.#current.signal);
  }

  /** Ends every wait that is going on. */
  wake(): void {
    const waiting = this.#current;
    this.#current = new AbortController();
    waiting.abort();
  }
}
