import type { AppError } from '../../../shared/model/app-error';
import { onAbort } from './wait';

interface Waiter {
  readonly enter: () => void;
}

/** A counting semaphore: at most `limit` holders at once, first come first served, every wait bounded. */
export class Slots {
  #limit: number;
  #held = 0;
  readonly #waiting: Waiter[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  /** Waits for a slot and resolves to its release (calling it twice does nothing more); rejects with `onTimeout()` after `timeoutMs`. */
  acquire(
    timeoutMs: number,
    onTimeout: () => AppError,
    signal?: AbortSignal,
    onAborted?: () => AppError,
  ): Promise<() => void> {
    if (signal?.aborted === true) return Promise.reject((onAborted ?? onTimeout)());
    if (this.#held < this.#limit) return Promise.resolve(this.#take());
    return new Promise((resolve, reject) => {
      const leave = (error: AppError): void => {
        settle();
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(error);
      };
      const timer = setTimeout(() => {
        leave(onTimeout());
      }, timeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        undo();
      };
      const waiter: Waiter = {
        enter: () => {
          settle();
          resolve(this.#take());
        },
      };
      const undo = onAbort(signal, () => {
        leave((onAborted ?? onTimeout)());
      });
      this.#waiting.push(waiter);
    });
  }

  /** Lowers the limit, never below 1: the other side turned out to allow fewer. */
  lowerTo(limit: number): void {
    this.#limit = Math.max(1, Math.min(this.#limit, limit));
  }

  #take(): () => void {
    this.#held += 1;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#held -= 1;
      if (this.#held < this.#limit) this.#waiting.shift()?.enter();
    };
  }
}
