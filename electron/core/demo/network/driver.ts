import type { Sim } from '../model/sim';

/** Lets one simulated cluster live: a single timer, set to the next thing that is due. */
export class Driver {
  #timer: NodeJS.Timeout | null = null;
  #armedFor = Infinity;
  #closed = false;
  readonly #now: () => number;

  constructor(
    readonly sim: Sim,
    now: () => number,
  ) {
    this.#now = now;
    sim.onEarlier = () => this.#arm();
    this.#arm();
  }

  /** Brings the cluster up to the present. To be called before anything is read from it or done to it. */
  catchUp(): void {
    if (this.#closed) return;
    this.sim.advance(this.#now());
    this.#arm();
  }

  close(): void {
    this.#closed = true;
    this.sim.onEarlier = () => undefined;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #arm(): void {
    const due = this.sim.nextDue();
    if (this.#closed || (this.#timer !== null && due === this.#armedFor)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#armedFor = due;
    if (due === Infinity) return void (this.#timer = null);
    const wait = Math.min(Math.max(1, Math.ceil(due - this.#now())), 60_000);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.catchUp();
    }, wait);
    this.#timer.unref();
  }
}
