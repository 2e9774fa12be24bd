import { join } from 'node:path';
import { z } from 'zod';
import { serverSchema, type Server } from '../../../shared/model/connect/server';
import { readPrivateFile } from '../../core/platform/private-file';
import type { Secrets } from '../../core/vault/secrets';
import { openVault } from '../../core/vault/vault';
import { askTerminal } from './ask-terminal';

const inventorySchema = z.object({ servers: z.array(serverSchema).default([]) });

/** The servers of the app's own inventory, so that a spec may name them; none when there is no inventory. */
export async function readInventoryServers(directory: string): Promise<readonly Server[]> {
  const text = await readPrivateFile(join(directory, 'inventory.json'));
  if (text === null) return [];
  try {
    return inventorySchema.parse(JSON.parse(text)).servers;
  } catch {
    return [];
  }
}

/** The app's vault, opened with a passphrase asked for at the terminal; null without one. */
export async function terminalSecrets(directory: string): Promise<Secrets | null> {
  const vault = await openVault({
    path: join(directory, 'vault.json'),
    keychain: null,
    plainKeychainAllowed: () => false,
    now: Date.now,
  });
  const status = vault.status();
  if (status.kind === 'open') return vault;
  const passphrase = await askTerminal(
    status.kind === 'absent' ? 'New passphrase for the vault (8 characters or more):' : 'Passphrase of the vault:',
    true,
  );
  if (passphrase === null) return null;
  await (status.kind === 'absent' ? vault.create(passphrase) : vault.unlock(passphrase));
  return vault;
}
