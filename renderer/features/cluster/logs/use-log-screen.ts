import { useEffect, useState } from 'react';
import { errorDataOf } from '../../../rpc/errors';
import { usePage } from '../../../rpc/hooks';
import type { Page } from '../../../rpc/page';
import { LogScreen } from './log-screen';

/** The logs of a cluster, read while the component is shown. The component must be keyed by the cluster. */
export function useLogScreen(clusterId: string): LogScreen {
  const page = usePage();
  const [screen] = useState(() => makeScreen(page, clusterId));
  useEffect(() => screen.start(), [screen]);
  return screen;
}

function makeScreen(page: Page, clusterId: string): LogScreen {
  return new LogScreen({
    follow: (onUpdate, onProblem) =>
      page.core.listen(
        (client, signal) => client.logs.follow({ clusterId }, { signal }),
        onUpdate,
        (problem) => onProblem(errorDataOf(problem)),
      ),
    page: (from, before, most) => page.call((client) => client.logs.page({ clusterId, from, before, most })),
    acknowledge: (followId, batch) => {
      // A batch that is not acknowledged holds the servers back; the next one says the same.
      page.call((client) => client.logs.acknowledge({ followId, batch })).catch(() => undefined);
    },
    startWorker: () => new Worker(new URL('./match-worker.ts', import.meta.url), { type: 'module' }),
    now: Date.now,
    errorOf: errorDataOf,
  });
}
