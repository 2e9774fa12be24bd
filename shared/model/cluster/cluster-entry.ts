import { z } from 'zod';
import { backupProofSchema, keptBackupsSchema } from '../backups/backup-setup';
import { keptProofScheduleSchema } from '../backups/proof-schedule';
import { prometheusPlaceSchema } from '../statistics/prometheus';
import { namespaceSchema } from './namespace';

/** TLS material by path on the workstation or as PEM text found on a server; keys are named by a secret in the vault. */
const tlsSchema = z.object({
  /** PEM text of the certificate authority; absent means the system's own. */
  ca: z.string().optional(),
  cert: z.string().optional(),
  keySecret: z.string().optional(),
  /** The name to verify when it is not the host of the address. */
  serverName: z.string().optional(),
  /** True only after the user chose to go on without verification. */
  insecure: z.boolean().optional(),
});
/** Certificates by which a service is verified, and the name of the secret that holds the key. */
export type TlsMaterial = z.infer<typeof tlsSchema>;

/** User and password of a service; the password is a secret of the vault. */
const basicAuthSchema = z.object({ username: z.string(), passwordSecret: z.string() });

/** One etcd member's client address and the server whose SSH connection reaches it (null: dialled directly). */
const etcdEndpointSchema = z.object({ host: z.string(), port: z.number().int(), serverId: z.string().nullable() });
/** One etcd member's client address and the server that reaches it. */
export type EtcdEndpoint = z.infer<typeof etcdEndpointSchema>;

/** How a cluster's etcd is reached. */
const etcdAccessSchema = z.object({
  endpoints: z.array(etcdEndpointSchema),
  tls: tlsSchema.nullable(),
  auth: basicAuthSchema.nullable(),
});
/** How a cluster's etcd is reached. */
export type EtcdAccess = z.infer<typeof etcdAccessSchema>;

/** How the members' REST API is reached: TLS and Basic auth are the same for all members of a cluster. */
const restAccessSchema = z.object({ tls: tlsSchema.nullable(), auth: basicAuthSchema.nullable() });
/** How the members' REST API is reached. */
export type RestAccess = z.infer<typeof restAccessSchema>;

/** A member as the inventory knows it: Patroni's name and the ways to it. Live state is never kept here. */
const memberEntrySchema = z.object({
  name: z.string().min(1).max(400),
  /** The server whose SSH connection leads to this member; null where there is none (REST only, or direct). */
  serverId: z.string().nullable(),
  /** Patroni's advertised api_url, e.g. `http://10.0.0.11:8008/patroni`. */
  apiUrl: z.string(),
  /** Where the PostgreSQL of this member listens, from its conn_url. */
  postgresHost: z.string().optional(),
  postgresPort: z.number().int().optional(),
});
/** A member as the inventory remembers it. */
export type MemberEntry = z.infer<typeof memberEntrySchema>;

/** A cluster of the inventory. `etcd: null` is a REST-only cluster: the app says what it then cannot see. */
export const clusterEntrySchema = z.object({
  id: z.string().min(1),
  title: z.string().min(1).max(120),
  scope: z.string().min(1),
  namespace: namespaceSchema,
  /** The group of a Citus cluster that this is; each has members, a leader and keys of its own. Absent for every other cluster. */
  citusGroup: z.number().int().nonnegative().optional(),
  /** Names the Citus cluster that the group belongs to: all groups of one cluster have the same. */
  citusCluster: z.string().min(1).optional(),
  tags: z.array(z.string()).default([]),
  /** A production cluster asks for its name before every action that interrupts writes. */
  production: z.boolean().default(false),
  readOnly: z.boolean().default(false),
  /** It came from a file: nothing of it is contacted until the user agrees. */
  onHold: z.literal(true).optional(),
  members: z.array(memberEntrySchema),
  etcd: etcdAccessSchema.nullable(),
  rest: restAccessSchema,
  /**
   * The role by which the app asks PostgreSQL itself; absent: psql on the servers is asked. An empty `passwordSecret` stands for the
   * superuser's password among the secrets of a cluster that the app set up, which may be changed there.
   */
  postgres: basicAuthSchema.optional(),
  /** The Prometheus that keeps figures of it; absent: none was named. */
  prometheus: prometheusPlaceSchema.optional(),
  /**
   * Servers that run load balancers for it and are no members, by id, in the order in which they were named; absent: none. Those of
   * members are looked at anyway.
   */
  balancerServers: z.array(z.string().min(1)).max(32).optional(),
  /** Its backups, where they were set up from here; absent: they were not. */
  backups: keptBackupsSchema.optional(),
  /** Those that were set up from here and stopped: their passphrase opens what they left. Absent: none. */
  formerBackups: keptBackupsSchema.optional(),
  /** How the last proof of its backups that was started here came out; absent: none was tried. */
  backupProof: backupProofSchema.optional(),
  /** When and where its newest backup is proved by a timer; absent: by none from here. */
  proofSchedule: keptProofScheduleSchema.optional(),
  /** Path of the Patroni configuration found on a server, for patronictl commands shown to the user. */
  configPath: z.string().optional(),
  origin: z.enum(['user', 'demo', 'deployed']).default('user'),
  /** When this app took the cluster away from all its servers, ms since the epoch; absent for a cluster that is there. */
  removedAt: z.number().optional(),
});
/** A cluster as the inventory remembers it. */
export type ClusterEntry = z.infer<typeof clusterEntrySchema>;
