import { bracketHost } from '../../../model/connect/host-port';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import { serversWith } from '../layout';
import { entryNetworks, usesIpv6 } from './hba';
import { serverStateFile } from './haproxy-servers';

/** Where HAProxy says that it lives, on the port of its statistics: keepalived asks for it. */
export const aliveUri = '/alive';

/** Where HAProxy reads the authority that signed the members' REST certificates. */
export const haproxyTlsFiles = { ca: '/etc/haproxy/tls/ca.crt' } as const;

/**
 * /etc/haproxy/haproxy.cfg: the primary on one port, the replicas on another, statistics on a third. Health is
 * Patroni's own answer. A server that is no longer healthy loses its sessions at once, so that no application
 * goes on writing to a demoted primary. One that was not asked yet gets none: see haproxy-servers.ts. Clients from other networks
 * than those of the spec are turned away on each port.
 */
export function haproxyConfig(spec: ClusterSpec): string {
  const { haproxy } = spec;
  return [
    '# Written by Matriarch.',
    'global',
    `  maxconn ${haproxy.maxConnections}`,
    '  log /dev/log local0',
    '  user haproxy',
    '  group haproxy',
    '  stats socket /run/haproxy/admin.sock mode 660 level admin',
    `  server-state-file ${serverStateFile}`,
    '',
    'defaults',
    '  log global',
    '  mode tcp',
    '  option tcplog',
    '  option dontlognull',
    '  retries 2',
    '  timeout connect 4s',
    '  timeout client 30m',
    '  timeout server 30m',
    '  timeout check 3s',
    '  load-server-state-from-file global',
    '',
    'listen stats',
    '  mode http',
    ...binds(spec, haproxy.statsPort),
    ...entries(spec),
    '  stats enable',
    '  stats uri /',
    ...(spec.vip?.follows === 'haproxy' ? [`  monitor-uri ${aliveUri}`] : []),
    '',
    ...section(spec, 'primary', haproxy.primaryPort),
    '',
    ...section(spec, 'replicas', haproxy.replicaPort),
    '',
  ].join('\n');
}

/** `bind :PORT` is IPv4 alone. */
function binds(spec: ClusterSpec, port: number): string[] {
  return [`  bind :${port}`, ...(usesIpv6(spec) ? [`  bind :::${port} v6only`] : [])];
}

/** Members see HAProxy's address in place of the client's, so that HAProxy has to judge where a client comes from. */
function entries(spec: ClusterSpec): string[] {
  return [
    ...entryNetworks(spec).map((network) => `  acl allowed src ${network}`),
    '  tcp-request connection reject unless allowed',
  ];
}

function section(spec: ClusterSpec, name: 'primary' | 'replicas', port: number): string[] {
  const path = name === 'primary' ? '/primary' : '/replica';
  const secure = spec.tls === 'on' ? ` check-ssl verify required ca-file ${haproxyTlsFiles.ca}` : '';
  return [
    `listen ${name}`,
    ...binds(spec, port),
    ...entries(spec),
    `  option httpchk OPTIONS ${path}`,
    '  http-check expect status 200',
    '  default-server inter 1s fall 3 rise 1 on-marked-down shutdown-sessions',
    ...serversWith(spec, 'postgres').map(
      (server) =>
        `  server ${server.name} ${bracketHost(server.address)}:${spec.postgres.port} check port ${spec.patroni.restPort}${secure}`,
    ),
  ];
}
