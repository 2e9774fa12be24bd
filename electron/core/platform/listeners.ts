import type { Undo } from '../../../shared/model/undo';

/** A list of listeners: each `add` returns its undo, `emit` tells all of them. */
export interface Listeners<T> {
  add(listener: (value: T) => void): Undo;
  emit(value: T): void;
  readonly size: number;
}

/** Makes an empty list of listeners. A listener that is added twice is told twice. */
export function createListeners<T>(): Listeners<T> {
  const entries = new Set<{ readonly tell: (value: T) => void }>();
  return {
    add(listener) {
      const entry = { tell: listener };
      entries.add(entry);
      return () => {
        entries.delete(entry);
      };
    },
    emit(value) {
      for (const entry of [...entries]) entry.tell(value);
    },
    get size() {
      return entries.size;
    },
  };
}
