import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** The backups of a cluster. */
export function backupHandlers(rpc: Rpc['backups'], { backups }: Services) {
  return {
    read: rpc.read.handler(({ input }) => backups.read(input.clusterId)),
    previewSetUp: rpc.previewSetUp.handler(({ input }) => backups.previewSetUp(input.clusterId, input.setup)),
    setUp: rpc.setUp.handler(({ input }) => backups.setUp(input)),
    stop: rpc.stop.handler(({ input }) => backups.stop(input)),
    backUp: rpc.backUp.handler(({ input }) => backups.backUp(input)),
    prove: rpc.prove.handler(({ input }) => backups.prove(input)),
    previewRestore: rpc.previewRestore.handler(({ input }) => backups.previewRestore(input.clusterId, input.wish)),
    restore: rpc.restore.handler(({ input }) => backups.restore(input)),
  };
}
