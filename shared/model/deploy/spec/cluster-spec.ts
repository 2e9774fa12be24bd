import { z } from 'zod';
import { clusterIdSchema } from '../../cluster/cluster-id';
import { namespaceSchema } from '../../cluster/namespace';
import { isHostPort } from '../../connect/host-port';
import { serverSpecSchema } from './server-spec';
import { sourcesSchema } from './source-spec';
import { standbySpecSchema } from './standby-spec';

const port = z.number().int().min(1).max(65535);
const path = z.string().regex(/^\/[A-Za-z0-9._/-]*$/, 'An absolute path without spaces.');
const scalar = z.union([z.string(), z.number(), z.boolean()]);

/**
 * A way of a replica to its data: a command that fills the data directory, or `basebackup` without one. `withoutLeader`: it
 * works from a backup alone. `keepData`: it uses what is in the directory (docs/replica_bootstrap.rst).
 */
const replicaMethodSchema = z.strictObject({
  name: z.string(),
  command: z.string().default(''),
  withoutLeader: z.boolean().default(false),
  keepData: z.boolean().default(false),
});

const parameters = z.record(z.string().regex(/^[a-z_][a-z0-9_.]*$/), scalar);

/** PostgreSQL on the members. `version` is the major version; absent means the newest that the servers' sources offer. */
const postgresSpecSchema = z.strictObject({
  version: z.number().int().min(10).max(99).optional(),
  port: port.default(5432),
  dataDirectory: path.optional(),
  /** Parameters for the dynamic configuration, the same on all members. */
  parameters: parameters.default({}),
  /** Lines of pg_hba that let applications in; the cluster's own lines are written before them. */
  hba: z.array(z.string().min(1).max(500)).default([]),
  encoding: z.string().default('UTF8'),
  locale: z.string().default('C.UTF-8'),
  dataChecksums: z.boolean().default(true),
  /** Options of pg_basebackup by their long names, e.g. `max-rate: 100M`; `true` for one without a value. */
  basebackup: z.record(z.string(), z.union([z.string(), z.number(), z.literal(true)])).default({ checkpoint: 'fast' }),
  /** How a replica comes to its data, tried in this order; none means pg_basebackup. */
  replicaMethods: z.array(replicaMethodSchema).default([]),
  /** A PostgreSQL that ran by itself before and became the first leader: its server, its name as Debian knows it, and its configuration. */
  existing: z
    .strictObject({ server: z.string().min(1), name: z.string().min(1).max(63), configDirectory: path })
    .optional(),
});

/** A replication slot that Patroni keeps through every change of the leader: physical, or logical with its database and plugin. */
const slotSpecSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('physical') }),
  z.strictObject({ type: z.literal('logical'), database: z.string(), plugin: z.string() }),
]);

/** Patroni's dynamic configuration and its own settings. Times in seconds, lag in bytes. */
const patroniSpecSchema = z.strictObject({
  restPort: port.default(8008),
  ttl: z.number().int().default(30),
  loopWait: z.number().int().default(10),
  retryTimeout: z.number().int().default(10),
  maximumLagOnFailover: z.number().int().min(0).default(1_048_576),
  synchronousMode: z.enum(['off', 'on', 'quorum']).default('off'),
  synchronousModeStrict: z.boolean().default(false),
  synchronousNodeCount: z.number().int().min(1).default(1),
  failsafeMode: z.boolean().default(false),
  /** Slots by their names. */
  slots: z.record(z.string(), slotSpecSchema).default({}),
  watchdog: z.enum(['off', 'automatic', 'required']).default('off'),
  /** Basic authentication for the unsafe calls of the REST API. */
  restUser: z.string().min(1).max(63).default('patroni'),
});

/** etcd. `external` names client addresses (`host:port`) of an etcd that this deployment does not make. */
const etcdSpecSchema = z.strictObject({
  clientPort: port.default(2379),
  peerPort: port.default(2380),
  dataDirectory: path.optional(),
  external: z.array(z.string().min(3).refine(isHostPort, 'is not of the form host:port')).default([]),
});

/** A role for an application, and the databases it owns. The password is a secret named `user:<name>`. */
const userSpecSchema = z.strictObject({
  name: z.string().min(1).max(63),
  options: z.array(z.enum(['login', 'createdb', 'createrole'])).default(['login']),
});
const databaseSpecSchema = z.strictObject({ name: z.string().min(1).max(63), owner: z.string().min(1).max(63) });

/** HAProxy: one port leads to the primary, one to the replicas, one shows statistics. */
const haproxySpecSchema = z.strictObject({
  primaryPort: port.default(5000),
  replicaPort: port.default(5001),
  statsPort: port.default(7000),
  maxConnections: z.number().int().min(10).max(1_000_000).default(2000),
});

