import { knownCluster } from '../../inventory/cluster-edits';
import type { Rpc } from '../implementer';
import type { Services } from '../services';
import { subscription } from '../subscription';

/** The logs of a cluster's servers. */
export function logHandlers(rpc: Rpc['logs'], { inventory, logs }: Services) {
  return {
    follow: rpc.follow.handler(({ input, signal }) => {
      const { id } = knownCluster(inventory, input.clusterId);
      return subscription((push) => logs.follow(id, push), { signal });
    }),
    acknowledge: rpc.acknowledge.handler(({ input }) => {
      logs.acknowledge(input.followId, input.batch);
      return null;
    }),
    page: rpc.page.handler(({ input }) => logs.page(knownCluster(inventory, input.clusterId).id, input)),
  };
}
