import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** The backups of a cluster. */
export function backupHandlers(rpc: Rpc['backups'], { backups }: Services) {
  return {
    read: rpc.read.handler(({ input }) => backups.read(input.clusterId)),
  };
}
