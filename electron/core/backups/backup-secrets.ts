import type { StoreLogin } from '../../../shared/model/backups/backup-setup';

/** The passphrase of a repository, and the login of a store; null: there is none. */
export interface BackupSecrets {
  readonly passphrase: string | null;
  readonly store: StoreLogin | null;
}
