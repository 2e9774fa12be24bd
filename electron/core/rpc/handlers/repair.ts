import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** Guided repairs. */
export function repairHandlers(rpc: Rpc['repair'], { repair }: Services) {
  return {
    preview: rpc.preview.handler(({ input }) => repair.preview(input.clusterId, input.repair, input.gone)),
    give: rpc.give.handler(({ input }) => repair.give(input.clusterId, input.files)),
    start: rpc.start.handler(({ input }) => repair.start(input)),
  };
}
