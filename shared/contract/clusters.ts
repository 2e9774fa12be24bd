import { z } from 'zod';
import { namespaceSchema } from '../model/cluster/namespace';
import type { ClusterEntry } from '../model/cluster/cluster-entry';
import type { ClusterUpdate, FleetUpdate, ClusterEvent } from '../model/cluster/cluster-state';
import type { DiscoveryResult } from '../model/cluster/discovery';
import { call, ask, feed, stream, of } from './procedures';

const clusterId = z.object({ clusterId: z.string() });

/** Adds what a discovery found. */
const addDiscoveredSchema = z.object({
  serverId: z.string(),
  key: z.string(),
  title: z.string().min(1).max(120),
  production: z.boolean().default(false),
  tags: z.array(z.string()).default([]),
});

/** A cluster reached without SSH: by REST addresses and, where there is one, etcd addresses. */
export const addDirectSchema = z.object({
  title: z.string().min(1).max(120),
  restUrls: z.array(z.url()).min(1),
  etcd: z.array(z.string()).default([]),
  scope: z.string().optional(),
  namespace: namespaceSchema.default('service'),
  production: z.boolean().default(false),
  restUser: z.string().optional(),
  restPassword: z.string().optional(),
  etcdUser: z.string().optional(),
  etcdPassword: z.string().optional(),
  caPem: z.string().optional(),
  certPem: z.string().optional(),
  keyPem: z.string().optional(),
});

/** Changes of what the inventory says of a cluster. */
const updateClusterSchema = z.object({
  clusterId: z.string(),
  title: z.string().min(1).max(120).optional(),
  production: z.boolean().optional(),
  readOnly: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  /** The user agrees that a cluster from a file is contacted. */
  onHold: z.literal(false).optional(),
});

/** Clusters: found, kept, watched. */
export const clusters = {
  discover: call(z.object({ serverId: z.string() }), of<DiscoveryResult>()),
  addDiscovered: call(addDiscoveredSchema, of<ClusterEntry>()),
  /** Adds the groups of a Citus cluster that have come since it was added; answers how many. */
  addNewGroups: call(clusterId, of<number>()),
  addDirect: call(addDirectSchema, of<ClusterEntry>()),
  list: ask(of<readonly ClusterEntry[]>()),
  update: call(updateClusterSchema, of<ClusterEntry>()),
  /** Takes it out of the inventory; nothing on the servers changes. */
  remove: call(clusterId, of<null>()),
  /** Which server's SSH connection leads to a member. */
  assignServer: call(
    z.object({ clusterId: z.string(), member: z.string(), serverId: z.string().nullable() }),
    of<null>(),
  ),
  fleet: feed(of<FleetUpdate>()),
  watch: stream(clusterId, of<ClusterUpdate>()),
  /** Recorded events, newest last; at most `limit`. */
  events: call(
    z.object({ clusterId: z.string(), limit: z.number().int().min(1).max(5000) }),
    of<readonly ClusterEvent[]>(),
  ),
  /** Asks every source again now. */
  refresh: call(clusterId, of<null>()),
};
