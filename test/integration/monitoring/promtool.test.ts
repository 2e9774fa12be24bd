import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { grafanaDashboard } from '../../../shared/rules/monitoring/grafana-dashboard';
import { monitoringFiles } from '../../../shared/rules/monitoring/monitoring-files';
import { alertsFor, prometheusAlerts } from '../../../shared/rules/monitoring/prometheus-alerts';
import { monitoredFixture, programFixture } from '../../support/monitoring/monitored-fixture';
import { askPromtool, findPromtool } from '../../support/prometheus/promtool';

const RULES = 'orders.yml';
const fileOf = (title: string, cluster = monitoredFixture()): string =>
  monitoringFiles(cluster).files.find((file) => file.title === title)?.text ?? '';

/** One series of a test: the name with its labels besides those of the target, and its values. */
type Series = readonly [member: string, metric: string, values: string];

/** What makes an alert fire, and what is near it and does not. `at`: when it is looked at. */
interface Case {
  readonly at: string;
  readonly fires: readonly Series[];
  readonly quiet: readonly Series[];
  /** Labels by which the alert is told beside its severity. */
  readonly labels: Readonly<Record<string, string>>;
}

const ORDERS = { cluster: 'orders' };
const DB2 = { ...ORDERS, member: 'db2' };
const up = (service: string, value: number): Series => ['db2', `up{service="${service}"}`, `${value}x99`];
const all = (metric: string, values: readonly [string, string, string]): readonly Series[] =>
  values.map((value, index) => [`db${index + 1}`, metric, value]);

/** `time()` begins with 0 in a test: a clock that goes on is 0+60x. */
const SEEN = '0+60x99';

