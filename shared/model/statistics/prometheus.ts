import { z } from 'zod';
import type { ChartLine } from './charts';
import type { Metric } from './metrics';

/** Where a Prometheus answers, as seen from the server whose SSH connection leads there. */
export const prometheusPlaceSchema = z.object({
  serverId: z.string(),
  host: z
    .string()
    .trim()
    .min(1)
    .max(255)
    .regex(/^[\w.:-]+$/, 'A host name or an address.'),
  port: z.number().int().min(1).max(65_535),
});
/** Where a Prometheus answers. */
export type PrometheusPlace = z.infer<typeof prometheusPlaceSchema>;

/** A figure that this Prometheus does not have. */
export interface MissingFigure {
  readonly metric: Metric;
  /** Why, as a sentence for the user. */
  readonly reason: string;
}

/** The figures of a cluster as a Prometheus tells them, in the form of the app's own. */
export interface PrometheusView {
  /** Seconds since the epoch, ascending, evenly apart. */
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly missing: readonly MissingFigure[];
}
