/** Something that will happen. Cancelling one that has happened does nothing. */
export interface AgendaItem {
  at: number;
  cancelled: boolean;
  readonly run: () => void;
}

/** What will happen and when, in order. Times are milliseconds of the demo's clock; items at one time run in the order they were added. */
export class Agenda {
  #items: AgendaItem[] = [];

  add(at: number, run: () => void): AgendaItem {
    const item: AgendaItem = { at, cancelled: false, run };
    let index = this.#items.length;
    while (index > 0 && (this.#items[index - 1]?.at ?? -Infinity) > at) index -= 1;
    this.#items.splice(index, 0, item);
    return item;
  }

  /** When the next item is due, or Infinity. */
  next(): number {
    this.#dropCancelled();
    return this.#items[0]?.at ?? Infinity;
  }

  /** Takes the next item off. */
  take(): AgendaItem | undefined {
    this.#dropCancelled();
    return this.#items.shift();
  }

  /** Moves everything into the future by `ms`: the machine slept, and the demo with it. */
  postpone(ms: number): void {
    for (const item of this.#items) item.at += ms;
  }

  #dropCancelled(): void {
    while (this.#items[0]?.cancelled === true) this.#items.shift();
  }
}