const cases: Readonly<Record<string, Case>> = {
  PatroniNoLeader: {
    at: '3m',
    fires: [
      ...all('patroni_cluster_unlocked', ['1x99', '1x99', '1x99']),
      ...all('patroni_dcs_last_seen', [SEEN, SEEN, SEEN]),
    ],
    quiet: [
      ...all('patroni_cluster_unlocked', ['0x99', '1x99', '1x99']),
      ...all('patroni_dcs_last_seen', [SEEN, SEEN, SEEN]),
    ],
    labels: ORDERS,
  },
  PatroniNoPrimary: {
    at: '3m',
    fires: [
      ...all('patroni_primary', ['0x99', '0x99', '0x99']),
      ...all('patroni_standby_leader', ['0x99', '0x99', '0x99']),
      ...all('patroni_cluster_unlocked', ['0x99', '0x99', '0x99']),
    ],
    quiet: [
      ...all('patroni_primary', ['0x99', '0x99', '0x99']),
      ...all('patroni_standby_leader', ['0x99', '1x99', '0x99']),
      ...all('patroni_cluster_unlocked', ['0x99', '0x99', '0x99']),
    ],
    labels: ORDERS,
  },
  PatroniTwoPrimaries: {
    at: '3m',
    fires: all('patroni_primary', ['1x99', '1x99', '0x99']),
    quiet: all('patroni_primary', ['1x99', '0x99', '0x99']),
    labels: ORDERS,
  },
  PatroniDown: {
    at: '3m',
    fires: [up('patroni', 0)],
    quiet: [up('patroni', 1)],
    labels: { ...DB2, service: 'patroni' },
  },
  PatroniNotCollected: {
    at: '8m',
    fires: [up('etcd', 1)],
    quiet: [up('patroni', 0)],
    labels: { ...ORDERS, service: 'patroni' },
  },
  PatroniPostgresDown: {
    at: '4m',
    fires: [['db2', 'patroni_postgres_running', '0x99']],
    quiet: [['db2', 'patroni_postgres_running', '1x99']],
    labels: DB2,
  },
  PatroniDcsUnreachable: {
    at: '9m',
    fires: [['db2', 'patroni_dcs_last_seen', '0x99']],
    quiet: [['db2', 'patroni_dcs_last_seen', SEEN]],
    labels: DB2,
  },
  PatroniReplicaNotStreaming: {
    at: '6m',
    fires: [
      ['db2', 'patroni_replica', '1x99'],
      ['db2', 'patroni_postgres_running', '1x99'],
      ['db2', 'patroni_postgres_streaming', '0x99'],
    ],
    quiet: [
      ['db3', 'patroni_replica', '1x99'],
      ['db3', 'patroni_postgres_running', '0x99'],
      ['db1', 'patroni_replica', '0x99'],
      ['db1', 'patroni_postgres_running', '1x99'],
      ['db2', 'patroni_postgres_running', '1x99'],
      ['db2', 'patroni_replica', '1x99'],
      ['db2', 'patroni_postgres_streaming', '1x99'],
    ],
    labels: DB2,
  },
  PatroniReplayLag: {
    at: '9m',
    fires: [
      ['db1', 'patroni_xlog_location', '500000000x99'],
      ['db1', 'patroni_xlog_replayed_location', '0x99'],
      ['db2', 'patroni_xlog_replayed_location', '300000000x99'],
    ],
    quiet: [
      ['db1', 'patroni_xlog_location', '500000000x99'],
      ['db1', 'patroni_xlog_replayed_location', '0x99'],
      ['db2', 'patroni_xlog_replayed_location', '499000000x99'],
    ],
    labels: DB2,
  },
  PatroniReplayPaused: {
    at: '20m',
    fires: [['db2', 'patroni_xlog_paused', '1x99']],
    quiet: [['db2', 'patroni_xlog_paused', '0x99']],
    labels: DB2,
  },
  PatroniNoSynchronousStandby: {
    at: '5m',
    fires: [
      ...all('patroni_sync_standby', ['0x99', '0x99', '0x99']),
      ...all('patroni_quorum_standby', ['0x99', '0x99', '0x99']),
    ],
    quiet: [
      ...all('patroni_sync_standby', ['0x99', '0x99', '0x99']),
      ...all('patroni_quorum_standby', ['0x99', '1x99', '0x99']),
    ],
    labels: ORDERS,
  },
  PatroniFailsafe: {
    at: '4m',
    fires: all('patroni_failsafe_mode_is_active', ['1x99', '0x99', '0x99']),
    quiet: all('patroni_failsafe_mode_is_active', ['0x99', '0x99', '0x99']),
    labels: ORDERS,
  },
  PatroniPaused: {
    at: '70m',
    fires: all('patroni_is_paused', ['1x99', '1x99', '1x99']),
    quiet: all('patroni_is_paused', ['0x99', '0x99', '0x99']),
    labels: ORDERS,
  },
  PatroniPendingRestart: {
    at: '70m',
    fires: [['db2', 'patroni_pending_restart', '1x99']],
    quiet: [['db2', 'patroni_pending_restart', '0x50 1x30 0x20']],
    labels: DB2,
  },
  PatroniLeaderChanged: {
    at: '15m',
    fires: all('patroni_postgres_timeline', ['3x10 4x50', '3x10 4x50', '3x10 4x50']),
    quiet: all('patroni_postgres_timeline', ['4x99', '4x99', '0x99']),
    labels: ORDERS,
  },
  PatroniVersionsDiffer: {
    at: '250m',
    fires: all('patroni_version', ['40104x300', '40010x300', '40104x300']),
    quiet: all('patroni_version', ['40104x300', '40104x300', '40104x300']),
    labels: ORDERS,
  },
  EtcdDown: { at: '3m', fires: [up('etcd', 0)], quiet: [up('etcd', 1)], labels: { ...DB2, service: 'etcd' } },
  EtcdNoLeader: {
    at: '3m',
    fires: [['db2', 'etcd_server_has_leader', '0x99']],
    quiet: [['db2', 'etcd_server_has_leader', '1x99']],
    labels: DB2,
  },
  EtcdManyElections: {
    at: '60m',
    fires: [['db2', 'etcd_server_leader_changes_seen_total', '1x20 2+1x6 8x60']],
    quiet: [['db2', 'etcd_server_leader_changes_seen_total', '7x20 8x60']],
    labels: DB2,
  },
  EtcdDatabaseNearlyFull: {
    at: '15m',
    fires: [
      ['db2', 'etcd_mvcc_db_total_size_in_bytes', '900x99'],
      ['db2', 'etcd_server_quota_backend_bytes', '1000x99'],
    ],
    quiet: [
      ['db2', 'etcd_mvcc_db_total_size_in_bytes', '700x99'],
      ['db2', 'etcd_server_quota_backend_bytes', '1000x99'],
    ],
    labels: DB2,
  },
  EtcdSlowDisk: {
    at: '30m',
    fires: [
      ['db2', 'etcd_disk_wal_fsync_duration_seconds_bucket{le="0.512"}', '0x99'],
      ['db2', 'etcd_disk_wal_fsync_duration_seconds_bucket{le="1.024"}', '0+10x99'],
      ['db2', 'etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"}', '0+10x99'],
    ],
    quiet: [
      ['db2', 'etcd_disk_wal_fsync_duration_seconds_bucket{le="0.256"}', '0+10x99'],
      ['db2', 'etcd_disk_wal_fsync_duration_seconds_bucket{le="0.512"}', '0+10x99'],
      ['db2', 'etcd_disk_wal_fsync_duration_seconds_bucket{le="1.024"}', '0+10x99'],
      ['db2', 'etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"}', '0+10x99'],
    ],
    labels: DB2,
  },
  PostgresExporterDown: {
    at: '5m',
    fires: [up('postgres', 0)],
    quiet: [up('postgres', 1)],
    labels: { ...DB2, service: 'postgres' },
  },
  PostgresExporterCannotLogIn: {
    at: '9m',
    fires: [
      ['db2', 'pg_up', '0x99'],
      ['db2', 'patroni_postgres_running', '1x99'],
    ],
    quiet: [
      ['db2', 'pg_up', '0x99'],
      ['db2', 'patroni_postgres_running', '0x99'],
    ],
    labels: DB2,
  },
  PostgresConnectionsNearLimit: {
    at: '9m',
    fires: [
      ['db2', 'pg_stat_activity_count{state="active"}', '50x99'],
      ['db2', 'pg_stat_activity_count{state="idle"}', '45x99'],
      ['db2', 'pg_settings_max_connections', '100x99'],
    ],
    quiet: [
      ['db2', 'pg_stat_activity_count{state="active"}', '40x99'],
      ['db2', 'pg_stat_activity_count{state="idle"}', '45x99'],
      ['db2', 'pg_settings_max_connections', '100x99'],
    ],
    labels: DB2,
  },
  PostgresLongTransaction: {
    at: '9m',
    fires: [['db2', 'pg_stat_activity_max_tx_duration{state="idle in transaction"}', '4000x99']],
    quiet: [['db2', 'pg_stat_activity_max_tx_duration{state="active"}', '9000x99']],
    labels: DB2,
  },
  PostgresSlotRetainsWal: {
    at: '15m',
    fires: [['db2', 'pg_replication_slots_pg_wal_lsn_diff{slot_name="gone"}', '20000000000x99']],
    quiet: [['db2', 'pg_replication_slots_pg_wal_lsn_diff{slot_name="gone"}', '9000000000x99']],
    labels: { ...DB2, slot_name: 'gone' },
  },
  PostgresArchiveFails: {
    at: '30m',
    fires: [['db2', 'pg_stat_archiver_failed_count', '0+1x99']],
    quiet: [['db2', 'pg_stat_archiver_failed_count', '7x99']],
    labels: DB2,
  },
  NodeDown: { at: '3m', fires: [up('node', 0)], quiet: [up('node', 1)], labels: { ...DB2, service: 'node' } },
  NodeDiskFilling: {
    at: '15m',
    fires: [
      ['db2', 'node_filesystem_avail_bytes{mountpoint="/",fstype="ext4"}', '5x99'],
      ['db2', 'node_filesystem_size_bytes{mountpoint="/",fstype="ext4"}', '100x99'],
    ],
    quiet: [
      ['db2', 'node_filesystem_avail_bytes{mountpoint="/run",fstype="tmpfs"}', '0x99'],
      ['db2', 'node_filesystem_size_bytes{mountpoint="/run",fstype="tmpfs"}', '100x99'],
    ],
    labels: { ...DB2, mountpoint: '/', fstype: 'ext4' },
  },
  NodeMemoryLow: {
    at: '15m',
    fires: [
      ['db2', 'node_memory_MemAvailable_bytes', '4x99'],
      ['db2', 'node_memory_MemTotal_bytes', '100x99'],
    ],
    quiet: [
      ['db2', 'node_memory_MemAvailable_bytes', '40x99'],
      ['db2', 'node_memory_MemTotal_bytes', '100x99'],
    ],
    labels: DB2,
  },
  HaproxyDown: {
    at: '3m',
    fires: [up('haproxy', 0)],
    quiet: [up('haproxy', 1)],
    labels: { ...DB2, service: 'haproxy' },
  },
  HaproxyNoServer: {
    at: '5m',
    fires: [['db2', 'haproxy_backend_active_servers{proxy="primary"}', '0x99']],
    quiet: [['db2', 'haproxy_backend_active_servers{proxy="stats"}', '0x99']],
    labels: { ...DB2, proxy: 'primary' },
  },
};

