import type { LeftOut, MonitoredCluster } from '../../model/monitoring/monitored-cluster';
import { whyWithout, type MetricName, type MetricProgram } from './metric-names';

/** An alert for Prometheus. Words may name labels as Prometheus' templates do, and nothing that came from a server. */
export interface PrometheusAlert {
  readonly name: string;
  readonly severity: 'critical' | 'warning' | 'info';
  /** How long the condition lasts first, as Prometheus writes it. */
  readonly lasts: string;
  readonly needs: readonly MetricName[];
  /** The program that must be collected where no metric says so. */
  readonly program?: MetricProgram;
  /** `s` selects the cluster, without braces. */
  readonly expression: (s: string, cluster: MonitoredCluster) => string;
  /** Why it does not apply; null where it does. */
  readonly appliesNot?: (cluster: MonitoredCluster) => string | null;
  readonly summary: string;
  /** What it means and what to do. */
  readonly todo: string;
}

const GB = 1024 ** 3;
const MB = 1024 ** 2;

const of = '{{ $labels.member }} of {{ $labels.cluster }}';

/** In clusters that tell who streams, a replica on a former timeline is one that does not stream. */
function tellsStreaming(cluster: MonitoredCluster): boolean {
  return whyWithout(cluster, ['patroni_postgres_streaming']) === null;
}

