import { bracketHost } from '../../../model/connect/host-port';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { namespacePath } from '../../cluster/scope-prefix';
import { postgresDataDirectory, serversWith } from '../layout';
import type { SecretReader } from '../secrets';
import { pgHba, usesIpv6 } from './hba';
import { watchdogDevice } from './watchdog';
import { yamlText } from './yaml-text';

/** The dynamic configuration, in Patroni's own keys (docs/dynamic_configuration.rst). Times in seconds, lag in bytes. */
export function dynamicConfig(spec: ClusterSpec): Record<string, unknown> {
  const { patroni, postgres } = spec;
  return {
    ttl: patroni.ttl,
    loop_wait: patroni.loopWait,
    retry_timeout: patroni.retryTimeout,
    maximum_lag_on_failover: patroni.maximumLagOnFailover,
    ...synchronous(spec),
    ...(patroni.failsafeMode ? { failsafe_mode: true } : {}),
    ...(Object.keys(patroni.slots).length === 0 ? {} : { slots: patroni.slots }),
    postgresql: {
      use_pg_rewind: true,
      use_slots: true,
      parameters: { wal_log_hints: 'on', password_encryption: 'scram-sha-256', ...postgres.parameters },
      pg_hba: pgHba(spec),
    },
  };
}

/**
 * What the cluster is made with. A standby cluster says here alone whom it follows: to write it again later would take back a promotion.
 */
function firstConfig(spec: ClusterSpec): Record<string, unknown> {
  const { standby } = spec;
  if (standby === undefined) return dynamicConfig(spec);
  return {
    ...dynamicConfig(spec),
    standby_cluster: {
      host: standby.hosts.join(','),
      port: standby.port,
      ...(standby.slot === undefined ? {} : { primary_slot_name: standby.slot }),
      create_replica_methods: ['basebackup'],
    },
  };
}

function synchronous(spec: ClusterSpec): Record<string, unknown> {
  const { synchronousMode, synchronousModeStrict, synchronousNodeCount } = spec.patroni;
  if (synchronousMode === 'off') return {};
  return {
    synchronous_mode: synchronousMode === 'quorum' ? 'quorum' : true,
    ...(synchronousModeStrict ? { synchronous_mode_strict: true } : {}),
    ...(synchronousNodeCount > 1 ? { synchronous_node_count: synchronousNodeCount } : {}),
  };
}

/** What a member's file depends on beside the spec. */
export interface PatroniFileInput {
  readonly spec: ClusterSpec;
  readonly server: ServerSpec;
  readonly postgresVersion: number;
  readonly secret: SecretReader;
}

/**
 * /etc/patroni/config.yml of one member. It has no `bootstrap.users` (gone in Patroni 4.0) and no `etcd` section
 * of the v2 API (off since etcd 3.4): roles are made by SQL, etcd is spoken to by `etcd3`.
 */
export function patroniConfig(input: PatroniFileInput): string {
  const { spec, server } = input;
  const document = {
    scope: spec.scope,
    namespace: namespacePath(spec.namespace),
    name: server.name,
    etcd3: etcdSection(spec),
    restapi: restSection(input),
    ...(spec.tls === 'on'
      ? { ctl: { cacert: patroniTlsFiles.ca, certfile: patroniTlsFiles.cert, keyfile: patroniTlsFiles.key } }
      : {}),
    bootstrap: bootstrapSection(spec),
    postgresql: postgresSection(input),
    watchdog: {
      mode: spec.patroni.watchdog,
      ...(spec.patroni.watchdog === 'off' ? {} : { device: watchdogDevice, safety_margin: 5 }),
    },
    ...(Object.keys(server.tags).length === 0 ? {} : { tags: server.tags }),
  };
  const text = yamlText(document);
  return (
    '# Written by Matriarch. "bootstrap" is read once, when the cluster is made; change it later with ' +
    `the app or with patronictl edit-config.\n${text}`
  );
}

/** Where the certificates of Patroni and PostgreSQL lie on a server. */
export const patroniTlsFiles = {
  ca: '/etc/patroni/tls/ca.crt',
  cert: '/etc/patroni/tls/server.crt',
  key: '/etc/patroni/tls/server.key',
} as const;

/** The authorities by which a standby cluster checks the certificates that PostgreSQL shows here and at the site that it follows. */
export const bothAuthorities = '/etc/patroni/authorities.crt';

