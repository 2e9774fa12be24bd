import type { Undo } from '../../../shared/model/undo';

/** A list of listeners: each `add` returns its undo, `emit` calls all of them. */
export interface Listeners<T> {
  add(listener: (value: T) => void): Undo;
  emit(value: T): void;
  readonly size: number;
}

/** Makes an empty list of listeners. A listener that is added twice is called twice. */
export function createListeners<T>(): Listeners<T> {
  const entries = new Set<{ readonly call: (value: T) => void }>();
  return {
    add(listener) {
      const entry = { call: listener };
      entries.add(entry);
      return () => {
        entries.delete(entry);
      };
    },
    emit(value) {
      for (const entry of [...entries]) entry.call(value);
    },
    get size() {
      return entries.size;
    },
  };
}
