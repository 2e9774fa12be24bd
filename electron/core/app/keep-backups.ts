import type { BackupProof, KeptBackups } from '../../../shared/model/backups/backup-setup';
import type { Inventory } from '../inventory/inventory';
import type { Vault } from '../vault/vault';

/** Keeps what is known of the backups of clusters, and the passphrases of their repositories. */
export interface BackupKeeper {
  keep(clusterId: string, kept: KeptBackups, passphrase: string | null): Promise<void>;
  keepProof(clusterId: string, proof: BackupProof): Promise<void>;
  /** Forgets that backups were set up from here; the passphrase stays in the vault, as the backups stay. */
  forget(clusterId: string): Promise<void>;
}

/** Makes it, for the entries of an inventory. */
export function createBackupKeeper(
  inventory: Pick<Inventory, 'cluster' | 'saveCluster'>,
  vault: Pick<Vault, 'put'>,
): BackupKeeper {
  return {
    keep: async (clusterId, kept, passphrase) => {
      const secret = passphrase === null ? null : await vault.put(`backup passphrase ${kept.stanza}`, passphrase);
      const entry = inventory.cluster(clusterId);
      if (entry === undefined) return;
      await inventory.saveCluster({
        ...entry,
        backups: secret === null ? kept : { ...kept, passphraseSecret: secret },
      });
    },
    keepProof: async (clusterId, proof) => {
      const entry = inventory.cluster(clusterId);
      if (entry !== undefined) await inventory.saveCluster({ ...entry, backupProof: proof });
    },
    forget: async (clusterId) => {
      const entry = inventory.cluster(clusterId);
      if (entry === undefined) return;
      const { backups: _gone, ...rest } = entry;
      await inventory.saveCluster(rest);
    },
  };
}
