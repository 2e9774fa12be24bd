import { z } from 'zod';
import type { Job } from '../model/operate/job';
import {
  assessmentChoiceSchema,
  type AssessmentPlace,
  type AssessmentPreview,
  type AssessmentsView,
} from '../model/upgrade/assessment';
import { call, of } from './procedures';

const ofCluster = z.object({ clusterId: z.string() });
const requestId = z.string().min(8).max(64);

/** What a new major version of PostgreSQL would take, tried on a copy of the data. Nothing of the cluster is changed. */
export const assessments = {
  /** What is kept on this computer; asks no server. Rejects with `operation.unknown_cluster`. */
  view: call(ofCluster, of<AssessmentsView>()),
  /** Asks the server of every member which newer major versions it has or is offered; reads only. */
  offers: call(ofCluster, of<readonly AssessmentPlace[]>()),
  /** Asks the member, its server and apt, and says what an assessment would do; changes nothing. */
  preview: call(ofCluster.extend({ choice: assessmentChoiceSchema }), of<AssessmentPreview>()),
  /**
   * Starts a job. Rejects, with nothing done, with `operation.read_only`, `operation.state_changed`, `operation.not_confirmed`,
   * `upgrade.not_assessed` or `job.busy`.
   */
  start: call(
    ofCluster.extend({
      choice: assessmentChoiceSchema,
      fingerprint: z.string().max(100_000),
      typed: z.string().max(400).nullable(),
      requestId,
    }),
    of<Job>(),
  ),
  /** Removes what an assessment that was broken off left on a server. Rejects with `upgrade.nothing_left`. */
  clean: call(ofCluster.extend({ requestId }), of<Job>()),
  /** Removes the packages again that an assessment installed. Rejects with `upgrade.nothing_left`. */
  removePackages: call(ofCluster.extend({ serverId: z.string(), major: z.number().int(), requestId }), of<Job>()),
};
