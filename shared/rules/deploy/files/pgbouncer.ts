import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { layoutOf, serversWith } from '../layout';
import { entryNetworks } from './hba';
import { poolerUser, type SecretReader } from '../secrets';

/**
 * Where PgBouncer sends its connections: HAProxy on the same server, else the virtual address, else all HAProxys,
 * else the first member.
 */
export function poolerTarget(spec: ClusterSpec, server: ServerSpec): { readonly host: string; readonly port: number } {
  if (server.roles.includes('haproxy')) return { host: '127.0.0.1', port: spec.haproxy.primaryPort };
  if (spec.vip !== undefined)
    return {
      host: spec.vip.address,
      port: spec.vip.follows === 'primary' ? spec.postgres.port : spec.haproxy.primaryPort,
    };
  const proxies = serversWith(spec, 'haproxy');
  if (proxies.length > 0)
    return { host: proxies.map((proxy) => proxy.address).join(','), port: spec.haproxy.primaryPort };
  return { host: serversWith(spec, 'postgres')[0]?.address ?? '127.0.0.1', port: spec.postgres.port };
}

/**
 * /etc/pgbouncer/pgbouncer.ini. Passwords are looked up in the cluster, so that a new role works at once.
 * `server_login_retry` is 1 s: with its default of 15 s applications wait long after a failover is over.
 */
export function pgbouncerConfig(spec: ClusterSpec, server: ServerSpec): string {
  const target = poolerTarget(spec, server);
  const { pgbouncer } = spec;
  return [
    '; Written by Matriarch.',
    '[databases]',
    `* = host=${target.host} port=${target.port} auth_user=${poolerUser}`,
    '',
    '[pgbouncer]',
    'listen_addr = *',
    `listen_port = ${pgbouncer.port}`,
    'unix_socket_dir = /var/run/postgresql',
    'logfile = /var/log/postgresql/pgbouncer.log',
    'pidfile = /var/run/postgresql/pgbouncer.pid',
    'auth_type = hba',
    `auth_hba_file = ${layoutOf(spec).pgbouncerHba}`,
    'auth_file = /etc/pgbouncer/userlist.txt',
    'auth_query = SELECT username, password FROM pgbouncer.get_auth($1)',
    'admin_users = postgres',
    `pool_mode = ${pgbouncer.poolMode}`,
    `max_client_conn = ${pgbouncer.maxClientConnections}`,
    `default_pool_size = ${pgbouncer.defaultPoolSize}`,
    'server_login_retry = 1',
    'server_connect_timeout = 5',
    'ignore_startup_parameters = extra_float_digits',
    ...(spec.tls === 'on' ? [...serverTls(), ...clientTls()] : []),
    '',
  ].join('\n');
}

/** Where PgBouncer's own certificate lies. */
export const pgbouncerTlsFiles = {
  ca: '/etc/pgbouncer/tls/ca.crt',
  cert: '/etc/pgbouncer/tls/pgbouncer.crt',
  key: '/etc/pgbouncer/tls/pgbouncer.key',
} as const;

/** The members' certificates are good for their own addresses, not for HAProxy's, which is where PgBouncer connects to. */
function serverTls(): string[] {
  return ['server_tls_sslmode = verify-ca', `server_tls_ca_file = ${pgbouncerTlsFiles.ca}`];
}

/** PgBouncer's own list of who may connect from where: members see its address in place of the client's. */
export function pgbouncerHba(spec: ClusterSpec): string {
  return [
    '# Written by Matriarch.',
    'local all all scram-sha-256',
    ...entryNetworks(spec).map((network) => `host all all ${network} scram-sha-256`),
    '',
  ].join('\n');
}

function clientTls(): string[] {
  const { ca, cert, key } = pgbouncerTlsFiles;
  return [
    'client_tls_sslmode = require',
    `client_tls_ca_file = ${ca}`,
    `client_tls_cert_file = ${cert}`,
    `client_tls_key_file = ${key}`,
  ];
}

/** /etc/pgbouncer/userlist.txt: only the user that looks the others up. Quotes are doubled, as PgBouncer reads them. */
export function pgbouncerUsers(secret: SecretReader): string {
  return `"${poolerUser}" "${secret('pgbouncer').replaceAll('"', '""')}"\n`;
}
