import type { BundleProgress } from '../../../../shared/model/diagnostics/diagnostics';
import type { DiagnosticRequest, Diagnostics } from '../../diagnostics/create-diagnostics';
import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** Diagnostic bundles. */
export function diagnosticsHandlers(rpc: Rpc['diagnostics'], { diagnostics }: Services) {
  return {
    gather: rpc.gather.handler(({ input, signal }) => gathering(diagnostics, input, signal)),
    save: rpc.save.handler(({ input }) => diagnostics.save(input.bundleId)),
  };
}

/** The steps as a stream that ends with the bundle; a reader who leaves stops the work. */
async function* gathering(
  diagnostics: Diagnostics,
  request: DiagnosticRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<BundleProgress, void, void> {
  const leaving = new AbortController();
  const ended = signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]);
  const waiting: BundleProgress[] = [];
  let wake: () => void = () => undefined;
  const state = { isOver: false };
  const work = diagnostics
    .gather(
      request,
      (progress) => {
        waiting.push(progress);
        wake();
      },
      ended,
    )
    .finally(() => {
      state.isOver = true;
      wake();
    });
  work.catch(() => undefined);
  try {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if (state.isOver) return await work;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    leaving.abort();
  }
}