/** The one that is only told of an older Patroni. */
const older = monitoredFixture({ patroni: programFixture(8008, { version: '3.0.2' }) });
const olderCases: Readonly<Record<string, Case>> = {
  PatroniTimelineBehind: {
    at: '9m',
    fires: all('patroni_postgres_timeline', ['4x99', '3x99', '0x99']),
    quiet: all('patroni_postgres_timeline', ['4x99', '4x99', '0x99']),
    labels: DB2,
  },
};

function series([member, metric, values]: Series): { readonly series: string; readonly values: string } {
  const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(metric) ?? [];
  const own = labels === '' ? '' : `,${labels}`;
  return { series: `${name}{cluster="orders",member="${member}"${own}}`, values };
}

/** Two tests for each alert: that it fires and, with what is near it, that it does not. Each looks at that alert alone. */
function testFile(told: Readonly<Record<string, Case>>): string {
  const severities = new Map(prometheusAlerts.map(({ name, severity }) => [name, severity]));
  const tests = Object.entries(told).flatMap(([name, { at, fires, quiet, labels }]) =>
    ([fires, quiet] as const).map((input, isQuiet) => ({
      name: `${name} ${isQuiet === 0 ? 'fires' : 'is quiet'}`,
      interval: '1m',
      input_series: input.map(series),
      alert_rule_test: [
        {
          eval_time: at,
          alertname: name,
          exp_alerts: isQuiet === 1 ? [] : [{ exp_labels: { ...labels, severity: severities.get(name) } }],
        },
      ],
    })),
  );
  return stringify({ rule_files: [RULES], evaluation_interval: '1m', tests }, { lineWidth: 0 });
}

