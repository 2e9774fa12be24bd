import { useEffect, useState } from 'react';
import { errorDataOf } from '../../../rpc/errors';
import { usePage } from '../../../rpc/hooks';
import { LogScreen } from './log-screen';

/** The logs of a cluster while the component is shown; null before it is. The component must be keyed by the cluster. */
export function useLogScreen(clusterId: string): LogScreen | null {
  const page = usePage();
  const [screen, setScreen] = useState<LogScreen | null>(null);
  useEffect(() => {
    const opened = new LogScreen({
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
    setScreen(opened);
    return () => opened.close();
  }, [page, clusterId]);
  return screen;
}
