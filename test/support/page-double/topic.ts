/** A value that is followed: each reader gets the present one and then every change. */
export interface Topic<T> {
  set(value: T): void;
  follow(signal: AbortSignal | undefined): AsyncGenerator<T, void>;
}

/** Makes a topic. */
export function createTopic<T>(first: T): Topic<T> {
  let present = first;
  const waiting = new Set<() => void>();
  return {
    set: (value) => {
      present = value;
      [...waiting].forEach((wake) => wake());
    },
    async *follow(signal) {
      while (signal?.aborted !== true) {
        yield present;
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            signal?.removeEventListener('abort', wake);
            resolve();
          };
          waiting.add(wake);
          signal?.addEventListener('abort', wake, { once: true });
        });
      }
    },
  };
}
