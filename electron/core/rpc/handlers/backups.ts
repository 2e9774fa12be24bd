import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** The backups of a cluster. */
export function backupHandlers(rpc: Rpc['backups'], { backups }: Services) {
  return {
    read: rpc.read.handler(({ input }) => backups.read(input.clusterId)),
    previewSetUp: rpc.previewSetUp.handler(({ input }) => backups.previewSetUp(input.clusterId, input.setup)),
    setUp: rpc.setUp.handler(({ input }) => backups.setUp(input)),
    adopt: rpc.adopt.handler(({ input }) => backups.adopt(input.clusterId, input.stanza, input.serverId)),
    letGo: rpc.letGo.handler(({ input }) => backups.letGo(input.clusterId)),
    stop: rpc.stop.handler(({ input }) => backups.stop(input)),
    backUp: rpc.backUp.handler(({ input }) => backups.backUp(input)),
    prove: rpc.prove.handler(({ input }) => backups.prove(input)),
    previewProofTimer: rpc.previewProofTimer.handler(({ input }) =>
      backups.previewProofTimer(input.clusterId, input.schedule),
    ),
    proveByTimer: rpc.proveByTimer.handler(({ input }) => backups.proveByTimer(input)),
    stopProofTimer: rpc.stopProofTimer.handler(({ input }) => backups.stopProofTimer(input)),
    previewRestore: rpc.previewRestore.handler(({ input }) => backups.previewRestore(input.clusterId, input.wish)),
    restore: rpc.restore.handler(({ input }) => backups.restore(input)),
  };
}
