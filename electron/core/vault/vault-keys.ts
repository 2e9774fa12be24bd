import { appError } from '../../../shared/model/app-error';
import type { Keychain } from '../platform/host';
import { deriveKey, newKdf, randomKey, sameBytes, seal, unseal, type KdfParameters } from './sealing';
import { damagedVault, vaultContentSchema, type VaultContent, type VaultFile } from './vault-file';

/** Electron's fallback on Linux without a secret store: the key is the same on every computer, so it hides and protects nothing. */
const PLAIN_BACKEND = 'basic_text';

type Lock =
  | { readonly method: 'passphrase'; readonly kdf: KdfParameters; readonly check: string }
  | { readonly method: 'keychain'; readonly backend: string; readonly sealedKey: string };

/** A vault that can be read and written: the secrets, the key, and how the key is found again. */
export type OpenVault = Lock & { readonly key: Buffer; readonly content: VaultContent };

type FileOf<M extends VaultFile['method']> = Extract<VaultFile, { method: M }>;

/** The keychain that may be used: none where it protects nothing and the user did not agree to that. */
export function usableKeychain(keychain: Keychain | null, plainAllowed: boolean): Keychain | null {
  if (keychain === null) return null;
  return keychain.backend === PLAIN_BACKEND && !plainAllowed ? null : keychain;
}

/** A new vault under a passphrase, with content to begin with. */
export async function createWithPassphrase(passphrase: string, content: VaultContent): Promise<OpenVault> {
  const kdf = newKdf();
  const derived = await deriveKey(passphrase, kdf);
  return { method: 'passphrase', kdf, check: derived.check.toString('base64'), key: derived.key, content };
}

/** A new, empty vault whose key the keychain seals. */
export async function createWithKeychain(keychain: Keychain): Promise<OpenVault> {
  const key = randomKey();
  const sealedKey = (await keychain.encrypt(key.toString('base64'))).toString('base64');
  return { method: 'keychain', backend: keychain.backend, sealedKey, key, content: {} };
}

/** Opens a vault by its passphrase; rejects with `vault.wrong_passphrase` or `vault.damaged`. */
export async function openWithPassphrase(
  file: FileOf<'passphrase'>,
  passphrase: string,
  path: string,
): Promise<OpenVault> {
  const derived = await deriveKey(passphrase, file.kdf);
  if (!sameBytes(derived.check, Buffer.from(file.check, 'base64'))) {
    throw appError('vault.wrong_passphrase', 'This is not the passphrase of the vault.', {
      hint: 'Type it again. A lost passphrase cannot be recovered.',
    });
  }
  const lock: Lock = { method: 'passphrase', kdf: file.kdf, check: file.check };
  return { ...lock, key: derived.key, content: unsealContent(file, derived.key, path) };
}

/** Opens a vault by the keychain; rejects with what the keychain threw, or `vault.damaged`. */
export async function openWithKeychain(
  file: FileOf<'keychain'>,
  keychain: Keychain | null,
  path: string,
): Promise<OpenVault> {
  if (keychain === null) throw appError('vault.keychain_unavailable', 'This computer offers no keychain now.');
  const key = Buffer.from(await keychain.decrypt(Buffer.from(file.sealedKey, 'base64')), 'base64');
  const lock: Lock = { method: 'keychain', backend: file.backend, sealedKey: file.sealedKey };
  return { ...lock, key, content: unsealContent(file, key, path) };
}

/** The file of an open vault. */
export function sealContent(open: OpenVault): VaultFile {
  const secrets = seal(JSON.stringify(open.content), open.key, label(open.method));
  return open.method === 'passphrase'
    ? { version: 1, method: 'passphrase', kdf: open.kdf, check: open.check, secrets }
    : { version: 1, method: 'keychain', backend: open.backend, sealedKey: open.sealedKey, secrets };
}

function unsealContent(file: VaultFile, key: Buffer, path: string): VaultContent {
  try {
    return vaultContentSchema.parse(JSON.parse(unseal(file.secrets, key, label(file.method))));
  } catch {
    throw damagedVault(path);
  }
}

function label(method: VaultFile['method']): string {
  return `matriarch vault 1 ${method}`;
}
