import type { FirewallLine } from '../../model/deploy/deploy-views';
import type { ClusterSpec } from '../../model/deploy/spec/cluster-spec';
import type { ServerRole, ServerSpec } from '../../model/deploy/spec/server-spec';
import { clientNetworks } from './files/hba';
import { serversWith } from './layout';
import { asksEtcdApart, prometheusServer } from './monitoring';
import { carriers } from './vip';

/** What comes to a server: from which addresses, to which ports; without ports, by a protocol of its own. */
interface Connection {
  readonly what: string;
  readonly from: readonly string[];
  readonly ports: readonly number[];
}

/**
 * What a firewall on a server must let in, for people and for nftables. SSH is left out: it is let in already. An
 * entry without ports stands for VRRP, by which keepalived's servers know of each other.
 */
export function firewallLines(spec: ClusterSpec, server: ServerSpec): readonly FirewallLine[] {
  return connectionsTo(spec, server)
    .filter(({ from }) => from.length > 0)
    .flatMap(({ what, from, ports }) => {
      const to = ports.length === 0 ? 'VRRP (protocol 112)' : `tcp ${ports.join(', ')}`;
      return families.flatMap((family) => {
        const own = from.filter((entry) => entry.includes(':') === family.colons);
        return own.length === 0 ? [] : [{ what, from: own, to, rule: acceptRule(family, own, ports) }];
      });
    });
}

/** The two families of addresses in nftables' words; only those of IPv6 hold colons. */
const families = [
  { colons: false, name: 'ip', vrrp: 'ip protocol 112' },
  { colons: true, name: 'ip6', vrrp: 'ip6 nexthdr 112' },
] as const;

function acceptRule(family: (typeof families)[number], from: readonly string[], ports: readonly number[]): string {
  const to = ports.length === 0 ? family.vrrp : `tcp dport { ${ports.join(', ')} }`;
  return `${family.name} saddr { ${from.join(', ')} } ${to} accept`;
}

function connectionsTo(spec: ClusterSpec, server: ServerSpec): readonly Connection[] {
  const others = (...roles: readonly ServerRole[]): string[] => [
    ...new Set(
      roles
        .flatMap((role) => serversWith(spec, role))
        .filter((other) => other.name !== server.name)
        .map((other) => other.address),
    ),
  ];
  const has = (role: ServerRole): boolean => server.roles.includes(role);
  const networks = clientNetworks(spec);
  const { etcd, patroni, postgres, haproxy, pgbouncer } = spec;
  return [
    ...(has('etcd')
      ? [
          { what: 'etcd between its members', from: others('etcd'), ports: [etcd.peerPort] },
          { what: 'Patroni on the members to etcd', from: others('postgres'), ports: [etcd.clientPort] },
        ]
      : []),
    ...(has('postgres')
      ? [
          {
            what: 'other members and HAProxy to PostgreSQL and Patroni',
            from: others('postgres', 'haproxy'),
            ports: [postgres.port, patroni.restPort],
          },
          { what: 'applications straight to PostgreSQL', from: networks, ports: [postgres.port] },
        ]
      : []),
    ...(has('haproxy')
      ? [{ what: 'applications to HAProxy', from: networks, ports: [haproxy.primaryPort, haproxy.replicaPort] }]
      : []),
    ...(has('pgbouncer') ? [{ what: 'applications to PgBouncer', from: networks, ports: [pgbouncer.port] }] : []),
    ...vrrp(spec, server),
    ...monitoring(spec, server),
  ];
}

/** What Prometheus on another server collects here. */
function monitoring(spec: ClusterSpec, server: ServerSpec): readonly Connection[] {
  const from = prometheusServer(spec);
  if (from === undefined || from.name === server.name) return [];
  const { nodePort, postgresPort, etcdMetricsPort } = spec.prometheus;
  const ports = [
    ...(server.roles.includes('postgres') ? [spec.patroni.restPort, nodePort, postgresPort] : []),
    ...(server.roles.includes('etcd') ? [asksEtcdApart(spec) ? etcdMetricsPort : spec.etcd.clientPort] : []),
  ];
  return ports.length === 0 ? [] : [{ what: `Prometheus on ${from.name}`, from: [from.address], ports }];
}

/** keepalived's own protocol between the servers that may hold the virtual address. */
function vrrp(spec: ClusterSpec, server: ServerSpec): readonly Connection[] {
  const all = carriers(spec);
  if (spec.vip?.manager !== 'keepalived' || !all.some((other) => other.name === server.name)) return [];
  return [
    {
      what: 'keepalived between the servers that may hold the virtual address',
      from: all.filter((other) => other.name !== server.name).map((other) => other.address),
      ports: [],
    },
  ];
}
