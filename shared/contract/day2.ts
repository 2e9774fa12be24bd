import { z } from 'zod';
import { day2ChangeSchema, type AdoptedCluster, type Day2Preview, type StandaloneFacts } from '../model/deploy/day2';
import type { Job } from '../model/operate/job';
import { clusterSpecSchema, type ClusterSpec } from '../model/deploy/spec/cluster-spec';
import { call, of } from './procedures';

const change = z.object({ spec: clusterSpecSchema, change: day2ChangeSchema });

/** Changes of a cluster that runs: servers come and go, members of etcd are replaced, a standalone PostgreSQL becomes a leader. */
export const day2 = {
  /** The latest spec a cluster was set up or changed with by this app; null where there is none. */
  spec: call(z.object({ clusterId: z.string() }), of<ClusterSpec | null>()),
  /** What a change would do; nothing is done. */
  preview: call(change, of<Day2Preview>()),
  /** `typed` is the name the preview asks for. Rejects with `deploy.not_confirmed`, `deploy.plan_changed`, `deploy.spec_invalid`. */
  apply: call(
    change.extend({ fingerprint: z.string(), typed: z.string().nullable(), requestId: z.string().min(8).max(64) }),
    of<{ readonly job: Job; readonly runId: string }>(),
  ),
  /** PostgreSQL clusters that run by themselves on the spec's servers. */
  standalones: call(z.object({ servers: clusterSpecSchema.shape.servers }), of<readonly StandaloneFacts[]>()),
  /** Describes a cluster of the inventory as it is. Nothing on its servers is changed. */
  adopt: call(z.object({ clusterId: z.string() }), of<AdoptedCluster>()),
  /** Keeps a spec that describes a cluster as it is; changes and comparisons start from it. Nothing on the servers is changed. */
  keep: call(z.object({ spec: clusterSpecSchema }), of<null>()),
};
