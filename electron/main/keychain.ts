import { safeStorage } from 'electron';
import type { ToCore, ToMain } from './messages';

/** A question of the core about the keychain. */
export type KeychainQuestion = Extract<ToMain, { kind: 'encrypt' | 'decrypt' }>;

/** Electron's name for a keychain that hides and protects nothing. */
const PLAIN = 'basic_text';

/** The keychain's backend, or null where none can be used. On Linux `basic_text` is named as such: the vault decides about it. */
export function keychainBackend(platform: string): string | null {
  if (!safeStorage.isEncryptionAvailable()) return platform === 'linux' ? plainBackend() : null;
  if (platform === 'linux') return safeStorage.getSelectedStorageBackend();
  return platform === 'darwin' ? 'keychain' : 'dpapi';
}

function plainBackend(): string | null {
  return safeStorage.getSelectedStorageBackend() === PLAIN ? PLAIN : null;
}

/**
 * Answers a question; a failure is an answer, too. A secret store that has gone away since the start fails: Electron would
 * seal with the plain one in its place, and only a question that means the plain one may have that.
 */
export function answerKeychain(question: KeychainQuestion, platform: string): ToCore {
  try {
    const present = keychainBackend(platform);
    if (present !== question.backend)
      throw new Error(`The keychain ${question.backend} cannot be used now (${present ?? 'there is none'}).`);
    if (present === PLAIN && !safeStorage.isEncryptionAvailable()) safeStorage.setUsePlainTextEncryption(true);
    return question.kind === 'encrypt'
      ? { kind: 'sealed', id: question.id, data: safeStorage.encryptString(question.text) }
      : { kind: 'opened', id: question.id, text: safeStorage.decryptString(Buffer.from(question.data)) };
  } catch (thrown) {
    return {
      kind: 'failed',
      id: question.id,
      message: thrown instanceof Error ? thrown.message : 'The keychain refused.',
    };
  }
}
