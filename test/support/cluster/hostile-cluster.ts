import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startEtcdWire } from './etcd-wire';

/** Names that no page, path or command may stumble over: quotes, a newline, markup that would run, 300 characters. */
export const hostileNames: readonly string[] = [
  `d'b "2"`,
  'db\n3',
  `<img src=x onerror="document.title='owned'">`,
  'x'.repeat(300),
];

/** A healthy cluster led by db1 whose other members have hostile names: etcd and one REST API per member on loopback. */
export interface HostileCluster {
  readonly restUrls: string[];
  /** host:port */
  readonly etcd: string;
  close(): Promise<void>;
}

/** A replica of such a cluster, with what it reports beside what all do, e.g. `tags`. */
export interface FixedReplica {
  readonly name: string;
  readonly reports?: Readonly<Record<string, unknown>>;
}

/** Starts it. */
export function startHostileCluster(): Promise<HostileCluster> {
  return startFixedCluster(hostileNames.map((name) => ({ name })));
}

/** Starts a healthy cluster that is led by db1 and never changes. */
export async function startFixedCluster(replicas: readonly FixedReplica[]): Promise<HostileCluster> {
  const names = ['db1', ...replicas.map(({ name }) => name)];
  const reportsOf = (name: string) => replicas.find((replica) => replica.name === name)?.reports ?? {};
  const wire = await startEtcdWire(1);
  const servers = await Promise.all(names.map((name) => startMember(name, names, reportsOf(name))));
  const rows = names.map((name, index) => ({
    name,
    apiUrl: urlOf(servers[index]),
    role: index === 0 ? 'primary' : 'replica',
  }));
  for (const { name, apiUrl, role } of rows)
    wire.put(
      `/service/main/members/${name}`,
      JSON.stringify({
        api_url: `${apiUrl}/patroni`,
        conn_url: 'postgres://127.0.0.1:5432/postgres',
        state: 'running',
        role,
        version: '4.0.7',
        timeline: 1,
        xlog_location: 100,
        ...reportsOf(name),
      }),
      30,
    );
  wire.put('/service/main/leader', 'db1', 30);
  wire.put('/service/main/config', '{"ttl":30}');
  for (const one of servers)
    one.listing = {
      scope: 'main',
      members: rows.map(({ name, apiUrl, role }) => ({
        name,
        role: role === 'primary' ? 'leader' : 'replica',
        state: 'running',
        api_url: `${apiUrl}/patroni`,
        host: '127.0.0.1',
        port: 5432,
        timeline: 1,
      })),
    };
  return {
    restUrls: [urlOf(servers[0])],
    etcd: `127.0.0.1:${String(wire.ports[0] ?? 0)}`,
    close: async () => {
      for (const { server } of servers) {
        server.closeAllConnections();
        server.close();
      }
      await wire.close();
    },
  };
}

interface MemberServer {
  readonly server: Server;
  listing: object;
}

function urlOf(member: MemberServer | undefined): string {
  return `http://127.0.0.1:${String((member?.server.address() as AddressInfo).port)}`;
}

async function startMember(
  name: string,
  names: readonly string[],
  reports: Readonly<Record<string, unknown>>,
): Promise<MemberServer> {
  const primary = {
    role: 'primary',
    xlog: { location: 100 },
    replication: names.slice(1).map((other) => ({ application_name: other, state: 'streaming', sync_state: 'async' })),
  };
  const replica = {
    role: 'replica',
    xlog: { received_location: 100, replayed_location: 100 },
    replication_state: 'streaming',
  };
  const answer = {
    state: 'running',
    timeline: 1,
    server_version: 170005,
    patroni: { version: '4.0.7', scope: 'main', name },
    ...(name === 'db1' ? primary : replica),
    ...reports,
  };
  const member: MemberServer = {
    server: createServer((request, response) => {
      response.end(JSON.stringify(request.url === '/cluster' ? member.listing : answer));
    }),
    listing: {},
  };
  await new Promise<void>((resolve) => {
    member.server.listen(0, '127.0.0.1', resolve);
  });
  return member;
}
