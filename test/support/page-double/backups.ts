import { implement } from '@orpc/server';
import { appError } from '../../../shared/model/app-error';
import { contract } from '../../../shared/contract';

/** The backups of a cluster whose servers are not looked at. */
export function backupsDouble(now: number) {
  const os = implement(contract).backups;
  const none = () => Promise.reject(appError('backup.not_read', 'No server of this cluster was looked at.'));
  return {
    read: os.read.handler(() => ({
      hosts: [],
      standing: { kind: 'not_known' as const, why: ['No server of this cluster was looked at.'] },
      setUpHere: null,
      adopted: null,
      proof: null,
      schedule: null,
      proofLimitDays: 8,
      limitHours: 26,
      asOf: now,
    })),
    previewSetUp: os.previewSetUp.handler(none),
    setUp: os.setUp.handler(none),
    adopt: os.adopt.handler(none),
    letGo: os.letGo.handler(none),
    stop: os.stop.handler(none),
    backUp: os.backUp.handler(none),
    prove: os.prove.handler(none),
    previewProofTimer: os.previewProofTimer.handler(none),
    proveByTimer: os.proveByTimer.handler(none),
    stopProofTimer: os.stopProofTimer.handler(none),
    previewRestore: os.previewRestore.handler(none),
    restore: os.restore.handler(none),
  };
}
