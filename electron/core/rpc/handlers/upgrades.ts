import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** Minor upgrades of clusters. */
export function upgradeHandlers(rpc: Rpc['upgrades'], { upgrades }: Services) {
  return {
    read: rpc.read.handler(({ input }) => upgrades.read(input.clusterId)),
    preview: rpc.preview.handler(({ input }) => upgrades.preview(input.clusterId, input.choice)),
    start: rpc.start.handler(({ input }) => upgrades.start(input)),
    stopped: rpc.stopped.handler(({ input }) => upgrades.stopped(input.clusterId)),
    clean: rpc.clean.handler(({ input }) => upgrades.clean(input)),
  };
}
