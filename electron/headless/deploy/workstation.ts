import { join } from 'node:path';
import { z } from 'zod';
import { clusterEntrySchema } from '../../../shared/model/cluster/cluster-entry';
import { serverSchema } from '../../../shared/model/connect/server';
import { readPrivateFile } from '../../core/platform/private-file';
import type { Secrets } from '../../core/vault/secrets';
import { openVault } from '../../core/vault/vault';
import { askTerminal } from './ask-terminal';

const inventorySchema = z.object({
  servers: z.array(serverSchema).default([]),
  clusters: z.array(clusterEntrySchema).default([]),
});
/** What the command line reads of the app's inventory. */
export type InventoryView = z.infer<typeof inventorySchema>;

/** The servers of the app's own inventory, so that a spec may name them, and its clusters; none when there is no inventory. */
export async function readInventory(directory: string): Promise<InventoryView> {
  const text = await readPrivateFile(join(directory, 'inventory.json'));
  if (text === null) return { servers: [], clusters: [] };
  try {
    return inventorySchema.parse(JSON.parse(text));
  } catch {
    return { servers: [], clusters: [] };
  }
}

/**
 * The app's vault, opened with a passphrase asked for at the terminal; null without one. `makesOne`: one that is not there yet is made.
 */
export async function terminalSecrets(
  directory: string,
  { makesOne }: { readonly makesOne: boolean },
): Promise<Secrets | null> {
  const vault = await openVault({
    path: join(directory, 'vault.json'),
    keychain: null,
    plainKeychainAllowed: () => false,
    now: Date.now,
  });
  const status = vault.status();
  if (status.kind === 'open') return vault;
  if (status.kind === 'absent' && !makesOne) return null;
  const passphrase = await askTerminal(
    status.kind === 'absent' ? 'New passphrase for the vault (8 characters or more):' : 'Passphrase of the vault:',
    true,
  );
  if (passphrase === null) return null;
  await (status.kind === 'absent' ? vault.create(passphrase) : vault.unlock(passphrase));
  return vault;
}
