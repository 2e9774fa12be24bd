import { backoffMs } from '../../platform/backoff';

/** Every wait of a connection, in milliseconds. */
export interface SshTiming {
  /** From the first packet until the login is done; waiting for the user does not count. */
  readonly connectTimeoutMs: number;
  /** A question to the user is declined after this. */
  readonly answerTimeoutMs: number;
  /** A link is dead after `keepaliveCount` unanswered probes. */
  readonly keepaliveIntervalMs: number;
  readonly keepaliveCount: number;
  /** Pause before the next attempt: doubles from `backoffMinMs` to `backoffMaxMs`, less up to a half at random. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** A caller waits for a scheduled attempt up to this long; otherwise it gets the last error at once. */
  readonly patienceMs: number;
  /** A connection that somebody listens through is made again by itself this many times in a row. */
  readonly reconnectAttempts: number;
}

/** What a workstation wants: a frozen link is noticed within about 12 s. */
export const DEFAULT_TIMING: SshTiming = {
  connectTimeoutMs: 20_000,
  answerTimeoutMs: 5 * 60_000,
  keepaliveIntervalMs: 3_000,
  keepaliveCount: 3,
  backoffMinMs: 500,
  backoffMaxMs: 15_000,
  patienceMs: 3_000,
  reconnectAttempts: 20,
};

/** The pause before attempt `failures + 1`; `random` (0 to 1) spreads clients that lost the same server. */
export function backoffDelay(failures: number, timing: SshTiming, random: number): number {
  const full = backoffMs(failures, { minMs: timing.backoffMinMs, maxMs: timing.backoffMaxMs });
  return Math.round(full * (1 - random / 2));
}

/** A deadline that can stand still while the user is asked. Every `pause` needs its `resume`. */
export class Deadline {
  #leftMs: number;
  #startedAt = 0;
  #pauses = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #expire: () => void;

  constructor(timeoutMs: number, expire: () => void) {
    this.#leftMs = timeoutMs;
    this.#expire = expire;
    this.#start();
  }

  pause(): void {
    this.#pauses += 1;
    if (this.#pauses > 1) return;
    clearTimeout(this.#timer);
    this.#leftMs -= performance.now() - this.#startedAt;
  }

  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses === 0) this.#start();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#pauses = Number.POSITIVE_INFINITY;
  }

  #start(): void {
    this.#startedAt = performance.now();
    this.#timer = setTimeout(this.#expire, Math.max(0, this.#leftMs));
  }
}
