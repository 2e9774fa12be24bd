import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Server } from '../../../shared/model/connect/server';

/** A server that needs nothing but what a test says. */
export function aServer(fields: Partial<Server>): Server {
  return {
    id: 's1',
    name: 'db1',
    host: '192.0.2.1',
    port: 22,
    user: 'admin',
    auth: { kind: 'agent' },
    sudo: { kind: 'passwordless' },
    jump: [],
    tags: [],
    ...fields,
  };
}

/** A cluster of one member on server `s1`. */
export function aCluster(fields: Partial<ClusterEntry>): ClusterEntry {
  return {
    id: 'c1',
    title: 'Orders',
    scope: 'orders',
    namespace: 'service',
    tags: [],
    production: false,
    readOnly: false,
    members: [{ name: 'db1', serverId: 's1', apiUrl: 'http://192.0.2.1:8008/patroni' }],
    etcd: { endpoints: [{ host: '192.0.2.1', port: 2379, serverId: 's1' }], tls: null, auth: null },
    rest: { tls: null, auth: null },
    origin: 'user',
    ...fields,
  };
}