const patroniAlerts: readonly PrometheusAlert[] = [
  {
    name: 'PatroniNoLeader',
    severity: 'critical',
    lasts: '1m',
    needs: ['patroni_cluster_unlocked', 'patroni_dcs_last_seen'],
    // A member that does not see the DCS says unlocked too: that is another alert.
    expression: (s) =>
      `min by (cluster) (patroni_cluster_unlocked{${s}}) == 1 ` +
      `and on (cluster) max by (cluster) (patroni_dcs_last_seen{${s}}) > time() - 60`,
    summary: 'Nobody holds the leader key of {{ $labels.cluster }}',
    todo: 'The cluster takes no writes. See which members are well and may take over, and the log of Patroni there.',
  },
  {
    name: 'PatroniNoPrimary',
    severity: 'critical',
    lasts: '1m',
    needs: ['patroni_primary', 'patroni_standby_leader', 'patroni_cluster_unlocked'],
    expression: (s) =>
      `(sum by (cluster) (patroni_primary{${s}}) + sum by (cluster) (patroni_standby_leader{${s}})) < 1 ` +
      `unless on (cluster) min by (cluster) (patroni_cluster_unlocked{${s}}) == 1`,
    summary: 'No member of {{ $labels.cluster }} runs as the primary',
    todo: 'Somebody holds the leader key and does not lead, or its Patroni is not reached from here. See the log of Patroni on the leader.',
  },
  {
    name: 'PatroniTwoPrimaries',
    severity: 'critical',
    lasts: '30s',
    needs: ['patroni_primary'],
    expression: (s) => `sum by (cluster) (patroni_primary{${s}}) > 1`,
    summary: 'More than one member of {{ $labels.cluster }} runs as the primary',
    todo: 'Find out which of them holds the leader key, and stop PostgreSQL on the other before an application writes to both.',
  },
  {
    name: 'PatroniDown',
    severity: 'warning',
    lasts: '1m',
    needs: [],
    program: 'patroni',
    expression: (s) => `up{${s},service="patroni"} == 0`,
    summary: `Patroni of ${of} does not answer`,
    todo: 'See whether the server is reached and patroni.service runs there.',
  },
  {
    name: 'PatroniNotCollected',
    severity: 'critical',
    lasts: '5m',
    needs: [],
    program: 'patroni',
    expression: (s) => `absent(up{${s},service="patroni"})`,
    summary: 'No metrics of Patroni are collected for {{ $labels.cluster }}',
    todo: 'Prometheus has lost the configuration of this cluster: its other alerts cannot fire.',
  },
  {
    name: 'PatroniPostgresDown',
    severity: 'critical',
    lasts: '2m',
    needs: ['patroni_postgres_running'],
    expression: (s) => `patroni_postgres_running{${s}} == 0`,
    summary: `PostgreSQL of ${of} does not run`,
    todo: 'See the log of PostgreSQL and of Patroni on that server.',
  },
  {
    name: 'PatroniDcsUnreachable',
    severity: 'critical',
    lasts: '1m',
    needs: ['patroni_dcs_last_seen'],
    expression: (s) => `time() - patroni_dcs_last_seen{${s}} > 60`,
    summary: `Patroni of ${of} has not reached the DCS for a minute`,
    todo: 'A leader without the DCS demotes itself. See whether etcd has a quorum and is reached from that server.',
  },
  {
    name: 'PatroniReplicaNotStreaming',
    severity: 'warning',
    lasts: '3m',
    needs: ['patroni_replica', 'patroni_postgres_running', 'patroni_postgres_streaming'],
    expression: (s) =>
      `patroni_replica{${s}} == 1 and on (cluster, member) patroni_postgres_running{${s}} == 1 ` +
      `unless on (cluster, member) patroni_postgres_streaming{${s}} == 1`,
    summary: `${of} does not stream from the leader`,
    todo: 'See the log of PostgreSQL there. A diverged replica is rewound, or made anew by a reinit.',
  },
  {
    name: 'PatroniTimelineBehind',
    severity: 'warning',
    lasts: '5m',
    needs: ['patroni_postgres_timeline'],
    expression: (s) =>
      `(max by (cluster) (patroni_postgres_timeline{${s}}) - on (cluster) group_right () (patroni_postgres_timeline{${s}} > 0)) > 0`,
    appliesNot: (cluster) =>
      tellsStreaming(cluster) ? 'PatroniReplicaNotStreaming tells it, which this version of Patroni has.' : null,
    summary: `${of} is on a former timeline`,
    todo: 'It does not follow the leader. See the log of PostgreSQL there; rewind it, or make it anew by a reinit.',
  },
  {
    name: 'PatroniReplayLag',
    severity: 'warning',
    lasts: '5m',
    needs: ['patroni_xlog_location', 'patroni_xlog_replayed_location'],
    expression: (s) =>
      `(max by (cluster) (patroni_xlog_location{${s}}) - on (cluster) group_right () ` +
      `(patroni_xlog_replayed_location{${s}} > 0)) > ${100 * MB}`,
    summary: `${of} is {{ $value | humanize1024 }}B behind`,
    todo: 'See disk, network and long queries on it. A replica that is far behind does not take over.',
  },
  {
    name: 'PatroniReplayPaused',
    severity: 'warning',
    lasts: '15m',
    needs: ['patroni_xlog_paused'],
    expression: (s) => `patroni_xlog_paused{${s}} == 1`,
    summary: `The replay of ${of} is paused`,
    todo: 'Let it go on with pg_wal_replay_resume().',
  },
  {
    name: 'PatroniNoSynchronousStandby',
    severity: 'warning',
    lasts: '2m',
    needs: ['patroni_sync_standby'],
    expression: (s, cluster) => {
      const quorum = whyWithout(cluster, ['patroni_quorum_standby']) === null;
      const standbys = `sum by (cluster) (patroni_sync_standby{${s}})`;
      return quorum ? `(${standbys} + sum by (cluster) (patroni_quorum_standby{${s}})) == 0` : `${standbys} == 0`;
    },
    appliesNot: ({ synchronous }) => (synchronous ? null : 'Synchronous mode is off, or not known.'),
    summary: 'No replica of {{ $labels.cluster }} is synchronous',
    todo: 'With strict mode commits wait; without it a failover may lose some. See why no replica is chosen.',
  },
  {
    name: 'PatroniFailsafe',
    severity: 'critical',
    lasts: '1m',
    needs: ['patroni_failsafe_mode_is_active'],
    expression: (s) => `max by (cluster) (patroni_failsafe_mode_is_active{${s}}) == 1`,
    summary: '{{ $labels.cluster }} runs in failsafe mode',
    todo: 'etcd is gone, and the primary runs on only as long as it reaches every member. Bring etcd back.',
  },
  {
    name: 'PatroniPaused',
    severity: 'warning',
    lasts: '1h',
    needs: ['patroni_is_paused'],
    expression: (s) => `max by (cluster) (patroni_is_paused{${s}}) == 1`,
    summary: '{{ $labels.cluster }} is paused: nobody takes over',
    todo: 'Resume it when the maintenance is over (patronictl resume).',
  },
  {
    name: 'PatroniPendingRestart',
    severity: 'info',
    lasts: '1h',
    needs: ['patroni_pending_restart'],
    expression: (s) => `patroni_pending_restart{${s}} == 1`,
    summary: `${of} waits for a restart`,
    todo: 'A parameter was changed that counts only after a restart: restart replicas first, the leader last.',
  },
  {
    name: 'PatroniLeaderChanged',
    severity: 'info',
    lasts: '0s',
    needs: ['patroni_postgres_timeline'],
    expression: (s) =>
      `max by (cluster) (patroni_postgres_timeline{${s}}) > max by (cluster) (patroni_postgres_timeline{${s}} offset 10m)`,
    summary: '{{ $labels.cluster }} has had a new leader for less than ten minutes',
    todo: 'Where nobody switched over: find out why, from the log of Patroni on the former leader.',
  },
  {
    name: 'PatroniVersionsDiffer',
    severity: 'info',
    lasts: '4h',
    needs: ['patroni_version'],
    expression: (s) => `max by (cluster) (patroni_version{${s}}) > min by (cluster) (patroni_version{${s}})`,
    summary: 'Members of {{ $labels.cluster }} run different versions of Patroni',
    todo: 'Finish the upgrade.',
  },
];

