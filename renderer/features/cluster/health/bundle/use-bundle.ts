import { useEffect, useRef, useState } from 'react';
import type { AppErrorData } from '../../../../../shared/model/app-error';
import type { BundleProgress, GatheredBundle } from '../../../../../shared/model/diagnostics/diagnostics';
import { usePage } from '../../../../rpc/hooks';
import { errorDataOf } from '../../../../rpc/errors';

/** Where the gathering of a bundle stands. */
export type BundleWork =
  | { readonly kind: 'idle' }
  | { readonly kind: 'gathering'; readonly at: Extract<BundleProgress, { kind: 'gathering' }> | null }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: AppErrorData }
  | { readonly kind: 'gathered'; readonly bundle: GatheredBundle };

/** Around which time the logs of a bundle are; `at` in ms since the epoch. */
export interface BundleWish {
  readonly at: number;
  readonly beforeMinutes: number;
  readonly afterMinutes: number;
}

/** Gathers bundles of a cluster: one at a time, and stopped when the view is left. */
export function useBundle(clusterId: string): {
  readonly work: BundleWork;
  readonly gather: (wish: BundleWish) => void;
  readonly stop: () => void;
} {
  const page = usePage();
  const [work, setWork] = useState<BundleWork>({ kind: 'idle' });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const stop = () => {
    running.current?.abort();
    setWork({ kind: 'stopped' });
  };
  const gather = (wish: BundleWish) => {
    running.current?.abort();
    const own = new AbortController();
    running.current = own;
    setWork({ kind: 'gathering', at: null });
    void page
      .call(async (client) => {
        const steps = await client.diagnostics.gather({ clusterId, ...wish }, { signal: own.signal });
        for await (const step of steps)
          if (!own.signal.aborted)
            setWork(
              step.kind === 'gathered' ? { kind: 'gathered', bundle: step.bundle } : { kind: 'gathering', at: step },
            );
      })
      .catch((thrown: unknown) => {
        if (!own.signal.aborted) setWork({ kind: 'failed', error: errorDataOf(thrown) });
      });
  };
  return { work, gather, stop };
}
