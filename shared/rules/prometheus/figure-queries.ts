import type { MissingFigure } from '../../model/statistics/prometheus';
import { figureMetrics, type Metric } from '../../model/statistics/metrics';

/** What is asked for: the scope of the cluster, the addresses of its members, and over how many seconds rates are taken. */
export interface QueryScope {
  readonly scope: string;
  readonly hosts: readonly string[];
  readonly windowSeconds: number;
}

/** One way to ask for a figure: the metrics that must be there, and the expression, whose labels tell the member. */
interface FigureSource {
  readonly needs: readonly string[];
  readonly query: (labels: QueryLabels) => string;
}

/** Parts of expressions: `patroni` selects a scope, `host` the members' addresses, `window` is a range. */
interface QueryLabels {
  readonly patroni: string;
  readonly host: string;
  readonly window: string;
}

/** A figure with the expression that asks for it. */
export interface FigureQuery {
  readonly metric: Metric;
  readonly query: string;
}

const DISKS = 'device=~"(sd|vd|xvd|hd)[a-z]+|nvme[0-9]+n[0-9]+|mmcblk[0-9]+"';
const NETWORKS = 'device!~"lo|(docker|br-|veth|virbr|tun|tap|bond|team|cni|cali|flannel).*"';

/**
 * A rate over the window. Where the series began within it, rate() would take the growth of a part for that of the whole and tell
 * too little: nothing is told then.
 */
const rateOf = (metric: string, selector: string, window: string): string =>
  `(rate(${metric}{${selector}}[${window}]) and ${metric}{${selector}} offset ${window})`;

/** A rate of a counter of node_exporter, added up for each server. */
const hostRate = (metric: string, more: string): FigureSource => ({
  needs: [metric],
  query: ({ host, window }) => `sum by (instance) ${rateOf(metric, `${host},${more}`, window)}`,
});

/** Sessions in a state, as postgres_exporter counts them. */
const sessions = (state: string): FigureSource => ({
  needs: ['pg_stat_activity_count'],
  query: ({ host }) => `sum by (instance) (pg_stat_activity_count{${host}${state === '' ? '' : `,${state}`}})`,
});

/** A position that was 0 for a moment stands still there (patroni/api.py): growth across it would be made up. */
const walRate = (metric: string, { patroni, window }: QueryLabels): string =>
  `(${rateOf(metric, patroni, window)} and min_over_time(${metric}{${patroni}}[${window}]) > 0)`;

const databaseRate = (metric: string, { host, window }: QueryLabels): string =>
  `sum by (instance) ${rateOf(metric, host, window)}`;

/**
 * How each figure is asked for, the best way first. Patroni's own metrics are those of GET /metrics (patroni/api.py), the others of
 * node_exporter and postgres_exporter. Only names that were seen to be there are asked for.
 */
const sources: Readonly<Record<Metric, readonly FigureSource[]>> = {
  lag_bytes: [
    {
      needs: ['patroni_xlog_location', 'patroni_xlog_replayed_location'],
      // Without a primary there is no scalar, and so no line: not a lag of nothing.
      query: ({ patroni }) =>
        `clamp_min(scalar(max(patroni_xlog_location{${patroni}} > 0)) - (patroni_xlog_replayed_location{${patroni}} > 0), 0)`,
    },
  ],
  lag_seconds: ['pg_replication_lag_seconds', 'pg_replication_lag'].map((metric) => ({
    needs: [metric],
    query: ({ host }) => `max by (instance) (${metric}{${host}})`,
  })),
  wal_rate: [
    {
      needs: ['patroni_xlog_location', 'patroni_xlog_received_location'],
      query: (labels) =>
        `${walRate('patroni_xlog_location', labels)} or ${walRate('patroni_xlog_received_location', labels)}`,
    },
  ],
  transactions: [
    {
      needs: ['pg_stat_database_xact_commit', 'pg_stat_database_xact_rollback'],
      query: (labels) =>
        `${databaseRate('pg_stat_database_xact_commit', labels)} + ${databaseRate('pg_stat_database_xact_rollback', labels)}`,
    },
  ],
  connections: [sessions('')],
  connections_active: [sessions('state="active"')],
  connections_idle: [sessions('state="idle"')],
  connections_idle_in_transaction: [sessions('state=~"idle in transaction.*"')],
  connections_waiting: [],
  cache_hits: [
    {
      needs: ['pg_stat_database_blks_hit', 'pg_stat_database_blks_read'],
      query: (labels) => {
        const hit = databaseRate('pg_stat_database_blks_hit', labels);
        return `${hit} / (${hit} + ${databaseRate('pg_stat_database_blks_read', labels)})`;
      },
    },
  ],
  cpu: [
    {
      needs: ['node_cpu_seconds_total'],
      query: ({ host, window }) =>
        `1 - sum by (instance) (rate(node_cpu_seconds_total{${host},mode=~"idle|iowait"}[${window}])) / ` +
        `sum by (instance) (rate(node_cpu_seconds_total{${host},mode!~"guest.*"}[${window}]))`,
    },
  ],
  memory: [
    {
      needs: ['node_memory_MemAvailable_bytes', 'node_memory_MemTotal_bytes'],
      query: ({ host }) => `1 - node_memory_MemAvailable_bytes{${host}} / node_memory_MemTotal_bytes{${host}}`,
    },
  ],
  disk_used: [],
  disk_read: [hostRate('node_disk_read_bytes_total', DISKS)],
  disk_written: [hostRate('node_disk_written_bytes_total', DISKS)],
  network_in: [hostRate('node_network_receive_bytes_total', NETWORKS)],
  network_out: [hostRate('node_network_transmit_bytes_total', NETWORKS)],
};

/** Figures that no exporter tells as the app means them. */
const never: Readonly<Partial<Record<Metric, string>>> = {
  connections_waiting: 'No exporter tells which sessions wait for a lock.',
  disk_used: 'Exporters do not say which file system has the data directory.',
};

/** The expressions for what a Prometheus has, by the names of its metrics, and what it does not have. */
export function figureQueries(
  names: ReadonlySet<string>,
  asked: QueryScope,
): { readonly queries: readonly FigureQuery[]; readonly missing: readonly MissingFigure[] } {
  const labels = labelsOf(asked);
  const queries: FigureQuery[] = [];
  const missing: MissingFigure[] = [];
  for (const metric of figureMetrics) {
    const found = sources[metric].find(({ needs }) => needs.every((name) => names.has(name)));
    if (found === undefined) missing.push({ metric, reason: whyMissing(metric, names) });
    else queries.push({ metric, query: found.query(labels) });
  }
  return { queries, missing };
}

function whyMissing(metric: Metric, names: ReadonlySet<string>): string {
  const known = never[metric];
  if (known !== undefined) return known;
  const needs = sources[metric][0]?.needs.filter((name) => !names.has(name)) ?? [];
  return `This Prometheus has no metric ${needs.join(' and no ')}.`;
}

function labelsOf({ scope, hosts, windowSeconds }: QueryScope): QueryLabels {
  const any = hosts.map(escapePattern).join('|');
  return {
    patroni: `scope=${promString(scope)}`,
    host: `instance=~${promString(`\\[?(${any})\\]?(:[0-9]+)?`)}`,
    window: `${String(windowSeconds)}s`,
  };
}

const escapePattern = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A text as a string of Prometheus' language, whose escapes are those of JSON as far as they are used here. */
function promString(text: string): string {
  return JSON.stringify(text);
}
