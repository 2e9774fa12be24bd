import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** Failover drills. */
export function drillHandlers(rpc: Rpc['drills'], { drills }: Services) {
  return {
    view: rpc.view.handler(({ input }) => drills.view(input.clusterId)),
    preview: rpc.preview.handler(({ input }) => drills.preview(input.clusterId, input.choice)),
    start: rpc.start.handler(({ input }) => drills.start(input)),
    clean: rpc.clean.handler(({ input }) => drills.clean(input)),
  };
}
