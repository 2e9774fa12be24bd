import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** The certificates of clusters. */
export function certificateHandlers(rpc: Rpc['certificates'], { certificates }: Services) {
  return { read: rpc.read.handler(({ input }) => certificates.read(input.clusterId)) };
}
