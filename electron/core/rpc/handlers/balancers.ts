import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** The load balancers on the servers of members. */
export function balancerHandlers(rpc: Rpc['balancers'], { balancers }: Services) {
  return { read: rpc.read.handler(({ input }) => balancers.read(input.clusterId)) };
}
