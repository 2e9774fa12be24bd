import { bracketHost } from '../../../model/connect/host-port';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import type { MonitoredCluster } from '../../../model/monitoring/monitored-cluster';
import { rulesText, scrapeText } from '../../monitoring/monitoring-files';
import { alertsFor } from '../../monitoring/prometheus-alerts';
import { layoutOf } from '../layout';
import { prometheusTlsFiles } from '../monitoring';
import { exporterUser, type SecretReader } from '../secrets';
import { unitText } from './units';

const written = (spec: ClusterSpec): string => `# Written by Matriarch for the cluster ${spec.scope}.`;

/** /etc/prometheus/prometheus.yml: what is collected, the rules, and the Alertmanager on the same server. */
export function prometheusConfig(spec: ClusterSpec, cluster: MonitoredCluster): string {
  return scrapeText(cluster, {
    head: written(spec),
    rulesPath: layoutOf(spec).prometheusRules,
    // Patroni's REST API alone is asked by TLS here, and it wants no certificate for what it tells.
    pathsOf: () => ({ ca: prometheusTlsFiles.ca, cert: '', key: '' }),
    alertmanager: `127.0.0.1:${spec.prometheus.alertmanagerPort}`,
  });
}

/** The alert rules for what is collected and for the version of Patroni. */
export function prometheusRules(cluster: MonitoredCluster): string {
  return rulesText(cluster, alertsFor(cluster).alerts);
}

/** /etc/default/prometheus: it listens on loopback alone, because it asks nobody for a login. */
export function prometheusDefaults(spec: ClusterSpec): string {
  const { port, retentionDays } = spec.prometheus;
  return defaultsText(spec, [
    `--web.listen-address=127.0.0.1:${port}`,
    `--storage.tsdb.retention.time=${retentionDays}d`,
  ]);
}

/** /etc/default/prometheus-alertmanager: on loopback alone, and without others of its kind, for whom it would open a port. */
export function alertmanagerDefaults(spec: ClusterSpec): string {
  return defaultsText(spec, [
    `--web.listen-address=127.0.0.1:${spec.prometheus.alertmanagerPort}`,
    '--cluster.listen-address=',
    `--config.file=${layoutOf(spec).alertmanagerConfig}`,
  ]);
}

/**
 * What Alertmanager starts with: it shows alerts and sends them to nobody. The package's own example would write mails to addresses
 * of other people.
 */
export function alertmanagerConfig(spec: ClusterSpec): string {
  return `${written(spec)} It is yours from now on: name who is to be told, as
# https://prometheus.io/docs/alerting/latest/configuration/ says, then: systemctl reload prometheus-alertmanager
route:
  receiver: nobody
  group_by: [alertname, cluster]
receivers:
  - name: nobody
`;
}

/** /etc/default/prometheus-node-exporter of one member. */
export function nodeExporterDefaults(spec: ClusterSpec, server: ServerSpec): string {
  return defaultsText(spec, [`--web.listen-address=${bracketHost(server.address)}:${spec.prometheus.nodePort}`]);
}

/**
 * /etc/default/prometheus-postgres-exporter of one member. systemd puts it into the environment of the program, so that the password
 * stands in a file of its own, which the program reads.
 */
export function postgresExporterDefaults(spec: ClusterSpec, server: ServerSpec): string {
  const { postgresPort } = spec.prometheus;
  return defaultsText(spec, [`--web.listen-address=${bracketHost(server.address)}:${postgresPort}`], {
    DATA_SOURCE_URI: `127.0.0.1:${spec.postgres.port}/postgres?sslmode=disable`,
    DATA_SOURCE_USER: exporterUser,
    DATA_SOURCE_PASS_FILE: layoutOf(spec).postgresExporterPassword,
  });
}

/** The password of postgres_exporter's role, and nothing else. */
export function exporterPassword(secret: SecretReader): string {
  return `${secret('exporter')}\n`;
}

/** A file as Debian's units of these programs read it: the words of the command line are in ARGS. */
function defaultsText(
  spec: ClusterSpec,
  words: readonly string[],
  more: Readonly<Record<string, string>> = {},
): string {
  const settings = Object.entries({ ARGS: words.join(' '), ...more });
  return [written(spec), ...settings.map(([name, value]) => `${name}="${value}"`), ''].join('\n');
}

/** A program that listens on the server's own address must not give up while the network comes. */
export function monitoringDropIn(): string {
  return unitText({
    Unit: { Wants: 'network-online.target', After: 'network-online.target', StartLimitIntervalSec: '0' },
    Service: { Restart: 'always', RestartSec: '5' },
  });
}
