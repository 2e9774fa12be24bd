import type { Rpc } from '../implementer';
import type { Services } from '../services';
import { subscription } from '../subscription';

/** What could be better in a cluster. */
export function adviceHandlers(rpc: Rpc['advice'], { advice }: Services) {
  return {
    watch: rpc.watch.handler(({ input, signal }) =>
      subscription((push) => advice.watch(input.clusterId, push), { signal }),
    ),
    read: rpc.read.handler(({ input }) => advice.read(input.clusterId)),
    setAside: rpc.setAside.handler(async ({ input }) => {
      await advice.setAside(input.clusterId, input.rule, input.reason);
      return null;
    }),
    bringBack: rpc.bringBack.handler(async ({ input }) => {
      await advice.bringBack(input.clusterId, input.rule);
      return null;
    }),
  };
}
