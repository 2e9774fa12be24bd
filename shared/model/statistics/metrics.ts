/** What is measured of each member, in the order in which it is kept on disk: new ones are added at the end. */
export const figureMetrics = [
  'lag_bytes',
  'lag_seconds',
  'wal_rate',
  'transactions',
  'connections',
  'connections_active',
  'connections_idle',
  'connections_idle_in_transaction',
  'connections_waiting',
  'cache_hits',
  'cpu',
  'memory',
  'disk_used',
  'disk_read',
  'disk_written',
  'network_in',
  'network_out',
] as const;

/**
 * A measured figure of a member. Bytes, bytes per second, transactions per second, seconds and counts as they are; `cache_hits`, `cpu`,
 * `memory` and `disk_used` are parts of one, 0 to 1.
 */
export type Metric = (typeof figureMetrics)[number];

/** Figures of one moment; what is missing was not known then. */
export type Figures = Readonly<Partial<Record<Metric, number>>>;
