import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** Guided repairs. */
export function repairHandlers(rpc: Rpc['repair'], { repair }: Services) {
  return {
    preview: rpc.preview.handler(({ input }) => repair.preview(input.clusterId, input.repair, input.gone)),
    start: rpc.start.handler(({ input }) => repair.start(input)),
  };
}
