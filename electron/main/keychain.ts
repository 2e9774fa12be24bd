import { safeStorage } from 'electron';
import type { ToCore, ToMain } from './messages';

/** A question of the core about the keychain. */
export type KeychainQuestion = Extract<ToMain, { kind: 'encrypt' | 'decrypt' }>;

/** The keychain's backend, or null where none can be used. On Linux `basic_text` is named as such: the vault decides about it. */
export function keychainBackend(platform: string): string | null {
  if (!safeStorage.isEncryptionAvailable()) return platform === 'linux' ? plainBackend() : null;
  if (platform === 'linux') return safeStorage.getSelectedStorageBackend();
  return platform === 'darwin' ? 'keychain' : 'dpapi';
}

function plainBackend(): string | null {
  return safeStorage.getSelectedStorageBackend() === 'basic_text' ? 'basic_text' : null;
}

/** Answers a question; a failure is an answer, too. */
export function answerKeychain(question: KeychainQuestion): ToCore {
  try {
    if (safeStorage.isEncryptionAvailable() === false) safeStorage.setUsePlainTextEncryption(true);
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
