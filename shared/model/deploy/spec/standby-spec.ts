import { z } from 'zod';
import { clusterIdSchema } from '../../cluster/cluster-id';

/**
 * The cluster at another site that this one follows (Patroni's standby_cluster), from its set-up on until somebody promotes it. Roles,
 * their passwords and the databases come from there. Read once, when the cluster is made: a promotion later is no difference.
 */
export const standbySpecSchema = z.strictObject({
  /** The id of that cluster in the app, where it is one. */
  cluster: clusterIdSchema.optional(),
  /** Its addresses, tried in this order: a virtual address, or several members. */
  hosts: z.array(z.string().max(255)).max(8).default([]),
  port: z.number().int().min(1).max(65535).default(5432),
  /** A permanent physical slot there, which keeps WAL for this site; without one a long interruption means a new copy. */
  slot: z.string().max(63).optional(),
  /** The certificate of the authority that signs for that cluster's PostgreSQL (PEM), for a cluster with TLS. */
  authority: z.string().max(50_000).optional(),
});
/** Which cluster is followed, and by which way. */
export type StandbySpec = z.infer<typeof standbySpecSchema>;
