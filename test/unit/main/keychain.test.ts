import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ToMain } from '../../../electron/main/messages';
import { remoteKeychain } from '../../../electron/main/remote-keychain';
import { safeStorage } from '../../support/electron-double';

vi.mock('electron', () => import('../../support/electron-double'));
const { answerKeychain, keychainBackend } = await import('../../../electron/main/keychain');

/** The core's end and main's end, joined as the process's port joins them. */
function joined(backend = 'gnome_libsecret') {
  const keychain = remoteKeychain((message: ToMain) => {
    if (message.kind !== 'encrypt' && message.kind !== 'decrypt') return;
    const answer = answerKeychain(message, 'linux');
    if (answer.kind === 'sealed' || answer.kind === 'opened' || answer.kind === 'failed')
      queueMicrotask(() => {
        keychain.answer(answer);
      });
  });
  return keychain.withBackend(backend);
}

describe('the keychain of the desktop', () => {
  afterEach(() => {
    Object.assign(safeStorage, { available: true, backend: 'gnome_libsecret', plain: false });
  });

  it('seals and opens for the core, which may not ask the system itself', async () => {
    const keychain = joined();
    const [one, two] = await Promise.all([keychain.encrypt('first'), keychain.encrypt('second')]);
    expect(await Promise.all([keychain.decrypt(two), keychain.decrypt(one)])).toEqual(['second', 'first']);
  });

  it('a refusal of the system is an error in the core', async () => {
    await expect(joined().decrypt(Buffer.from('of another computer'))).rejects.toThrow('not sealed here');
  });

  it('Linux without a secret store is named basic_text, so that the vault can refuse it', () => {
    Object.assign(safeStorage, { available: false, backend: 'basic_text' });
    expect(keychainBackend('linux')).toBe('basic_text');
  });

  it('no keychain at all is null', () => {
    Object.assign(safeStorage, { available: false, backend: 'unknown' });
    expect(keychainBackend('linux')).toBeNull();
    expect(keychainBackend('win32')).toBeNull();
  });
});