const etcdAlerts: readonly PrometheusAlert[] = [
  {
    name: 'EtcdDown',
    severity: 'warning',
    lasts: '1m',
    needs: [],
    program: 'etcd',
    expression: (s) => `up{${s},service="etcd"} == 0`,
    summary: `etcd on ${of} does not answer`,
    todo: 'Start it again. When more than half of the members are gone, the cluster takes no writes.',
  },
  {
    name: 'EtcdNoLeader',
    severity: 'critical',
    lasts: '1m',
    needs: ['etcd_server_has_leader'],
    expression: (s) => `etcd_server_has_leader{${s}} == 0`,
    summary: `etcd on ${of} sees no leader`,
    todo: 'It has no quorum. Start the missing members, or heal the network between them.',
  },
  {
    name: 'EtcdManyElections',
    severity: 'warning',
    lasts: '0s',
    needs: ['etcd_server_leader_changes_seen_total'],
    expression: (s) => `increase(etcd_server_leader_changes_seen_total{${s}}[1h]) > 4`,
    summary: `etcd on ${of} saw many elections in an hour`,
    todo: 'The members lose each other: see network and disks.',
  },
  {
    name: 'EtcdDatabaseNearlyFull',
    severity: 'critical',
    lasts: '10m',
    needs: ['etcd_mvcc_db_total_size_in_bytes', 'etcd_server_quota_backend_bytes'],
    expression: (s) => `etcd_mvcc_db_total_size_in_bytes{${s}} / etcd_server_quota_backend_bytes{${s}} > 0.8`,
    summary: `The database of etcd on ${of} is nearly full`,
    todo: 'Compact and defragment it, one member after the other. At the quota etcd takes no writes.',
  },
  {
    name: 'EtcdSlowDisk',
    severity: 'warning',
    lasts: '10m',
    needs: ['etcd_disk_wal_fsync_duration_seconds_bucket'],
    expression: (s) =>
      `histogram_quantile(0.99, sum by (cluster, member, le) (rate(etcd_disk_wal_fsync_duration_seconds_bucket{${s}}[5m]))) > 0.5`,
    summary: `The disk of etcd on ${of} is slow`,
    todo: 'One write in a hundred takes half a second or longer. Give etcd a disk of its own.',
  },
];

const postgresAlerts: readonly PrometheusAlert[] = [
  {
    name: 'PostgresExporterDown',
    severity: 'warning',
    lasts: '2m',
    needs: [],
    program: 'postgres',
    expression: (s) => `up{${s},service="postgres"} == 0`,
    summary: `postgres_exporter of ${of} does not answer`,
    todo: 'See whether the server is reached and prometheus-postgres-exporter runs there.',
  },
  {
    name: 'PostgresExporterCannotLogIn',
    severity: 'warning',
    lasts: '5m',
    needs: ['pg_up', 'patroni_postgres_running'],
    expression: (s) => `pg_up{${s}} == 0 and on (cluster, member) patroni_postgres_running{${s}} == 1`,
    summary: `postgres_exporter of ${of} does not get into PostgreSQL`,
    todo: 'PostgreSQL runs. See its user, its password and pg_hba.',
  },
  {
    name: 'PostgresConnectionsNearLimit',
    severity: 'warning',
    lasts: '5m',
    needs: ['pg_stat_activity_count', 'pg_settings_max_connections'],
    expression: (s) =>
      `sum by (cluster, member) (pg_stat_activity_count{${s}}) / on (cluster, member) ` +
      `max by (cluster, member) (pg_settings_max_connections{${s}}) > 0.9`,
    summary: `${of} has nearly all of its connections in use`,
    todo: 'See who holds them. Put a pooler in front, or raise max_connections.',
  },
  {
    name: 'PostgresLongTransaction',
    severity: 'warning',
    lasts: '5m',
    needs: ['pg_stat_activity_max_tx_duration'],
    expression: (s) =>
      `max by (cluster, member) (pg_stat_activity_max_tx_duration{${s},state=~"idle in transaction.*"}) > 3600`,
    summary: `A transaction on ${of} has been idle for more than an hour`,
    todo: 'It keeps vacuum from removing rows. See whose it is, and end it.',
  },
  {
    name: 'PostgresSlotRetainsWal',
    severity: 'warning',
    lasts: '10m',
    needs: ['pg_replication_slots_pg_wal_lsn_diff'],
    expression: (s) => `max by (cluster, member, slot_name) (pg_replication_slots_pg_wal_lsn_diff{${s}}) > ${10 * GB}`,
    summary: `The slot {{ $labels.slot_name }} on ${of} retains {{ $value | humanize1024 }}B of WAL`,
    todo: 'Its receiver is gone or slow. Bring it back, or drop the slot before the disk is full.',
  },
  {
    name: 'PostgresArchiveFails',
    severity: 'warning',
    lasts: '5m',
    needs: ['pg_stat_archiver_failed_count'],
    expression: (s) => `increase(pg_stat_archiver_failed_count{${s}}[15m]) > 0`,
    summary: `${of} cannot archive its WAL`,
    todo: 'See the log of PostgreSQL for what archive_command says. WAL is kept until the disk is full.',
  },
];

