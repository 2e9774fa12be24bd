import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const login = z.object({ username: z.string(), password: z.string() });
const tlsFiles = z.object({ ca: z.string(), cert: z.string(), key: z.string() });
const node = z.object({ name: z.string(), ip: z.string(), suite: z.enum(['bookworm', 'trixie']) });

const referenceCluster = z.object({
  scope: z.string(),
  namespace: z.string(),
  layout: z.enum(['plain', 'debian-layout']),
  members: z.array(node),
  config: z.string(),
  unit: z.string(),
  dataDir: z.string(),
  pgVersion: z.number(),
  port: z.number(),
  rest: z.object({
    port: z.number(),
    scheme: z.enum(['http', 'https']),
    verifyClient: z.enum(['none', 'optional', 'required']),
    auth: login.nullable(),
    tls: tlsFiles.nullable(),
  }),
  users: z.object({ superuser: login, replication: login, rewind: login }),
  proxy: z.object({ primary: z.number(), replicas: z.number(), stats: z.number(), pgbouncer: z.number() }).nullable(),
});

const clusterFile = z.object({
  lab: z.string(),
  net: z.string(),
  etcd: z.object({
    members: z.array(node),
    scheme: z.enum(['http', 'https']),
    clientPort: z.number(),
    peerPort: z.number(),
    tls: tlsFiles.nullable(),
    auth: z.object({ root: login, patroni: login }).nullable(),
  }),
  clusters: z.array(referenceCluster),
});

/** A reference cluster of the lab: where its files are on the servers, ports, and the lab's own passwords and keys. */
export type ReferenceCluster = z.infer<typeof referenceCluster>;

/** One etcd of the lab and the clusters in it, the latest last. */
export type WrittenClusterFile = z.infer<typeof clusterFile>;

/** Reads $LAB_DIR/cluster.json. */
export async function readClusterFile(path: string): Promise<WrittenClusterFile> {
  return clusterFile.parse(JSON.parse(await readFile(path, 'utf8')));
}
