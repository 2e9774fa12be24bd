import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';

/** The backups of a cluster whose servers are not looked at. */
export function backupsDouble(now: number) {
  const os = implement(contract).backups;
  return {
    read: os.read.handler(() => ({
      hosts: [],
      standing: { kind: 'not_known' as const, why: ['No server of this cluster was looked at.'] },
      limitHours: 26,
      asOf: now,
    })),
  };
}
