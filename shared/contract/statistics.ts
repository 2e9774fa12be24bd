import { z } from 'zod';
import type { ChartsTick, ChartsView } from '../model/statistics/charts';
import { prometheusPlaceSchema, type PrometheusPlace, type PrometheusView } from '../model/statistics/prometheus';
import { call, of, stream } from './procedures';

const ofCluster = z.object({ clusterId: z.string() });
const moment = z.number().int().nonnegative().max(8.64e15);

/** The figures of a cluster over time: lag, WAL, transactions, connections, and what its servers do. */
export const statistics = {
  /** The figures of a time (ms since the epoch), at most `most` places of it. Rejects with `operation.unknown_cluster`. */
  view: call(
    ofCluster.extend({ from: moment, to: moment, most: z.number().int().min(10).max(5_000) }),
    of<ChartsView>(),
  ),
  /** Collects figures while it is read, and tells when there are new ones. */
  follow: stream(ofCluster, of<ChartsTick>()),
  /** Whether figures are collected also while nobody looks. */
  keep: call(ofCluster.extend({ on: z.boolean() }), of<null>()),
  /** The Prometheus that was named for the cluster; null: none. */
  prometheus: call(ofCluster, of<PrometheusPlace | null>()),
  /** Names one, once it has answered, or forgets it. Rejects with `statistics.prometheus_*`. */
  usePrometheus: call(ofCluster.extend({ place: prometheusPlaceSchema.nullable() }), of<null>()),
  /** The figures of a time (ms since the epoch) as that Prometheus keeps them. Rejects with `statistics.prometheus_*`. */
  fromPrometheus: call(
    ofCluster.extend({ from: moment, to: moment, most: z.number().int().min(10).max(5_000) }),
    of<PrometheusView>(),
  ),
};
