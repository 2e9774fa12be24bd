import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { readIp } from '../../connect/ip-address';
import { serversWith } from '../layout';
import { networkAround } from '../network';
import { prometheusServer } from '../monitoring';
import { exporterUser, poolerUser } from '../secrets';

/**
 * pg_hba for all members. Peers need more than the distribution gives them: replication, and the superuser
 * and the rewind user from every member, or a crashed former leader cannot be rewound; and each member asks
 * its own PostgreSQL over loopback. The cluster's own accounts come from nowhere else, unless a line of the spec lets them in: behind
 * HAProxy and PgBouncer everybody has the address of that server. Where a PostgreSQL ran by itself before, its own lines go on to
 * judge local logins.
 */
export function pgHba(spec: ClusterSpec): readonly string[] {
  const { superuser, replication, rewind } = spec.accounts;
  const type = hostType(spec);
  const local = spec.postgres.existing === undefined ? 'all' : hbaNames([superuser, rewind]);
  const proxies = proxyNetworks(spec);
  const exporters = prometheusServer(spec) === undefined ? [] : [exporterUser];
  return [
    `local all ${spec.postgres.existing === undefined ? 'all' : hbaName(superuser)} peer`,
    ...loopbacks(spec).flatMap((loopback) => [
      `host all ${local} ${loopback} scram-sha-256`,
      `host replication ${hbaName(replication)} ${loopback} scram-sha-256`,
    ]),
    ...exporters.map((name) => `host postgres ${hbaName(name)} 127.0.0.1/32 scram-sha-256`),
    ...peerLines(spec, serversWith(spec, 'postgres')),
    ...otherSiteLines(spec),
    ...spec.postgres.hba,
    ...(serversWith(spec, 'pgbouncer').length === 0
      ? []
      : proxies.map((network) => `${type} all ${poolerUser} ${network} scram-sha-256`)),
    `host all ${hbaNames([superuser, replication, rewind, poolerUser, ...exporters])} all reject`,
    ...[...new Set([...proxies, ...clientNetworks(spec)])].map((network) => `${type} all all ${network} scram-sha-256`),
  ];
}

/**
 * What members need of each other. With TLS they also show a certificate of the cluster's authority, so that a client that HAProxy
 * passes on from the same address cannot be taken for one.
 */
export function peerLines(spec: ClusterSpec, members: readonly Pick<ServerSpec, 'address'>[]): readonly string[] {
  const { superuser, replication, rewind } = spec.accounts;
  const type = hostType(spec);
  const method = spec.tls === 'on' ? 'scram-sha-256 clientcert=verify-ca' : 'scram-sha-256';
  return members
    .map((server) => hostMask(server.address))
    .flatMap((peer) => [
      `${type} replication ${hbaName(replication)} ${peer} ${method}`,
      `${type} all ${hbaNames([superuser, rewind])} ${peer} ${method}`,
    ]);
}

/** The members of the followed cluster, for the day when it is the one that follows. Names are not looked up. */
function otherSiteLines({ standby, accounts, tls }: ClusterSpec): readonly string[] {
  const addresses = (standby?.hosts ?? []).filter((host) => readIp(host) !== null);
  return siteLines({ accounts, addresses, tls: tls === 'on' });
}

/** Who at another site follows, and the roles it comes with. */
export interface SiteClients {
  readonly accounts: Pick<ClusterSpec['accounts'], 'replication' | 'rewind'>;
  readonly addresses: readonly string[];
  readonly tls: boolean;
}

/** The lines of pg_hba by which the members of another site may copy, stream and rewind from here. */
export function siteLines({ accounts, addresses, tls }: SiteClients): readonly string[] {
  const type = tls ? 'hostssl' : 'host';
  return addresses
    .map(hostMask)
    .flatMap((peer) => [
      `${type} replication ${hbaName(accounts.replication)} ${peer} scram-sha-256`,
      `${type} all ${hbaName(accounts.rewind)} ${peer} scram-sha-256`,
    ]);
}

/** Words of pg_hba.conf that mean more than a name (PostgreSQL, "The pg_hba.conf File"). */
const keywords: ReadonlySet<string> = new Set(['all', 'replication', 'sameuser', 'samerole', 'samegroup']);

/** A role as pg_hba.conf reads it: in quotes where it could mean something else (`all`, `+group`, `@file`, a list). */
function hbaName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name) && !keywords.has(name.toLowerCase()) ? name : `"${name}"`;
}

function hbaNames(names: readonly string[]): string {
  return [...new Set(names)].map(hbaName).join(',');
}

function hostType(spec: ClusterSpec): string {
  return spec.tls === 'on' ? 'hostssl' : 'host';
}

/** One address as a network. */
function hostMask(address: string): string {
  return address.includes(':') ? `${address}/128` : `${address}/32`;
}

/** Whether services of this cluster are reached by IPv6. */
export function usesIpv6(spec: ClusterSpec): boolean {
  const all = [...spec.servers.map((server) => server.address), ...spec.clientNetworks, spec.vip?.address ?? ''];
  return all.some((address) => address.includes(':'));
}

function loopbacks(spec: ClusterSpec): readonly string[] {
  return usesIpv6(spec) ? ['127.0.0.1/32', '::1/128'] : ['127.0.0.1/32'];
}

/** Where connections come from that HAProxy and PgBouncer pass on: their servers, or the virtual address that they are reached by. */
function proxyNetworks(spec: ClusterSpec): readonly string[] {
  const servers = [...serversWith(spec, 'haproxy'), ...serversWith(spec, 'pgbouncer')].map(({ address }) => address);
  return [...new Set([...servers, ...(spec.vip === undefined ? [] : [spec.vip.address])].map(hostMask))];
}

/** The networks applications come from: as the spec says, or the /24 around each server (IPv6: /64). */
export function clientNetworks(spec: ClusterSpec): readonly string[] {
  if (spec.clientNetworks.length > 0) return spec.clientNetworks;
  return [
    ...new Set(spec.servers.flatMap(({ address }) => networkAround(address, address.includes(':') ? 64 : 24) ?? [])),
  ];
}

/** Who may reach HAProxy and PgBouncer: the networks of applications, the servers themselves, and programs on the same server. */
export function entryNetworks(spec: ClusterSpec): readonly string[] {
  const own = [...spec.servers.map(({ address }) => address), ...(spec.vip === undefined ? [] : [spec.vip.address])];
  return [...new Set(['127.0.0.0/8', '::1/128', ...own.map(hostMask), ...clientNetworks(spec)])];
}
