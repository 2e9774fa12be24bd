import { ETCD_CLIENT_PORT, readHostPort } from '../../model/connect/host-port';
import type { ClusterSpec } from '../../model/deploy/spec/cluster-spec';
import type { ServerRole, ServerSpec } from '../../model/deploy/spec/server-spec';
import type { Endpoint } from '../../model/deploy/plan';

/** Where things lie on a server, for one spec. One place, so that the plan, the facts and the undo agree. */
export interface Layout {
  readonly manifest: string;
  readonly stateDirectory: string;
  readonly etcdDefaults: string;
  readonly etcdUnit: string;
  readonly etcdDropIn: string;
  readonly etcdData: string;
  readonly createCluster: string;
  readonly patroniConfig: string;
  readonly patroniUnit: string;
  readonly patroniDropIn: string;
  readonly haproxyConfig: string;
  readonly haproxyUnchecked: string;
  readonly haproxyKeepServers: string;
  readonly haproxyDropIn: string;
  readonly pgbouncerConfig: string;
  readonly pgbouncerHba: string;
  readonly pgbouncerUsers: string;
  readonly pgbouncerDropIn: string;
  readonly keepalivedConfig: string;
  readonly keepalivedScript: string;
  readonly keepalivedDropIn: string;
  readonly vipManagerConfig: string;
  readonly vipManagerDropIn: string;
  readonly nodeExporterSettings: string;
  readonly nodeExporterDropIn: string;
  readonly postgresExporterSettings: string;
  readonly postgresExporterPassword: string;
  readonly postgresExporterDropIn: string;
  readonly prometheusConfig: string;
  readonly prometheusRules: string;
  readonly prometheusSettings: string;
  readonly prometheusDropIn: string;
  readonly alertmanagerConfig: string;
  readonly alertmanagerSettings: string;
  readonly alertmanagerDropIn: string;
  readonly watchdogModule: string;
  readonly watchdogRule: string;
}

/** The paths for a scope. The distribution's own places are used, so that its tools and documents stay right. */
export function layoutOf(spec: Pick<ClusterSpec, 'scope' | 'etcd'>): Layout {
  return {
    manifest: `/etc/matriarch/manifest-${spec.scope}.json`,
    stateDirectory: `/var/lib/matriarch/${spec.scope}`,
    etcdDefaults: '/etc/default/etcd',
    etcdUnit: '/etc/systemd/system/etcd.service',
    etcdDropIn: '/etc/systemd/system/etcd.service.d/10-matriarch.conf',
    etcdData: spec.etcd.dataDirectory ?? `/var/lib/etcd/${spec.scope}`,
    createCluster: '/etc/postgresql-common/createcluster.d/matriarch.conf',
    patroniConfig: '/etc/patroni/config.yml',
    patroniUnit: '/etc/systemd/system/patroni.service',
    patroniDropIn: '/etc/systemd/system/patroni.service.d/10-matriarch.conf',
    haproxyConfig: '/etc/haproxy/haproxy.cfg',
    haproxyUnchecked: '/etc/haproxy/matriarch-unchecked.state',
    haproxyKeepServers: '/etc/haproxy/matriarch-keep-servers',
    haproxyDropIn: '/etc/systemd/system/haproxy.service.d/10-matriarch.conf',
    pgbouncerConfig: '/etc/pgbouncer/pgbouncer.ini',
    pgbouncerHba: '/etc/pgbouncer/matriarch-hba.conf',
    pgbouncerUsers: '/etc/pgbouncer/userlist.txt',
    pgbouncerDropIn: '/etc/systemd/system/pgbouncer.service.d/10-matriarch.conf',
    keepalivedConfig: '/etc/keepalived/keepalived.conf',
    keepalivedScript: '/etc/keepalived/matriarch-alive',
    keepalivedDropIn: '/etc/systemd/system/keepalived.service.d/10-matriarch.conf',
    vipManagerConfig: '/etc/default/vip-manager.yml',
    vipManagerDropIn: '/etc/systemd/system/vip-manager.service.d/10-matriarch.conf',
    nodeExporterSettings: '/etc/default/prometheus-node-exporter',
    nodeExporterDropIn: '/etc/systemd/system/prometheus-node-exporter.service.d/10-matriarch.conf',
    postgresExporterSettings: '/etc/default/prometheus-postgres-exporter',
    postgresExporterPassword: '/etc/prometheus/matriarch-exporter.password',
    postgresExporterDropIn: '/etc/systemd/system/prometheus-postgres-exporter.service.d/10-matriarch.conf',
    prometheusConfig: '/etc/prometheus/prometheus.yml',
    prometheusRules: '/etc/prometheus/rules/matriarch.yml',
    prometheusSettings: '/etc/default/prometheus',
    prometheusDropIn: '/etc/systemd/system/prometheus.service.d/10-matriarch.conf',
    alertmanagerConfig: '/etc/prometheus/matriarch-alertmanager.yml',
    alertmanagerSettings: '/etc/default/prometheus-alertmanager',
    alertmanagerDropIn: '/etc/systemd/system/prometheus-alertmanager.service.d/10-matriarch.conf',
    watchdogModule: '/etc/modules-load.d/matriarch-watchdog.conf',
    watchdogRule: '/etc/udev/rules.d/61-matriarch-watchdog.rules',
  };
}

/** Where PostgreSQL's data lies: Debian's place for the cluster "main", unless the spec says otherwise. */
export function postgresDataDirectory(spec: ClusterSpec, version: number): string {
  return spec.postgres.dataDirectory ?? `/var/lib/postgresql/${version}/main`;
}

/** The servers that have a role, in the order of the spec. */
export function serversWith(spec: ClusterSpec, role: ServerRole): readonly ServerSpec[] {
  return spec.servers.filter((server) => server.roles.includes(role));
}

/** The server whose PostgreSQL is initialised first. */
export function firstLeader(spec: ClusterSpec): ServerSpec | undefined {
  const members = serversWith(spec, 'postgres');
  return members.find((server) => server.name === spec.firstLeader) ?? members[0];
}

/** Addresses of a port on all servers with a role. */
export function endpoints(spec: ClusterSpec, role: ServerRole, port: number): readonly Endpoint[] {
  return serversWith(spec, role).map((server) => ({ server: server.name, address: server.address, port }));
}

/** The client addresses of an etcd of others, asked from the first PostgreSQL server, whose Patroni must reach it. */
export function externalEtcd(spec: ClusterSpec): readonly { readonly name: string; readonly endpoint: Endpoint }[] {
  const [first] = serversWith(spec, 'postgres');
  if (first === undefined) return [];
  return spec.etcd.external.flatMap((text) => {
    const address = readHostPort(text, ETCD_CLIENT_PORT);
    if (address === null) return [];
    return [{ name: text, endpoint: { server: first.name, address: address.host, port: address.port } }];
  });
}
