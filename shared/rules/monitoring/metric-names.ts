import type { MonitoredCluster } from '../../model/monitoring/monitored-cluster';
import { isPatroniAtLeast } from '../cluster/patroni-version';

/** A program that tells metrics. */
export type MetricProgram = 'patroni' | 'etcd' | 'postgres' | 'node' | 'haproxy';

/** What programs are called for people. */
export const programNames: Readonly<Record<MetricProgram, string>> = {
  patroni: 'Patroni',
  etcd: 'etcd',
  postgres: 'postgres_exporter',
  node: 'node_exporter',
  haproxy: 'HAProxy',
};

/** A metric: who tells it, and the first version that does; absent: all that are supported. */
interface KnownMetric {
  readonly program: MetricProgram;
  readonly since?: string;
}

/** All metrics that the rules and the dashboard ask for. Those of Patroni are of GET /metrics (patroni/api.py). */
export const metricNames = {
  patroni_version: { program: 'patroni' },
  patroni_postgres_running: { program: 'patroni' },
  patroni_postmaster_start_time: { program: 'patroni' },
  patroni_primary: { program: 'patroni', since: '3.0.0' },
  patroni_standby_leader: { program: 'patroni' },
  patroni_replica: { program: 'patroni' },
  patroni_sync_standby: { program: 'patroni', since: '3.0.2' },
  patroni_quorum_standby: { program: 'patroni', since: '4.0.0' },
  patroni_xlog_location: { program: 'patroni' },
  patroni_xlog_replayed_location: { program: 'patroni' },
  patroni_xlog_paused: { program: 'patroni' },
  patroni_postgres_streaming: { program: 'patroni', since: '3.0.4' },
  patroni_cluster_unlocked: { program: 'patroni' },
  patroni_failsafe_mode_is_active: { program: 'patroni', since: '3.0.0' },
  patroni_postgres_timeline: { program: 'patroni' },
  patroni_dcs_last_seen: { program: 'patroni', since: '2.1.2' },
  patroni_pending_restart: { program: 'patroni', since: '2.1.3' },
  patroni_is_paused: { program: 'patroni', since: '2.1.3' },
  etcd_server_has_leader: { program: 'etcd' },
  etcd_server_leader_changes_seen_total: { program: 'etcd' },
  etcd_server_quota_backend_bytes: { program: 'etcd' },
  etcd_mvcc_db_total_size_in_bytes: { program: 'etcd' },
  etcd_disk_wal_fsync_duration_seconds_bucket: { program: 'etcd' },
  pg_up: { program: 'postgres' },
  pg_stat_activity_count: { program: 'postgres' },
  pg_stat_activity_max_tx_duration: { program: 'postgres' },
  pg_settings_max_connections: { program: 'postgres' },
  pg_stat_database_xact_commit: { program: 'postgres' },
  pg_stat_database_xact_rollback: { program: 'postgres' },
  pg_replication_slots_pg_wal_lsn_diff: { program: 'postgres' },
  pg_stat_archiver_failed_count: { program: 'postgres' },
  node_cpu_seconds_total: { program: 'node' },
  node_memory_MemAvailable_bytes: { program: 'node' },
  node_memory_MemTotal_bytes: { program: 'node' },
  node_filesystem_avail_bytes: { program: 'node' },
  node_filesystem_size_bytes: { program: 'node' },
  haproxy_backend_active_servers: { program: 'haproxy' },
  haproxy_backend_current_sessions: { program: 'haproxy' },
} as const satisfies Readonly<Record<string, KnownMetric>>;

/** The name of one of these metrics. */
export type MetricName = keyof typeof metricNames;

/** Why a cluster does not have all of these metrics; null where it has. */
export function whyWithout(cluster: MonitoredCluster, needs: readonly MetricName[]): string | null {
  for (const name of needs) {
    const metric: KnownMetric = metricNames[name];
    const program = cluster[metric.program];
    if (program === null) return `Metrics of ${programNames[metric.program]} are not collected.`;
    if (metric.since === undefined) continue;
    const has = isPatroniAtLeast(program.version, metric.since);
    if (has === null) return `The version of Patroni is not known; ${name} is there from ${metric.since} on.`;
    if (!has) return `Patroni ${program.version ?? ''} does not have ${name}, which is there from ${metric.since} on.`;
  }
  return null;
}

/** The metrics that an expression names, sorted. `up` is Prometheus' own and is not among them. */
export function metricsIn(expression: string): readonly string[] {
  const bare = expression
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\b(?:by|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  const names = bare.match(/\b(?:patroni|etcd|pg|node|haproxy)_\w+/g) ?? [];
  return [...new Set(names)].toSorted();
}