const DISKS =
  'fstype!~"tmpfs|devtmpfs|ramfs|squashfs|iso9660|autofs|fuse.*|nfs.*",mountpoint!~"/(boot|run|proc|sys|dev).*"';

const serverAlerts: readonly PrometheusAlert[] = [
  {
    name: 'NodeDown',
    severity: 'warning',
    lasts: '1m',
    needs: [],
    program: 'node',
    expression: (s) => `up{${s},service="node"} == 0`,
    summary: `The server of ${of} does not answer`,
    todo: 'See whether it has power and network, and whether node_exporter runs.',
  },
  {
    name: 'NodeDiskFilling',
    severity: 'critical',
    lasts: '10m',
    needs: ['node_filesystem_avail_bytes', 'node_filesystem_size_bytes'],
    expression: (s) => `node_filesystem_avail_bytes{${s},${DISKS}} / node_filesystem_size_bytes{${s},${DISKS}} < 0.1`,
    summary: `{{ $labels.mountpoint }} of ${of} has less than 10 % free`,
    todo: 'Find what grows: WAL that a slot or a failing archive holds, logs, temporary files. Never delete from pg_wal by hand.',
  },
  {
    name: 'NodeMemoryLow',
    severity: 'warning',
    lasts: '10m',
    needs: ['node_memory_MemAvailable_bytes', 'node_memory_MemTotal_bytes'],
    expression: (s) => `node_memory_MemAvailable_bytes{${s}} / node_memory_MemTotal_bytes{${s}} < 0.05`,
    summary: `The server of ${of} has less than 5 % of its memory left`,
    todo: 'Lower work_mem or the number of connections before the kernel kills PostgreSQL.',
  },
  {
    name: 'HaproxyDown',
    severity: 'warning',
    lasts: '1m',
    needs: [],
    program: 'haproxy',
    expression: (s) => `up{${s},service="haproxy"} == 0`,
    summary: `HAProxy on ${of} does not answer`,
    todo: 'See whether haproxy.service runs there.',
  },
  {
    name: 'HaproxyNoServer',
    severity: 'critical',
    lasts: '2m',
    needs: ['haproxy_backend_active_servers'],
    expression: (s) => `haproxy_backend_active_servers{${s},proxy!~"stats|prometheus.*"} == 0`,
    summary: `{{ $labels.proxy }} of HAProxy on ${of} has no server`,
    todo: 'Clients do not get in there. See what its checks say, and what Patroni answers on their path.',
  },
];

/** All alerts, those of Patroni first. */
export const prometheusAlerts: readonly PrometheusAlert[] = [
  ...patroniAlerts,
  ...etcdAlerts,
  ...postgresAlerts,
  ...serverAlerts,
];

/** A text as PromQL writes it. */
export function promqlText(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What selects a cluster in an expression, without braces. */
export function clusterSelector({ name }: Pick<MonitoredCluster, 'name'>): string {
  return `cluster=${promqlText(name)}`;
}

/** An alert with its expression for one cluster. */
export interface WrittenAlert {
  readonly alert: PrometheusAlert;
  readonly expression: string;
}

/** The alerts that can be told of a cluster, and those that cannot, with why. */
export function alertsFor(cluster: MonitoredCluster): {
  readonly alerts: readonly WrittenAlert[];
  readonly leftOut: readonly LeftOut[];
} {
  const judged = prometheusAlerts.map((alert) => ({ alert, why: whyNotFor(alert, cluster) }));
  return {
    alerts: judged.flatMap(({ alert, why }) =>
      why === null ? [{ alert, expression: alert.expression(clusterSelector(cluster), cluster) }] : [],
    ),
    leftOut: judged.flatMap(({ alert, why }) => (why === null ? [] : [{ name: alert.name, why }])),
  };
}

function whyNotFor(alert: PrometheusAlert, cluster: MonitoredCluster): string | null {
  const { program } = alert;
  if (program !== undefined && cluster[program] === null) return 'Its program is not collected.';
  return whyWithout(cluster, alert.needs) ?? alert.appliesNot?.(cluster) ?? null;
}
