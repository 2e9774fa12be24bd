import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** PostgreSQL of the members of a cluster. */
export function postgresHandlers(rpc: Rpc['postgres'], { postgres }: Services) {
  return {
    replication: rpc.replication.handler(({ input }) => postgres.replication(input.clusterId)),
    activity: rpc.activity.handler(({ input }) => postgres.activity(input.clusterId, input.member)),
    storage: rpc.storage.handler(({ input }) => postgres.storage(input.clusterId, input.member)),
    tables: rpc.tables.handler(({ input }) => postgres.tables(input)),
    statements: rpc.statements.handler(({ input }) => postgres.statements(input)),
    login: rpc.login.handler(({ input }) => postgres.login.read(input.clusterId)),
    setLogin: rpc.setLogin.handler(({ input }) => postgres.login.set(input)),
    forgetLogin: rpc.forgetLogin.handler(({ input }) => postgres.login.forget(input.clusterId)),
    run: rpc.run.handler(({ input }) => postgres.run(input)),
    cancelRun: rpc.cancelRun.handler(async ({ input }) => {
      await postgres.cancelRun(input);
      return null;
    }),
    write: rpc.write.handler(({ input }) => postgres.write(input)),
    endSession: rpc.endSession.handler(({ input }) => postgres.endSession(input)),
  };
}