/** PgBouncer in front of HAProxy's primary port. */
const pgbouncerSpecSchema = z.strictObject({
  port: port.default(6432),
  poolMode: z.enum(['session', 'transaction', 'statement']).default('transaction'),
  maxClientConnections: z.number().int().min(1).max(1_000_000).default(1000),
  defaultPoolSize: z.number().int().min(1).max(10_000).default(20),
});

/**
 * Prometheus and Alertmanager, on the one server that has the role; they listen on loopback alone. With them every member gets
 * node_exporter and postgres_exporter, and with TLS every member of etcd a port for its metrics, which asks for no certificate and
 * changes nothing.
 */
const prometheusSpecSchema = z.strictObject({
  port: port.default(9090),
  alertmanagerPort: port.default(9093),
  nodePort: port.default(9100),
  postgresPort: port.default(9187),
  etcdMetricsPort: port.default(2381),
  /** How long figures are kept. */
  retentionDays: z.number().int().min(1).max(3650).default(15),
});

/**
 * A virtual address, held by one server at a time. `follows: haproxy`: by one whose HAProxy answers; `primary`: by the member
 * that leads. keepalived does both; vip-manager follows the primary by etcd's leader key. Without an interface, the one
 * with the server's own address is used. `routerId` is keepalived's, unique in the network.
 */
const vipSpecSchema = z.strictObject({
  address: z.string(),
  prefix: z.number().int().min(1).max(128).default(24),
  interface: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,15}$/, 'The name of a network interface, e.g. eth0.')
    .optional(),
  follows: z.enum(['haproxy', 'primary']).default('haproxy'),
  manager: z.enum(['keepalived', 'vip-manager']).default('keepalived'),
  routerId: z.number().int().min(1).max(255).default(51),
});
/** A virtual address and who holds it. */
export type VipSpec = z.infer<typeof vipSpecSchema>;

/** Names of the roles that Patroni itself uses. Their passwords are the secrets `superuser`, `replication` and `rewind`. */
const accountsSpecSchema = z.strictObject({
  superuser: z.string().min(1).max(63).default('postgres'),
  replication: z.string().min(1).max(63).default('replicator'),
  rewind: z.string().min(1).max(63).default('rewind_user'),
});

const tls = z.enum(['off', 'on']);

/**
 * A whole cluster as one file that a person can read and keep under version control. It holds no
 * password: secrets are known by name (`superuser`, `user:app` ...) and live in the vault.
 */
export const clusterSpecSchema = z.strictObject({
  version: z.literal(1),
  /** Names the cluster for good, whatever its scope: its secrets, its runs and its servers' manifests are kept under it. */
  id: clusterIdSchema,
  scope: z.string().min(1).max(63),
  namespace: namespaceSchema.default('service'),
  title: z.string().min(1).max(120).optional(),
  servers: z.array(serverSpecSchema).min(1).max(64),
  /** Servers that others set up: they are looked at, and their files and units are left alone. */
  adopted: z.array(z.string().min(1)).default([]),
  /** The member that is initialised first; absent means the first PostgreSQL server. */
  firstLeader: z.string().optional(),
  sources: sourcesSchema.prefault({}),
  postgres: postgresSpecSchema.prefault({}),
  patroni: patroniSpecSchema.prefault({}),
  etcd: etcdSpecSchema.prefault({}),
  accounts: accountsSpecSchema.prefault({}),
  users: z.array(userSpecSchema).default([]),
  databases: z.array(databaseSpecSchema).default([]),
  /** Networks (CIDR) whose applications may log in with a password; absent means the smallest network around the servers. */
  clientNetworks: z.array(z.string().min(3)).default([]),
  tls: tls.default('on'),
  haproxy: haproxySpecSchema.prefault({}),
  pgbouncer: pgbouncerSpecSchema.prefault({}),
  prometheus: prometheusSpecSchema.prefault({}),
  vip: vipSpecSchema.optional(),
  standby: standbySpecSchema.optional(),
});
/** A whole spec, every default filled in. */
export type ClusterSpec = z.infer<typeof clusterSpecSchema>;
/** A spec as a person writes it, with everything that has a default left out. */
export type ClusterSpecInput = z.input<typeof clusterSpecSchema>;

/**
 * The spec as a file has it: one that was written by hand need not name its id (it is found by its servers, or made), nor say
 * whether there is TLS, nor set parameters (`completeFile` says what that means).
 */
export const clusterFileSchema = clusterSpecSchema.partial({ id: true }).extend({
  tls: tls.optional(),
  postgres: postgresSpecSchema.extend({ parameters: parameters.optional() }).prefault({}),
});
/** A spec that may not know its id yet, and may leave TLS and the parameters open. */
export type ClusterFile = z.infer<typeof clusterFileSchema>;

/** What is wrong with a spec, where (`servers.1.address`), and what to do. `warning` does not stop a deployment. */
export interface SpecProblem {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly path: string;
  readonly sentence: string;
  readonly fix: string;
}
