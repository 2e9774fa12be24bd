import type { ScopeFacts, DeployFacts, ServerFacts } from '../../../shared/model/deploy/facts';
import {
  clusterSpecSchema,
  type ClusterSpec,
  type ClusterSpecInput,
} from '../../../shared/model/deploy/spec/cluster-spec';

/** Three servers that are all of it; what a test is about is laid over it. */
export function specFixture(change: Partial<ClusterSpecInput> = {}): ClusterSpec {
  const servers = ['n1', 'n2', 'n3'].map((name, index) => ({
    name,
    address: `10.0.0.${11 + index}`,
    ssh: { server: name },
    roles: ['etcd', 'postgres', 'haproxy', 'pgbouncer'] as const,
  }));
  return clusterSpecSchema.parse({
    version: 1,
    id: 'main-id',
    scope: 'main',
    tls: 'off',
    servers: servers.map((server) => ({ ...server, roles: [...server.roles] })),
    ...change,
  });
}

/** A bare Debian server as it was found; `change` lays what a test is about over it. */
export function bareServer(server: string, address: string, change: Partial<ServerFacts> = {}): ServerFacts {
  return {
    server,
    at: 1_000,
    root: true,
    hostname: server,
    hostnameAddresses: ['127.0.1.1'],
    addresses: ['127.0.0.1', address],
    interfaces: [
      { name: 'lo', address: '127.0.0.1', prefix: 8 },
      { name: 'eth0', address, prefix: 24 },
    ],
    os: { id: 'debian', version: '13', codename: 'trixie', title: 'Debian GNU/Linux 13 (trixie)' },
    architecture: 'amd64',
    systemd: true,
    cpus: 4,
    memoryBytes: 8 * 1024 ** 3,
    disks: [{ path: '/', device: '/dev/sda1', totalBytes: 100 * 1024 ** 3, freeBytes: 80 * 1024 ** 3 }],
    ports: [],
    users: ['root'],
    groups: ['root'],
    packages: {},
    units: {},
    paths: {},
    locales: ['C', 'C.utf8', 'POSIX'],
    clockOffsetMs: 0,
    candidates: {
      'postgresql-17': '17.6',
      patroni: '4.0.7',
      'etcd-server': '3.5.16',
      'etcd-client': '3.5.16',
      'python3-etcd': '0.4',
      haproxy: '3.0',
      pgbouncer: '1.24',
    },
    apt: { lockedBy: null, interrupted: false, listsAgeSeconds: 60, hosts: ['mirror.example:80'], sources: [] },
    postgresClusters: [],
    etcdDirectories: [],
    security: { selinux: 'absent', apparmor: 'N' },
    watchdogDevice: false,
    softdog: false,
    manifest: null,
    made: { packages: [], users: [], groups: [], pending: false },
    ...change,
  };
}

/** Nothing of the cluster answers yet. */
export const silentCluster: ScopeFacts = {
  etcdHealthy: {},
  etcdMembers: null,
  initialize: null,
  patroni: {},
  sql: null,
  config: null,
};

/** Facts of a spec whose servers are bare. */
export function bareFacts(spec: ClusterSpec, change: Partial<DeployFacts> = {}): DeployFacts {
  return {
    servers: Object.fromEntries(spec.servers.map((server) => [server.name, bareServer(server.name, server.address)])),
    cluster: silentCluster,
    certificates: {},
    at: 1_000,
    ...change,
  };
}
