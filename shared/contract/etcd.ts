import { z } from 'zod';
import { etcdActionSchema, type EtcdActionPreview } from '../model/etcd/etcd-action';
import type { EtcdKeys, EtcdView } from '../model/etcd/etcd-view';
import type { Job } from '../model/operate/job';
import { call, of } from './procedures';

const ofCluster = z.object({ clusterId: z.string() });

/** The etcd of a cluster: what it is, and what is done with it. Asked when wanted: nothing polls. */
export const etcd = {
  /** Asks every member. Rejects with `etcd.not_configured` and with what the connection to etcd rejects with. */
  look: call(ofCluster, of<EtcdView>()),
  /** The keys below the scope, raw. */
  keys: call(ofCluster, of<EtcdKeys>()),
  /** Asks every member again, and says what an action would do. */
  preview: call(ofCluster.extend({ action: etcdActionSchema }), of<EtcdActionPreview>()),
  /** Starts a job. Rejects, with nothing sent, when etcd is not as it was shown or a check refuses. */
  act: call(
    ofCluster.extend({
      action: etcdActionSchema,
      fingerprint: z.string(),
      typed: z.string().nullable(),
      requestId: z.string().min(8).max(64),
    }),
    of<Job>(),
  ),
};
