import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** Minor upgrades of clusters. */
export function upgradeHandlers(rpc: Rpc['upgrades'], { upgrades }: Services) {
  return { read: rpc.read.handler(({ input }) => upgrades.read(input.clusterId)) };
}
