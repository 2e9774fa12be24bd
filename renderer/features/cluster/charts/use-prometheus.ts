import { useEffect } from 'react';
import type { AppErrorData } from '../../../../shared/model/app-error';
import type { PrometheusPlace, PrometheusView } from '../../../../shared/model/statistics/prometheus';
import { useAnswer } from '../../../rpc/hooks';
import { spanOf, type ChartRange } from './chart-range';

/** Times that are asked for; a chart is not much wider. */
const MOST_TIMES = 600;
/** A Prometheus collects every 15 s to 60 s: more often there is nothing new. */
const AGAIN_MS = 30_000;

/** What a Prometheus says of a range; null while it is not asked or has not answered. */
export interface PrometheusFeed {
  readonly place: PrometheusPlace | null;
  readonly figures: PrometheusView | null;
  readonly error: AppErrorData | null;
  /** Asks again which one it is. */
  readonly reload: () => void;
}

/** The Prometheus of a cluster, and its figures of a range where they are wanted. */
export function usePrometheus(clusterId: string, range: ChartRange, isWanted: boolean): PrometheusFeed {
  const named = useAnswer(clusterId, (client) => client.statistics.prometheus({ clusterId }));
  const answer = useAnswer(`${clusterId} ${JSON.stringify(range)} ${String(isWanted)}`, async (client) => {
    if (!isWanted) return null;
    const { from, to } = spanOf(range, Date.now());
    const span = { from: Math.round(from), to: Math.round(to), most: MOST_TIMES };
    return client.statistics.fromPrometheus({ clusterId, ...span });
  });
  const { loading, reload } = answer;
  useEffect(() => {
    if (loading || !isWanted || range.kind === 'fixed') return;
    const timer = setTimeout(reload, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [loading, isWanted, range, reload]);
  return {
    place: named.value,
    figures: isWanted ? answer.value : null,
    error: named.error ?? answer.error,
    reload: named.reload,
  };
}
