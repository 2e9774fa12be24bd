import type { ClusterSpec, SpecProblem } from '../../../../model/deploy/spec/cluster-spec';
import type { ServerRole, ServerSpec } from '../../../../model/deploy/spec/server-spec';
import { asksEtcdApart, prometheusServer } from '../../monitoring';
import { problem, repeated } from './problem';

/** A port a deployment will listen on, and what for. */
export interface UsedPort {
  readonly port: number;
  readonly role: ServerRole;
  readonly name: string;
  readonly path: string;
}

/** All ports that will be used on one server. */
export function portsOf(spec: ClusterSpec, server: Pick<ServerSpec, 'roles'>): readonly UsedPort[] {
  const all: readonly UsedPort[] = [
    { port: spec.etcd.clientPort, role: 'etcd', name: 'etcd', path: 'etcd.clientPort' },
    { port: spec.etcd.peerPort, role: 'etcd', name: 'etcd between its members', path: 'etcd.peerPort' },
    { port: spec.postgres.port, role: 'postgres', name: 'PostgreSQL', path: 'postgres.port' },
    { port: spec.patroni.restPort, role: 'postgres', name: "Patroni's REST API", path: 'patroni.restPort' },
    { port: spec.haproxy.primaryPort, role: 'haproxy', name: 'HAProxy to the primary', path: 'haproxy.primaryPort' },
    { port: spec.haproxy.replicaPort, role: 'haproxy', name: 'HAProxy to the replicas', path: 'haproxy.replicaPort' },
    { port: spec.haproxy.statsPort, role: 'haproxy', name: "HAProxy's statistics", path: 'haproxy.statsPort' },
    { port: spec.pgbouncer.port, role: 'pgbouncer', name: 'PgBouncer', path: 'pgbouncer.port' },
  ];
  return [...all, ...monitoringPorts(spec)].filter((used) => server.roles.includes(used.role));
}

/** The ports of Prometheus, Alertmanager and what they collect from; none where there is no Prometheus. */
function monitoringPorts(spec: ClusterSpec): readonly UsedPort[] {
  if (prometheusServer(spec) === undefined) return [];
  const { port, alertmanagerPort, nodePort, postgresPort, etcdMetricsPort } = spec.prometheus;
  return [
    { port, role: 'prometheus', name: 'Prometheus', path: 'prometheus.port' },
    { port: alertmanagerPort, role: 'prometheus', name: 'Alertmanager', path: 'prometheus.alertmanagerPort' },
    { port: nodePort, role: 'postgres', name: 'node_exporter', path: 'prometheus.nodePort' },
    { port: postgresPort, role: 'postgres', name: 'postgres_exporter', path: 'prometheus.postgresPort' },
    ...(asksEtcdApart(spec)
      ? [
          {
            port: etcdMetricsPort,
            role: 'etcd',
            name: "etcd's metrics",
            path: 'prometheus.etcdMetricsPort',
          } as const,
        ]
      : []),
  ];
}

/** Two services of one server on one port; said once, however many servers it concerns. */
export function portProblems(spec: ClusterSpec): SpecProblem[] {
  const found = spec.servers.flatMap((server) => {
    const used = portsOf(spec, server);
    return repeated(used, (entry) => String(entry.port)).map(({ index, first, value }) =>
      problem(
        'port_clash',
        used[index]?.path ?? '',
        `${used[first]?.name ?? ''} and ${used[index]?.name ?? ''} would both use port ${value} on ${server.name}.`,
        'Give one of them another port.',
      ),
    );
  });
  return found.filter((entry, index) => found.findIndex((other) => other.path === entry.path) === index);
}
