import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** PostgreSQL of the members of a cluster. */
export function postgresHandlers(rpc: Rpc['postgres'], { postgres }: Services) {
  return {
    replication: rpc.replication.handler(({ input }) => postgres.replication(input.clusterId)),
    activity: rpc.activity.handler(({ input }) => postgres.activity(input.clusterId, input.member)),
    endSession: rpc.endSession.handler(({ input }) => postgres.endSession(input)),
  };
}
