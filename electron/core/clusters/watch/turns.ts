interface Turn {
  readonly begin: () => void;
  timer: NodeJS.Timeout | null;
}

/** How many have their turn at once, and how long a turn lasts at most, ms. */
export interface TurnLimits {
  readonly atOnce: number;
  readonly longestMs: number;
}

/**
 * Lets many begin a few at a time, first come first served. A turn is over when it is said to be, or after its longest time: what
 * only waits (a silent server, a question to the user) holds up nobody.
 */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #waiting = new Map<string, Turn>();
  readonly #having = new Map<string, Turn>();

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** Waits for a turn; `begin` is called now where there is one. */
  enter(key: string, begin: () => void): void {
    this.#waiting.set(key, { begin, timer: null });
    this.#next();
  }

  /** Begins now, out of turn, what still waits. */
  hurry(key: string): void {
    const turn = this.#waiting.get(key);
    if (turn === undefined) return;
    this.#waiting.delete(key);
    turn.begin();
  }

  /** Ends a turn or the wait for it. */
  leave(key: string): void {
    this.#waiting.delete(key);
    const turn = this.#having.get(key);
    if (turn === undefined) return;
    if (turn.timer !== null) clearTimeout(turn.timer);
    this.#having.delete(key);
    this.#next();
  }

  /** Begins nothing more. */
  close(): void {
    this.#waiting.clear();
    for (const key of [...this.#having.keys()]) this.leave(key);
  }

  #next(): void {
    for (const [key, turn] of this.#waiting) {
      if (this.#having.size >= this.#limits.atOnce) return;
      this.#waiting.delete(key);
      this.#having.set(key, turn);
      turn.timer = setTimeout(() => {
        this.leave(key);
      }, this.#limits.longestMs);
      turn.begin();
    }
  }
}
