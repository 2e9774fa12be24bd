import { createRouterClient, implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import type { ClusterUpdate, FleetUpdate } from '../../../shared/model/cluster/cluster-state';
import type { CoreClient } from '../../../renderer/rpc/core';
import { doubleRouter } from './router';

/** Streams of the double that a test drives itself. */
export interface DoubleStreams {
  readonly watch?: (signal: AbortSignal | undefined) => AsyncGenerator<ClusterUpdate, void>;
  readonly fleet?: (signal: AbortSignal | undefined) => AsyncGenerator<FleetUpdate, void>;
  /** Answers in place of the double's own. */
  readonly change?: (router: DoubleRouter) => DoubleRouter;
}

/** The double's handlers by topic. */
export type DoubleRouter = ReturnType<typeof doubleRouter>;

/** The double as the page's client, without a browser. */
export function doubleClient(streams: DoubleStreams = {}): CoreClient {
  const own = doubleRouter('healthy', { now: Date.now(), theme: 'light' });
  const router = streams.change?.(own) ?? own;
  const os = implement(contract).clusters;
  const { watch, fleet } = streams;
  const clusters = {
    ...router.clusters,
    ...(watch === undefined ? {} : { watch: os.watch.handler(({ signal }) => watch(signal)) }),
    ...(fleet === undefined ? {} : { fleet: os.fleet.handler(({ signal }) => fleet(signal)) }),
  };
  return createRouterClient({ ...router, clusters });
}
