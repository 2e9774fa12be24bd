import type { LeftOut, MonitoredCluster } from '../../model/monitoring/monitored-cluster';
import { whyWithout, type MetricName } from './metric-names';
import { clusterSelector } from './prometheus-alerts';

/** A panel: what it shows, in which unit of Grafana, and the expressions with the labels of their lines. */
interface DashboardPanel {
  readonly title: string;
  readonly kind: 'timeseries' | 'stat';
  readonly unit: string;
  readonly needs: readonly MetricName[];
  readonly lines: (s: string) => readonly { readonly expression: string; readonly legend: string }[];
}

const MEMBER = '{{member}}';
const one = (expression: (s: string) => string, legend = MEMBER): DashboardPanel['lines'] => {
  return (s) => [{ expression: expression(s), legend }];
};

const panels: readonly DashboardPanel[] = [
  {
    title: 'Primary',
    kind: 'timeseries',
    unit: 'short',
    needs: ['patroni_primary'],
    lines: one((s) => `max by (member) (patroni_primary{${s}})`),
  },
  {
    title: 'Timeline',
    kind: 'timeseries',
    unit: 'short',
    needs: ['patroni_postgres_timeline'],
    lines: one((s) => `max by (member) (patroni_postgres_timeline{${s}})`),
  },
  {
    title: 'Replay lag',
    kind: 'timeseries',
    unit: 'bytes',
    needs: ['patroni_xlog_location', 'patroni_xlog_replayed_location'],
    lines: one(
      (s) => `clamp_min(scalar(max(patroni_xlog_location{${s}} > 0)) - (patroni_xlog_replayed_location{${s}} > 0), 0)`,
    ),
  },
  {
    title: 'WAL',
    kind: 'timeseries',
    unit: 'Bps',
    needs: ['patroni_xlog_location'],
    lines: one((s) => `rate(patroni_xlog_location{${s}}[5m])`),
  },
  {
    title: 'Seconds since the DCS was reached',
    kind: 'timeseries',
    unit: 's',
    needs: ['patroni_dcs_last_seen'],
    lines: one((s) => `time() - patroni_dcs_last_seen{${s}}`),
  },
  {
    title: 'Paused, waits for a restart, failsafe',
    kind: 'timeseries',
    unit: 'short',
    needs: ['patroni_is_paused', 'patroni_pending_restart', 'patroni_failsafe_mode_is_active'],
    lines: (s) => [
      { expression: `max(patroni_is_paused{${s}})`, legend: 'paused' },
      { expression: `sum(patroni_pending_restart{${s}})`, legend: 'members that wait for a restart' },
      { expression: `max(patroni_failsafe_mode_is_active{${s}})`, legend: 'failsafe' },
    ],
  },
  {
    title: 'Running since',
    kind: 'stat',
    unit: 'dateTimeFromNow',
    needs: ['patroni_postmaster_start_time'],
    lines: one((s) => `max by (member) (patroni_postmaster_start_time{${s}}) * 1000`),
  },
  {
    title: 'Connections',
    kind: 'timeseries',
    unit: 'short',
    needs: ['pg_stat_activity_count', 'pg_settings_max_connections'],
    lines: (s) => [
      { expression: `sum by (member) (pg_stat_activity_count{${s}})`, legend: MEMBER },
      { expression: `max(pg_settings_max_connections{${s}})`, legend: 'max_connections' },
    ],
  },
  {
    title: 'Transactions',
    kind: 'timeseries',
    unit: 'ops',
    needs: ['pg_stat_database_xact_commit', 'pg_stat_database_xact_rollback'],
    lines: (s) => [
      { expression: `sum by (member) (rate(pg_stat_database_xact_commit{${s}}[5m]))`, legend: `${MEMBER} committed` },
      {
        expression: `sum by (member) (rate(pg_stat_database_xact_rollback{${s}}[5m]))`,
        legend: `${MEMBER} rolled back`,
      },
    ],
  },
  {
    title: 'WAL that slots retain',
    kind: 'timeseries',
    unit: 'bytes',
    needs: ['pg_replication_slots_pg_wal_lsn_diff'],
    lines: one(
      (s) => `max by (member, slot_name) (pg_replication_slots_pg_wal_lsn_diff{${s}})`,
      '{{slot_name}} on {{member}}',
    ),
  },
  {
    title: 'etcd: 99 % of writes to disk within',
    kind: 'timeseries',
    unit: 's',
    needs: ['etcd_disk_wal_fsync_duration_seconds_bucket'],
    lines: one(
      (s) =>
        `histogram_quantile(0.99, sum by (member, le) (rate(etcd_disk_wal_fsync_duration_seconds_bucket{${s}}[5m])))`,
    ),
  },
  {
    title: 'etcd: size of the database',
    kind: 'timeseries',
    unit: 'bytes',
    needs: ['etcd_mvcc_db_total_size_in_bytes'],
    lines: one((s) => `max by (member) (etcd_mvcc_db_total_size_in_bytes{${s}})`),
  },
  {
    title: 'Processors in use',
    kind: 'timeseries',
    unit: 'percentunit',
    needs: ['node_cpu_seconds_total'],
    lines: one((s) => `1 - avg by (member) (rate(node_cpu_seconds_total{${s},mode="idle"}[5m]))`),
  },
  {
    title: 'Memory available',
    kind: 'timeseries',
    unit: 'percentunit',
    needs: ['node_memory_MemAvailable_bytes', 'node_memory_MemTotal_bytes'],
    lines: one((s) => `node_memory_MemAvailable_bytes{${s}} / node_memory_MemTotal_bytes{${s}}`),
  },
  {
    title: 'Disk space available',
    kind: 'timeseries',
    unit: 'percentunit',
    needs: ['node_filesystem_avail_bytes', 'node_filesystem_size_bytes'],
    lines: one(
      (s) =>
        `node_filesystem_avail_bytes{${s},fstype!~"tmpfs|devtmpfs|ramfs|squashfs"} / ` +
        `node_filesystem_size_bytes{${s},fstype!~"tmpfs|devtmpfs|ramfs|squashfs"}`,
      '{{mountpoint}} of {{member}}',
    ),
  },
  {
    title: 'HAProxy: connections',
    kind: 'timeseries',
    unit: 'short',
    needs: ['haproxy_backend_current_sessions'],
    lines: one((s) => `sum by (proxy, member) (haproxy_backend_current_sessions{${s}})`, '{{proxy}} on {{member}}'),
  },
];