function etcdSection(spec: ClusterSpec): Record<string, unknown> {
  const own = serversWith(spec, 'etcd').map((server) => `${bracketHost(server.address)}:${spec.etcd.clientPort}`);
  const hosts = spec.etcd.external.length > 0 ? spec.etcd.external : own;
  const { ca, cert, key } = patroniTlsFiles;
  return { hosts: hosts.join(','), ...(spec.tls === 'on' ? { protocol: 'https', cacert: ca, cert, key } : {}) };
}

function restSection(input: PatroniFileInput): Record<string, unknown> {
  const { spec, server, secret } = input;
  const address = `${bracketHost(server.address)}:${spec.patroni.restPort}`;
  const { ca, cert, key } = patroniTlsFiles;
  return {
    listen: address,
    connect_address: address,
    authentication: { username: spec.patroni.restUser, password: secret('rest') },
    ...(spec.tls === 'on' ? { certfile: cert, keyfile: key, cafile: ca, verify_client: 'optional' } : {}),
  };
}

/** The lines of pg_hba stand here, too, because the checks of Patroni before 3.1 want them; what counts is the dynamic configuration. */
function bootstrapSection(spec: ClusterSpec): Record<string, unknown> {
  const { encoding, locale, dataChecksums } = spec.postgres;
  return {
    dcs: firstConfig(spec),
    pg_hba: [...pgHba(spec)],
    initdb: [{ encoding }, { locale }, ...(dataChecksums ? ['data-checksums'] : [])],
  };
}

function postgresSection(input: PatroniFileInput): Record<string, unknown> {
  const { spec, server, postgresVersion } = input;
  const { port } = spec.postgres;
  return {
    listen: `0.0.0.0${usesIpv6(spec) ? ',[::]' : ''}:${port}`,
    connect_address: `${bracketHost(server.address)}:${port}`,
    data_dir: postgresDataDirectory(spec, postgresVersion),
    bin_dir: `/usr/lib/postgresql/${postgresVersion}/bin`,
    pgpass: '/var/lib/postgresql/.pgpass_patroni',
    authentication: authentication(input),
    parameters: { unix_socket_directories: '/var/run/postgresql', ...tlsParameters(spec) },
    ...replicaMethods(spec),
    basebackup: Object.entries(spec.postgres.basebackup).map(([name, value]) =>
      value === true ? name : { [name]: value },
    ),
    remove_data_directory_on_rewind_failure: true,
    remove_data_directory_on_diverged_timelines: true,
  };
}

/** In Patroni's own keys: the order of the methods, and a section for each that has a command. */
function replicaMethods({ postgres: { replicaMethods: methods } }: ClusterSpec): Record<string, unknown> {
  if (methods.length === 0) return {};
  const own = methods.filter((method) => method.command !== '');
  const section = ({ command, withoutLeader, keepData }: (typeof own)[number]): Record<string, unknown> => ({
    command,
    ...(withoutLeader ? { no_leader: true } : {}),
    ...(keepData ? { keep_data: true } : {}),
  });
  return {
    create_replica_methods: methods.map(({ name }) => name),
    ...Object.fromEntries(own.map((method) => [method.name, section(method)])),
  };
}

/** With TLS, members show each other their certificate beside the password: see `peerLines`. */
function authentication(input: PatroniFileInput): Record<string, unknown> {
  const { accounts, tls, standby } = input.spec;
  const { cert, key } = patroniTlsFiles;
  const ca = standby === undefined ? patroniTlsFiles.ca : bothAuthorities;
  const secure = tls === 'on' ? { sslmode: 'verify-ca', sslrootcert: ca, sslcert: cert, sslkey: key } : {};
  return {
    superuser: { username: accounts.superuser, password: input.secret('superuser'), ...secure },
    replication: { username: accounts.replication, password: input.secret('replication'), ...secure },
    rewind: { username: accounts.rewind, password: input.secret('rewind'), ...secure },
  };
}

function tlsParameters(spec: ClusterSpec): Record<string, string> {
  if (spec.tls === 'off') return {};
  const { ca, cert, key } = patroniTlsFiles;
  return { ssl: 'on', ssl_cert_file: cert, ssl_key_file: key, ssl_ca_file: ca };
}
