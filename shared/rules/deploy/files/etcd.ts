import { bracketHost } from '../../../model/connect/host-port';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { layoutOf, serversWith } from '../layout';
import { asksEtcdApart } from '../monitoring';

/** How a member joins: the first members make a `new` cluster, later ones find an `existing` one. */
export interface EtcdStart {
  readonly state: 'new' | 'existing';
  /** `name=peer URL` of all members this one starts with. */
  readonly initialCluster: string;
}

/** The start of a cluster that is made by this deployment with all its members at once. */
export function newEtcdCluster(spec: ClusterSpec): EtcdStart {
  const members = serversWith(spec, 'etcd').map((server) => `${server.name}=${peerUrl(spec, server)}`);
  return { state: 'new', initialCluster: members.join(',') };
}

/** The URL other members reach this one by. */
export function peerUrl(spec: ClusterSpec, server: ServerSpec): string {
  return `${scheme(spec)}://${bracketHost(server.address)}:${spec.etcd.peerPort}`;
}

/** The URL Patroni reaches this member by. */
export function clientUrl(spec: ClusterSpec, server: ServerSpec): string {
  return `${scheme(spec)}://${bracketHost(server.address)}:${spec.etcd.clientPort}`;
}

function scheme(spec: ClusterSpec): string {
  return spec.tls === 'on' ? 'https' : 'http';
}

/** /etc/default/etcd: the settings of one member, read by the distribution's unit. */
export function etcdDefaults(spec: ClusterSpec, server: ServerSpec, start: EtcdStart): string {
  const loopback = `${scheme(spec)}://127.0.0.1:${spec.etcd.clientPort}`;
  const settings: Record<string, string> = {
    ETCD_NAME: server.name,
    ETCD_DATA_DIR: layoutOf(spec).etcdData,
    ETCD_LISTEN_PEER_URLS: peerUrl(spec, server),
    ETCD_LISTEN_CLIENT_URLS: `${clientUrl(spec, server)},${loopback}`,
    ETCD_INITIAL_ADVERTISE_PEER_URLS: peerUrl(spec, server),
    ETCD_ADVERTISE_CLIENT_URLS: clientUrl(spec, server),
    ETCD_INITIAL_CLUSTER: start.initialCluster,
    ETCD_INITIAL_CLUSTER_STATE: start.state,
    ETCD_INITIAL_CLUSTER_TOKEN: spec.scope,
    ETCD_AUTO_COMPACTION_MODE: 'periodic',
    ETCD_AUTO_COMPACTION_RETENTION: '1h',
    ...(spec.tls === 'on' ? etcdTls() : {}),
    ...(asksEtcdApart(spec) ? { ETCD_LISTEN_METRICS_URLS: metricsUrl(spec, server) } : {}),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}="${value}"`);
  return ['# Written by Matriarch for the cluster ' + spec.scope + '.', ...lines, ''].join('\n');
}

/**
 * Metrics at a port of their own: with TLS the clients' port wants a certificate, and whoever has one may change every key. This one
 * tells metrics and health, to anybody, and takes nothing.
 */
function metricsUrl(spec: ClusterSpec, server: ServerSpec): string {
  return `http://${bracketHost(server.address)}:${spec.prometheus.etcdMetricsPort}`;
}

/** Where the certificates of etcd lie on a server. */
export const etcdTlsFiles = {
  ca: '/etc/etcd/tls/ca.crt',
  cert: '/etc/etcd/tls/etcd.crt',
  key: '/etc/etcd/tls/etcd.key',
} as const;

function etcdTls(): Record<string, string> {
  const { ca, cert, key } = etcdTlsFiles;
  return {
    ETCD_CERT_FILE: cert,
    ETCD_KEY_FILE: key,
    ETCD_TRUSTED_CA_FILE: ca,
    ETCD_CLIENT_CERT_AUTH: 'true',
    ETCD_PEER_CERT_FILE: cert,
    ETCD_PEER_KEY_FILE: key,
    ETCD_PEER_TRUSTED_CA_FILE: ca,
    ETCD_PEER_CLIENT_CERT_AUTH: 'true',
  };
}
