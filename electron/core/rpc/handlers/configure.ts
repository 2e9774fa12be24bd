import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** The configuration of a cluster. */
export function configureHandlers(rpc: Rpc['configure'], { postgresFacts, configHistory, memberFiles }: Services) {
  return {
    settings: rpc.settings.handler(({ input }) => postgresFacts.settings(input.clusterId, input.fresh)),
    history: rpc.history.handler(({ input }) => configHistory.list(input.clusterId)),
    memberFile: rpc.memberFile.handler(({ input }) => memberFiles.read(input.clusterId, input.member)),
    ownParameters: rpc.ownParameters.handler(({ input }) => memberFiles.ownParameters(input.clusterId)),
    changeMemberFile: rpc.changeMemberFile.handler(({ input }) => memberFiles.change(input)),
  };
}
