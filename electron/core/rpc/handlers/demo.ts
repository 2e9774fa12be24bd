import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** The simulated fleet inside the app. */
export function demoHandlers(rpc: Rpc['demo'], { demo }: Services) {
  return {
    start: rpc.start.handler(async ({ input }) => ({ clusterIds: await demo.start(input.clusters) })),
    stop: rpc.stop.handler(async () => {
      await demo.stop();
      return null;
    }),
    active: rpc.active.handler(({ input }) => demo.active(input.clusterId)),
    faults: rpc.faults.handler(() => demo.faults()),
    inject: rpc.inject.handler(async ({ input }) => {
      await demo.inject(input.clusterId, input.faultId, input.member);
      return null;
    }),
    heal: rpc.heal.handler(async ({ input }) => {
      await demo.heal(input.clusterId);
      return null;
    }),
  };
}
