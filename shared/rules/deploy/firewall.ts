import type { FirewallLine } from '../../model/deploy/deploy-views';
import type { ClusterSpec } from '../../model/deploy/spec/cluster-spec';
import type { ServerRole, ServerSpec } from '../../model/deploy/spec/server-spec';
import { clientNetworks } from './files/hba';
import { serversWith } from './layout';
import { carriers } from './vip';

/** What comes to a server: from which addresses, to which ports; without ports, by a protocol of its own. */
interface Way {
  readonly what: string;
  readonly from: readonly string[];
  readonly ports: readonly number[];
}

/** What a firewall on a server must let in, for people and for nftables. SSH is left out: it is let in already. */
export function firewallLines(spec: ClusterSpec, server: ServerSpec): readonly FirewallLine[] {
  return waysTo(spec, server)
    .filter((way) => way.from.length > 0)
    .flatMap(({ what, from, ports }) =>
      [from.filter((entry) => !entry.includes(':')), from.filter((entry) => entry.includes(':'))].flatMap(
        (family, index) =>
          family.length === 0
            ? []
            : [
                {
                  what,
                  from: family,
                  to: ports.length === 0 ? 'VRRP (protocol 112)' : `tcp ${ports.join(', ')}`,
                  rule: `${index === 0 ? 'ip' : 'ip6'} saddr { ${family.join(', ')} } ${ports.length === 0 ? `${index === 0 ? 'ip protocol' : 'ip6 nexthdr'} 112` : `tcp dport { ${ports.join(', ')} }`} accept`,
                },
              ],
      ),
    );
}

function waysTo(spec: ClusterSpec, server: ServerSpec): readonly Way[] {
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
  ];
}

/** keepalived's own protocol between the servers that may hold the virtual address. */
function vrrp(spec: ClusterSpec, server: ServerSpec): readonly Way[] {
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
