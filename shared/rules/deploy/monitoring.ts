import { bracketHost, ETCD_CLIENT_PORT, readHostPort } from '../../model/connect/host-port';
import type { DeployFacts } from '../../model/deploy/facts';
import type { Endpoint } from '../../model/deploy/plan';
import type { ClusterSpec } from '../../model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../model/deploy/spec/server-spec';
import type { MonitoredCluster, MonitoredProgram } from '../../model/monitoring/monitored-cluster';
import { lowestPatroniVersion } from '../cluster/patroni-version';
import { serversWith } from './layout';

/** The units that monitoring runs, those of the server with Prometheus first. */
export const monitoringUnits = {
  prometheus: 'prometheus.service',
  alertmanager: 'prometheus-alertmanager.service',
  node: 'prometheus-node-exporter.service',
  postgres: 'prometheus-postgres-exporter.service',
} as const;

/** Where Prometheus reads the authority that signed the certificates of Patroni's REST API. */
export const prometheusTlsFiles = { ca: '/etc/prometheus/tls/ca.crt' } as const;

/** The server with Prometheus; undefined where the cluster has none. */
export function prometheusServer(spec: Pick<ClusterSpec, 'servers'>): ServerSpec | undefined {
  return spec.servers.find((server) => server.roles.includes('prometheus'));
}

/** The members that get exporters: all, where there is a Prometheus. */
export function monitoredMembers(spec: ClusterSpec): readonly ServerSpec[] {
  return prometheusServer(spec) === undefined
    ? []
    : serversWith(spec, 'postgres').filter(({ name }) => !spec.adopted.includes(name));
}

/** Whether etcd tells its metrics at a port of their own. */
export function asksEtcdApart(spec: ClusterSpec): boolean {
  return spec.tls === 'on' && prometheusServer(spec) !== undefined;
}

/** Everything that the Prometheus of a cluster collects from, by program. */
export type CollectedFrom = Readonly<Record<'patroni' | 'etcd' | 'node' | 'postgres', readonly Endpoint[]>>;

/** Where the Prometheus of a cluster collects from. An etcd of others with TLS wants a certificate of theirs, and is left out. */
export function collectedFrom(spec: ClusterSpec): CollectedFrom {
  const { prometheus, patroni, etcd, tls } = spec;
  const at = (servers: readonly ServerSpec[], port: number): readonly Endpoint[] =>
    servers.map(({ name, address }) => ({ server: name, address, port }));
  const members = monitoredMembers(spec);
  return {
    patroni: at(serversWith(spec, 'postgres'), patroni.restPort),
    etcd: [
      ...at(serversWith(spec, 'etcd'), asksEtcdApart(spec) ? prometheus.etcdMetricsPort : etcd.clientPort),
      ...(tls === 'on' ? [] : externalTargets(etcd.external)),
    ],
    node: at(members, prometheus.nodePort),
    postgres: at(members, prometheus.postgresPort),
  };
}

function externalTargets(external: readonly string[]): readonly Endpoint[] {
  return external.flatMap((text) => {
    const place = readHostPort(text, ETCD_CLIENT_PORT);
    return place === null ? [] : [{ server: place.host, address: place.host, port: place.port }];
  });
}

/** The cluster of a spec as its Prometheus sees it. What depends on Patroni's version follows the packages of the members. */
export function monitoredSpec(spec: ClusterSpec, facts: Pick<DeployFacts, 'servers'>): MonitoredCluster {
  const from = collectedFrom(spec);
  const program = (targets: readonly Endpoint[], more: Partial<MonitoredProgram> = {}): MonitoredProgram => ({
    version: null,
    targets: targets.map(({ server, address, port }) => ({
      member: server,
      address: `${bracketHost(address)}:${port}`,
    })),
    tls: false,
    certificate: false,
    ...more,
  });
  return {
    name: spec.scope,
    patroni: program(from.patroni, { version: patroniVersion(spec, facts), tls: spec.tls === 'on' }),
    etcd: from.etcd.length === 0 ? null : program(from.etcd),
    postgres: program(from.postgres),
    node: program(from.node),
    haproxy: null,
    synchronous: spec.patroni.synchronousMode !== 'off',
  };
}

/** The lowest version among the members: what is installed, or what apt would install; null where one is not known. */
function patroniVersion(spec: ClusterSpec, { servers }: Pick<DeployFacts, 'servers'>): string | null {
  const { patroni } = spec.sources;
  if (patroni.kind === 'pip') return patroni.version ?? null;
  const versions = serversWith(spec, 'postgres').map(({ name }) => {
    const text = servers[name]?.packages['patroni'] ?? servers[name]?.candidates['patroni'] ?? '';
    return /^(?:\d+:)?(\d+\.\d+\.\d+)/.exec(text)?.[1] ?? null;
  });
  return versions.includes(null) ? null : lowestPatroniVersion(versions);
}
