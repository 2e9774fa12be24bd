import type { LogRecord } from '../../../../shared/model/logs/log-record';
import type { MatchAnswer, MatchRequest } from './match-messages';

/** The part of a worker that is used here. */
export interface MatchWorker {
  postMessage(request: MatchRequest): void;
  addEventListener(kind: 'message', listener: (event: { readonly data: MatchAnswer }) => void): void;
  terminate(): void;
}

/** An expression that is not through with the lines by then is ended, ms. */
export const MATCH_LIMIT_MS = 2_000;

/** Where entries are hit by a regular expression. */
export interface Matcher {
  /** Begin and end of the first hit; null: none, or not tried yet. */
  hit(record: LogRecord): readonly [number, number] | null;
  /** Tries entries that were not tried yet. */
  add(records: readonly LogRecord[]): void;
  close(): void;
}

/** Tries an expression on entries in a worker. `onNews` is called when more is known, `onLate` when it takes too long. */
export function startMatcher(options: {
  readonly expression: { readonly source: string; readonly flags: string };
  readonly startWorker: () => MatchWorker;
  readonly onNews: () => void;
  readonly onLate: () => void;
}): Matcher {
  const worker = options.startWorker();
  const order = new Map<string, number>();
  let hits = new Int32Array(0);
  let requests = 0;
  let answered = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watch = (): void => {
    clearTimeout(timer);
    if (answered === requests) return;
    timer = setTimeout(() => {
      worker.terminate();
      options.onLate();
    }, MATCH_LIMIT_MS);
  };
  worker.addEventListener('message', ({ data }) => {
    answered = data.request;
    const joined = new Int32Array(data.from * 2 + data.hits.length);
    joined.set(hits.subarray(0, data.from * 2));
    joined.set(data.hits, data.from * 2);
    hits = joined;
    watch();
    options.onNews();
  });
  return {
    hit: (record) => {
      const index = order.get(record.id);
      const [begin, end] = index === undefined ? [] : hits.subarray(index * 2, index * 2 + 2);
      return begin === undefined || end === undefined || begin < 0 ? null : [begin, end];
    },
    add: (records) => {
      const fresh = records.filter((record) => !order.has(record.id));
      if (fresh.length === 0) return;
      for (const record of fresh) order.set(record.id, order.size);
      requests += 1;
      worker.postMessage({
        request: requests,
        texts: fresh.map((record) => record.text),
        expression: requests === 1 ? options.expression : null,
      });
      watch();
    },
    close: () => {
      clearTimeout(timer);
      worker.terminate();
    },
  };
}
