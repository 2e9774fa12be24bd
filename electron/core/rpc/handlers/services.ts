import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** The services on the servers of members. */
export function serviceHandlers(rpc: Rpc['services'], { memberServices }: Services) {
  return {
    read: rpc.read.handler(({ input }) => memberServices.read(input.clusterId, input.member)),
    log: rpc.log.handler(({ input }) => memberServices.log(input)),
    act: rpc.act.handler(({ input }) => memberServices.act(input)),
  };
}
