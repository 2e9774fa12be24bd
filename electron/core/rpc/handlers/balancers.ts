import { setBalancerServers } from '../../inventory/cluster-edits';
import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** The load balancers of clusters. */
export function balancerHandlers(rpc: Rpc['balancers'], { balancers, inventory }: Services) {
  return {
    read: rpc.read.handler(({ input }) => balancers.read(input.clusterId)),
    search: rpc.search.handler(({ input }) => balancers.search(input.clusterId, input.serverId)),
    setServers: rpc.setServers.handler(async ({ input }) => {
      await setBalancerServers(inventory, input.clusterId, input.serverIds);
      return null;
    }),
  };
}
