import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** The configuration of a cluster. */
export function configureHandlers(rpc: Rpc['configure'], { postgresFacts, configHistory }: Services) {
  return {
    settings: rpc.settings.handler(({ input }) => postgresFacts.settings(input.clusterId, input.fresh)),
    history: rpc.history.handler(({ input }) => configHistory.list(input.clusterId)),
  };
}
