import { afterEach, describe, expect, it, vi } from 'vitest';
import { safeStorage } from '../support/electron-double';

vi.mock('electron', () => import('../support/electron-double'));
const { answerKeychain } = await import('../../electron/main/keychain');

describe('the key of the vault', () => {
  afterEach(() => {
    Object.assign(safeStorage, { available: true, backend: 'gnome_libsecret', plain: false });
  });

  const ask = (backend: string) => answerKeychain({ kind: 'encrypt', id: 1, backend, text: 'the key' }, 'linux');

  it.each([
    ['is gone', { available: false, backend: 'gnome_libsecret' }],
    ['was replaced by the plain one', { available: false, backend: 'basic_text' }],
    ['was replaced by another', { available: true, backend: 'kwallet6' }],
  ])('is never sealed by the plain keychain when the secret store %s after the start', (_what, now) => {
    Object.assign(safeStorage, now);
    expect(ask('gnome_libsecret')).toMatchObject({ kind: 'failed' });
    expect(safeStorage.plain).toBe(false);
  });

  it('is sealed by the plain keychain only where the core asks for that one', () => {
    Object.assign(safeStorage, { available: false, backend: 'basic_text' });
    expect(ask('basic_text')).toMatchObject({ kind: 'sealed' });
    expect(safeStorage.plain).toBe(true);
  });
});
