import { useEffect, useRef, useState } from 'react';
import type { AppErrorData } from '../../../../shared/model/app-error';
import type { ChartsView } from '../../../../shared/model/statistics/charts';
import { usePage } from '../../../rpc/hooks';
import { errorDataOf } from '../../../rpc/errors';
import { spanOf, type ChartRange } from './chart-range';

/** Places in time that are asked for; a chart is not much wider. */
const MOST_PLACES = 600;
/** The charts are read again when a place of their range has passed, and not more often than this. */
const OFTEN_MS = 1_500;

/** What the charts show, and why they cannot. */
export interface ChartsFeed {
  readonly view: ChartsView | null;
  readonly error: AppErrorData | null;
  readonly reload: () => void;
}

/**
 * Follows the figures of a cluster while shown, and reads a range of them again when there is something new to see. While it is paused
 * nobody is asked on its account, and what was read before is shown.
 */
export function useCharts(clusterId: string, range: ChartRange, isPaused: boolean): ChartsFeed {
  const page = usePage();
  const [held, setHeld] = useState<Pick<ChartsFeed, 'view' | 'error'>>({ view: null, error: null });
  const [turn, setTurn] = useState(0);
  const readAt = useRef(0);
  const latest = useRef(range);
  useEffect(() => {
    latest.current = range;
  }, [range]);
  useEffect(() => {
    if (isPaused) return;
    return page.core.listen(
      (client, signal) => client.statistics.follow({ clusterId }, { signal }),
      ({ at }) => {
        const { from, to } = spanOf(latest.current, at);
        const pause = Math.max(OFTEN_MS, (to - from) / MOST_PLACES / 2);
        if (at - readAt.current < pause || (latest.current.kind === 'fixed' && readAt.current > 0)) return;
        setTurn((before) => before + 1);
      },
      (problem) => setHeld((before) => ({ ...before, error: errorDataOf(problem) })),
    );
  }, [page, clusterId, isPaused]);
  useEffect(() => {
    let current = true;
    const now = Date.now();
    readAt.current = now;
    const { from, to } = spanOf(range, now);
    page
      .call((client) =>
        client.statistics.view({ clusterId, from: Math.round(from), to: Math.round(to), most: MOST_PLACES }),
      )
      .then(
        (view) => {
          if (current) setHeld({ view, error: null });
        },
        (thrown: unknown) => {
          if (current) setHeld((before) => ({ ...before, error: errorDataOf(thrown) }));
        },
      );
    return () => {
      current = false;
    };
  }, [page, clusterId, range, turn]);
  return { ...held, reload: () => setTurn((before) => before + 1) };
}