const SOURCE = { type: 'prometheus', uid: '${source}' } as const;
const WIDTH = 12;
const HEIGHT = 8;

/** The dashboard as the JSON that Grafana (9 and later) imports, and the panels that the cluster has no metrics for. */
export function grafanaDashboard(
  cluster: MonitoredCluster,
  uid: string,
): { readonly text: string; readonly expressions: readonly string[]; readonly leftOut: readonly LeftOut[] } {
  const s = clusterSelector(cluster);
  const judged = panels.map((panel) => ({ panel, why: whyWithout(cluster, panel.needs) }));
  const shown = judged.flatMap(({ panel, why }) => (why === null ? [panel] : []));
  const dashboard = {
    uid: `matriarch-${uid}`.slice(0, 40),
    title: `Patroni: ${cluster.name}`,
    tags: ['matriarch', 'patroni', 'postgresql'],
    timezone: 'browser',
    editable: true,
    schemaVersion: 36,
    version: 1,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    templating: {
      list: [{ name: 'source', label: 'Prometheus', type: 'datasource', query: 'prometheus', hide: 0, refresh: 1 }],
    },
    annotations: { list: [] },
    panels: shown.map((panel, index) => panelJson(panel, index, s)),
  };
  return {
    text: `${JSON.stringify(dashboard, null, 2)}\n`,
    expressions: shown.flatMap((panel) => panel.lines(s).map(({ expression }) => expression)),
    leftOut: judged.flatMap(({ panel, why }) => (why === null ? [] : [{ name: `Panel: ${panel.title}`, why }])),
  };
}

function panelJson({ title, kind, unit, lines }: DashboardPanel, index: number, s: string) {
  return {
    id: index + 1,
    title,
    type: kind,
    datasource: SOURCE,
    gridPos: { h: HEIGHT, w: WIDTH, x: (index % 2) * WIDTH, y: Math.floor(index / 2) * HEIGHT },
    fieldConfig: { defaults: { unit }, overrides: [] },
    options:
      kind === 'stat'
        ? { reduceOptions: { calcs: ['lastNotNull'] } }
        : { legend: { displayMode: 'list', placement: 'bottom' } },
    targets: lines(s).map(({ expression, legend }, at) => ({
      refId: String.fromCharCode(65 + at),
      datasource: SOURCE,
      expr: expression,
      legendFormat: legend,
    })),
  };
}
