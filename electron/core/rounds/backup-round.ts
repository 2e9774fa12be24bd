import { appError } from '../../../shared/model/app-error';
import { findBackupTrouble } from '../../../shared/rules/backups/judge-backups';
import type { BackupsService } from '../backups/create-backups';
import type { ClusterHub } from '../clusters/hub';
import type { Round } from './round';

/** What backups are looked at with. */
export interface BackupRoundDeps {
  readonly hub: Pick<ClusterHub, 'state'>;
  readonly backups: Pick<BackupsService, 'read'>;
  /** Whether a server can be asked now without a connection being opened or the user being asked. */
  readonly mayAsk: (serverId: string) => boolean;
}

const EVERY_MS = 10 * 60_000;
/** A simulated server costs nothing to ask, and who tries the demo waits for it. */
const EVERY_IN_DEMO_MS = 10_000;

/**
 * The backups of each cluster, every ten minutes. What cannot be told is no answer: what was found before stands until it is too old
 * to count.
 */
export function backupRound({ hub, backups, mayAsk }: BackupRoundDeps): Round {
  return {
    source: 'backups',
    rule: { tellAfter: 1, takeBackAfter: 1 },
    everyMs: ({ origin }) => (origin === 'demo' ? EVERY_IN_DEMO_MS : EVERY_MS),
    look: async ({ id }) => {
      const servers = (hub.state(id)?.members ?? []).flatMap(({ serverId }) => serverId ?? []);
      const asked = servers.filter(mayAsk);
      if (asked.length === 0) return null;
      const { standing, limitHours, asOf } = await backups.read(id, asked);
      if (standing.kind === 'not_known')
        throw appError('backup.not_read', standing.why[0] ?? 'The backups could not be read.', { retryable: true });
      return { place: '', findings: findBackupTrouble(standing, limitHours, asOf), asOf };
    },
  };
}