/** The rules without words: promtool would want those of every alert repeated, with the values that they name. */
function withoutWords(rules: string): string {
  return rules.replaceAll(/\n {8}annotations:\n(?: {10}.*\n)+/g, '\n');
}

describe.skipIf(findPromtool() === null)('the files for Prometheus (needs promtool, of the package prometheus)', () => {
  const versions = ['2.1.7', '3.0.2', '3.3.8', '4.0.7', '4.1.4', null];

  it.each(versions)('are rules and a configuration that Prometheus itself takes, for Patroni %s', async (version) => {
    const patroni = programFixture(8008, { version, tls: true, certificate: true });
    const cluster = monitoredFixture({ patroni, name: `a "b" 'c': {{d}} \\e #` });
    const rules = await askPromtool(['check', 'rules', RULES], { [RULES]: fileOf('Alert rules', cluster) });
    expect(rules).toEqual({ ok: true, said: expect.stringContaining('SUCCESS') });
    const files = { 'prometheus.yml': fileOf('Scrape configuration', cluster) };
    const config = await askPromtool(['check', 'config', '--syntax-only', 'prometheus.yml'], files);
    expect(config, config.said).toMatchObject({ ok: true });
  });

  it('are panels whose expressions Prometheus reads', async () => {
    const { expressions } = grafanaDashboard(monitoredFixture(), 'orders');
    const rules = expressions.map((expr, index) => ({ record: `panel:${index}`, expr }));
    const text = stringify({ groups: [{ name: 'panels', rules }] }, { lineWidth: 0 });
    const { ok, said } = await askPromtool(['check', 'rules', RULES], { [RULES]: text });
    expect(ok, said).toBe(true);
  });

  it.each([
    ['the newest Patroni', monitoredFixture(), cases],
    ['an older Patroni', older, olderCases],
  ] as const)(
    'have alerts that each fire by their cause and not by what is near it (%s)',
    async (_what, cluster, told) => {
      const files = { [RULES]: withoutWords(fileOf('Alert rules', cluster)), 'tests.yml': testFile(told) };
      const { ok, said } = await askPromtool(['test', 'rules', 'tests.yml'], files);
      expect(ok, said).toBe(true);
    },
  );

  it('have a test for every alert', () => {
    expect(Object.keys(cases).toSorted()).toEqual(
      alertsFor(monitoredFixture())
        .alerts.map(({ alert }) => alert.name)
        .toSorted(),
    );
    expect(Object.keys({ ...cases, ...olderCases }).toSorted()).toEqual(
      prometheusAlerts.map(({ name }) => name).toSorted(),
    );
  });
});
