import { z } from 'zod';
import { sessionEndSchema, type ActivityView } from '../model/postgres/activity';
import type { ReplicationView } from '../model/postgres/replication';
import { BACKEND_START } from '../rules/postgres/session-end';
import type { Job } from '../model/operate/job';
import { call, of } from './procedures';

const ofCluster = z.object({ clusterId: z.string() });
const ofMember = ofCluster.extend({ member: z.string() });

/** PostgreSQL of the members of a cluster, asked when it is on the screen. Everything but what ends a session reads only. */
export const postgres = {
  /** Replication, slots and archiver of every member; what one member does not answer stands in its place. */
  replication: call(ofCluster, of<ReplicationView>()),
  /** The sessions of a member, with what they wait for. */
  activity: call(ofMember, of<ActivityView>()),
  /**
   * Cancels a statement or terminates a session, as a job. Rejects, with nothing sent, with `operation.read_only`,
   * `operation.not_confirmed`, and `postgres.session_gone` when another session has the pid now.
   */
  endSession: call(
    ofMember.extend({
      end: sessionEndSchema,
      pid: z.number().int().positive(),
      backendStart: z.string().regex(BACKEND_START),
      typed: z.string().nullable(),
      requestId: z.string().min(8).max(64),
    }),
    of<Job>(),
  ),
};
