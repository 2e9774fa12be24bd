import type { BackupProof, KeptBackups } from '../../../shared/model/backups/backup-setup';
import type { KeptProofSchedule } from '../../../shared/model/backups/proof-schedule';
import type { BackupSecrets } from '../backups/backup-secrets';
import type { Inventory } from '../inventory/inventory';
import type { Vault } from '../vault/vault';

/** Keeps what is known of the backups of clusters, and the passphrases of their repositories. */
export interface BackupKeeper {
  keep(clusterId: string, kept: KeptBackups, secrets: BackupSecrets): Promise<void>;
  /** What the vault has of a stanza of a cluster, also one that was stopped. */
  secrets(clusterId: string, stanza: string): Promise<BackupSecrets>;
  keepProof(clusterId: string, proof: BackupProof): Promise<void>;
  /** null: there is no timer of proofs any more. */
  keepSchedule(clusterId: string, schedule: KeptProofSchedule | null): Promise<void>;
  /** Forgets that backups were set up from here; the passphrase stays in the vault, as the backups stay. */
  forget(clusterId: string): Promise<void>;
}

/** Makes it, for the entries of an inventory. */
export function createBackupKeeper(
  inventory: Pick<Inventory, 'cluster' | 'saveCluster'>,
  vault: Pick<Vault, 'put' | 'read'>,
): BackupKeeper {
  return {
    keep: async (clusterId, kept, { passphrase, store }) => {
      const before = inventory.cluster(clusterId);
      const former = [before?.backups, before?.formerBackups].find((one) => one?.stanza === kept.stanza);
      /** What the vault has already stays there under its name. */
      const name = async (
        id: string | undefined,
        what: string,
        value: string | undefined,
      ): Promise<string | undefined> => {
        if (value === undefined) return undefined;
        const same = id !== undefined && (await vault.read(id)) === value;
        return same ? id : vault.put(`backup ${what} ${kept.stanza}`, value);
      };
      const passphraseSecret = await name(former?.passphraseSecret, 'passphrase', passphrase ?? undefined);
      const storeKey = await name(former?.storeKey, 'store key', store?.key);
      const storeSecret = await name(former?.storeSecret, 'store secret', store?.secret);
      const named = {
        ...(passphraseSecret === undefined ? {} : { passphraseSecret }),
        ...(storeKey === undefined ? {} : { storeKey }),
        ...(storeSecret === undefined ? {} : { storeSecret }),
      };
      const entry = inventory.cluster(clusterId);
      if (entry !== undefined) await inventory.saveCluster({ ...entry, backups: { ...kept, ...named } });
    },
    secrets: async (clusterId, stanza) => {
      const entry = inventory.cluster(clusterId);
      const kept = [entry?.backups, entry?.formerBackups].find((one) => one?.stanza === stanza);
      const read = async (id: string | undefined): Promise<string | null> =>
        id === undefined ? null : ((await vault.read(id)) ?? null);
      const [passphrase, key, secret] = await Promise.all([
        read(kept?.passphraseSecret),
        read(kept?.storeKey),
        read(kept?.storeSecret),
      ]);
      return { passphrase, store: key === null || secret === null ? null : { key, secret } };
    },
    keepProof: async (clusterId, proof) => {
      const entry = inventory.cluster(clusterId);
      if (entry !== undefined) await inventory.saveCluster({ ...entry, backupProof: proof });
    },
    keepSchedule: async (clusterId, schedule) => {
      const entry = inventory.cluster(clusterId);
      if (entry === undefined) return;
      const { proofSchedule: _former, ...rest } = entry;
      await inventory.saveCluster(schedule === null ? rest : { ...rest, proofSchedule: schedule });
    },
    forget: async (clusterId) => {
      const entry = inventory.cluster(clusterId);
      if (entry === undefined) return;
      const { backups, formerBackups, ...rest } = entry;
      const former = backups === undefined || backups.adopted === true ? formerBackups : backups;
      await inventory.saveCluster(former === undefined ? rest : { ...rest, formerBackups: former });
    },
  };
}
