import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { serversWith } from '../layout';

/**
 * pg_hba for all members. Peers need more than the distribution gives them: replication, and the superuser
 * and the rewind user from every member, or a crashed former leader cannot be rewound; and each member asks
 * its own PostgreSQL over 127.0.0.1. Where a PostgreSQL ran by itself before, its own lines go on to judge local logins.
 */
export function pgHba(spec: ClusterSpec): readonly string[] {
  const { superuser, replication, rewind } = spec.accounts;
  const type = hostType(spec);
  const local = spec.postgres.existing === undefined ? 'all' : `${superuser},${rewind}`;
  const proxies = [
    ...serversWith(spec, 'haproxy').map((server) => server.address),
    ...(spec.vip === undefined ? [] : [spec.vip.address]),
  ].map(hostMask);
  return [
    `local all ${spec.postgres.existing === undefined ? 'all' : superuser} peer`,
    `host all ${local} 127.0.0.1/32 scram-sha-256`,
    `host replication ${replication} 127.0.0.1/32 scram-sha-256`,
    ...peerLines(spec, serversWith(spec, 'postgres')),
    ...spec.postgres.hba,
    ...[...new Set([...proxies, ...clientNetworks(spec)])].map((network) => `${type} all all ${network} scram-sha-256`),
  ];
}

/** What members need of each other. */
export function peerLines(spec: ClusterSpec, members: readonly Pick<ServerSpec, 'address'>[]): readonly string[] {
  const { superuser, replication, rewind } = spec.accounts;
  const type = hostType(spec);
  return members
    .map((server) => hostMask(server.address))
    .flatMap((peer) => [
      `${type} replication ${replication} ${peer} scram-sha-256`,
      `${type} all ${[...new Set([superuser, rewind])].join(',')} ${peer} scram-sha-256`,
    ]);
}

function hostType(spec: ClusterSpec): string {
  return spec.tls === 'on' ? 'hostssl' : 'host';
}

/** One address as a network. */
function hostMask(address: string): string {
  return address.includes(':') ? `${address}/128` : `${address}/32`;
}

/** The networks applications come from: as the spec says, or the /24 around each server (IPv6: /64). */
export function clientNetworks(spec: ClusterSpec): readonly string[] {
  if (spec.clientNetworks.length > 0) return spec.clientNetworks;
  return [...new Set(spec.servers.map((server) => neighbourhood(server.address)))];
}

function neighbourhood(address: string): string {
  if (address.includes(':'))
    return `${address
      .split(':')
      .slice(0, 4)
      .filter((part) => part !== '')
      .join(':')}::/64`;
  return `${address.split('.').slice(0, 3).join('.')}.0/24`;
}
