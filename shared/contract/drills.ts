import { z } from 'zod';
import { drillChoiceSchema, type DrillPreview, type DrillView } from '../model/drill/drill';
import type { Job } from '../model/operate/job';
import { call, of } from './procedures';

const ofCluster = z.object({ clusterId: z.string() });
const requestId = z.string().min(8).max(64);

/** Failover drills: a fault of the user's choice, measured by writes on every way in. */
export const drills = {
  /** The reports that are kept on this computer, and what a drill that was broken off left. Rejects with `operation.unknown_cluster`. */
  view: call(ofCluster, of<DrillView>()),
  /** Reads the cluster, its load balancers and the leader's server, and says what a drill would do. */
  preview: call(ofCluster.extend({ choice: drillChoiceSchema }), of<DrillPreview>()),
  /** Starts a job. Rejects, with nothing sent, when the cluster is not as it was shown or a check refuses. */
  start: call(
    ofCluster.extend({
      choice: drillChoiceSchema,
      fingerprint: z.string().max(100_000),
      typed: z.string().max(400).nullable(),
      requestId,
    }),
    of<Job>(),
  ),
  /** Cleans up after a drill that was broken off. Rejects with `drill.nothing_left`. */
  clean: call(ofCluster.extend({ requestId }), of<Job>()),
};
