import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Keychain } from '../../../electron/core/platform/host';
import { openVault, type Vault, type VaultState } from '../../../electron/core/vault/vault';
import { tempDirectory, type TempDirectory } from '../../support/temp';

const SECRET = 'correct horse battery staple';

/** A keychain as an OS has one: what it sealed only it opens. */
function keychain(backend = 'gnome_libsecret'): Keychain {
  const flip = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0x5a));
  return {
    backend,
    encrypt: async (plain) => flip(Buffer.from(plain)),
    decrypt: async (sealed) => flip(sealed).toString(),
  };
}

describe('the vault', () => {
  let temp: TempDirectory;
  let path: string;
  const open = (chain: Keychain | null = null, plain = false): Promise<Vault> =>
    openVault({ path, keychain: chain, plainKeychainAllowed: () => plain, now: () => Date.UTC(2026, 0, 1) });

  beforeEach(async () => {
    temp = await tempDirectory();
    path = join(temp.path, 'vault.json');
  });
  afterEach(() => temp.remove());

  it('is absent and makes no file until the first secret is saved', async () => {
    const vault = await open(keychain());
    expect(vault.status()).toEqual({ kind: 'absent', method: 'keychain' });
    expect(await readdir(temp.path)).toEqual([]);
  });

  it('asks how to protect the first secret when there is no keychain', async () => {
    const vault = await open();
    await expect(vault.put('test', SECRET)).rejects.toMatchObject({ data: { code: 'vault.absent' } });
    expect(vault.status()).toEqual({ kind: 'absent', method: 'passphrase' });
  });

  it('under a passphrase is locked at the next start and opened by the passphrase', async () => {
    const first = await open();
    await first.create('a long passphrase');
    const id = await first.put('test', SECRET);
    const second = await open();
    expect(second.status()).toEqual({ kind: 'locked' });
    await expect(second.read(id)).rejects.toMatchObject({ data: { code: 'vault.locked' } });
    await expect(second.put('test', 'more')).rejects.toMatchObject({ data: { code: 'vault.locked' } });
    await second.unlock('a long passphrase');
    expect(await second.read(id)).toBe(SECRET);
  });

  it('tells a wrong passphrase from a damaged file', async () => {
    const first = await open();
    await first.create('a long passphrase');
    await first.put('test', SECRET);
    await expect((await open()).unlock('another passphrase')).rejects.toMatchObject({
      data: { code: 'vault.wrong_passphrase' },
    });
    const file = JSON.parse(await readFile(path, 'utf8')) as { secrets: { data: string } };
    const flipped = Buffer.from(file.secrets.data, 'base64');
    flipped[3] = (flipped[3] ?? 0) ^ 1;
    await writeFile(path, JSON.stringify({ ...file, secrets: { ...file.secrets, data: flipped.toString('base64') } }));
    await expect((await open()).unlock('a long passphrase')).rejects.toMatchObject({ data: { code: 'vault.damaged' } });
  });

  it.skipIf(process.platform === 'win32')(
    'has no secret and no passphrase in clear text in its file, which only its owner can read',
    async () => {
      const vault = await open();
      await vault.create('a long passphrase');
      await vault.put('Password for db1', SECRET);
      const text = await readFile(path, 'utf8');
      for (const hidden of [SECRET, 'a long passphrase', 'Password for db1', Buffer.from(SECRET).toString('base64')])
        expect(text).not.toContain(hidden);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    },
  );

  it('with a keychain is made by the first secret and open at the next start', async () => {
    const id = await (await open(keychain())).put('test', SECRET);
    const second = await open(keychain());
    expect(second.status()).toEqual({ kind: 'open', method: 'keychain' });
    expect(await second.read(id)).toBe(SECRET);
    expect(await readFile(path, 'utf8')).not.toContain(SECRET);
  });

  it('uses a keychain without real encryption only if the user agreed', async () => {
    const refused = await open(keychain('basic_text'));
    expect(refused.status()).toEqual({ kind: 'absent', method: 'passphrase' });
    await expect(refused.put('test', SECRET)).rejects.toMatchObject({ data: { code: 'vault.absent' } });
    const agreed = await open(keychain('basic_text'), true);
    await agreed.put('test', SECRET);
    expect(agreed.status()).toEqual({ kind: 'open', method: 'keychain' });
  });

  it('stays locked, with the reason, when the keychain does not answer', async () => {
    await (await open(keychain())).put('test', SECRET);
    const later = await open(null);
    expect(later.status()).toEqual({ kind: 'locked' });
    expect(later.problem).toMatchObject({ code: 'vault.keychain_unavailable' });
    await expect(later.unlock('anything')).rejects.toMatchObject({ data: { code: 'vault.keychain_unavailable' } });
  });

  it('without a file keeps secrets of the session in memory only', async () => {
    const vault = await open();
    vault.useSession();
    const id = await vault.put('test', SECRET);
    expect(await vault.read(id)).toBe(SECRET);
    expect(vault.status()).toEqual({ kind: 'open', method: 'session' });
    expect(await readdir(temp.path)).toEqual([]);
  });

  it('takes in the secrets of the session when it is made later', async () => {
    const vault = await open();
    vault.useSession();
    const id = await vault.put('test', SECRET);
    await vault.create('a long passphrase');
    const later = await open();
    await later.unlock('a long passphrase');
    expect(await later.read(id)).toBe(SECRET);
  });

  it('is never overwritten by a second one', async () => {
    const vault = await open();
    await vault.create('a long passphrase');
    await expect(vault.create('another passphrase')).rejects.toMatchObject({ data: { code: 'vault.exists' } });
  });

  it('sets an unreadable file aside and reports it', async () => {
    await writeFile(
      path,
      '{"version":1,"method":"passphrase","kdf":{"name":"scrypt","n":1099511627776,"r":8,"p":1,"salt":"AA=="}}',
    );
    const vault = await open();
    expect(vault.problem).toMatchObject({ code: 'vault.damaged' });
    expect(vault.status()).toEqual({ kind: 'absent', method: 'passphrase' });
    expect((await readdir(temp.path)).some((name) => name.startsWith('vault.json.damaged-'))).toBe(true);
  });

  it('replaces and removes secrets, and gives them to the log for masking', async () => {
    const vault = await open(keychain());
    const [one, two] = await Promise.all([vault.put('one', 'first-secret'), vault.put('two', 'second-secret')]);
    await vault.replace(one, 'changed-secret');
    await vault.remove(two);
    expect(await vault.read(two)).toBeUndefined();
    expect(vault.known()).toEqual(['changed-secret']);
  });

  it('reports its status at once and on each change', async () => {
    const vault = await open();
    const heard: VaultState['kind'][] = [];
    const leave = vault.onStatus((status) => {
      heard.push(status.kind);
    });
    await vault.create('a long passphrase');
    await vault.put('test', SECRET);
    leave();
    expect(heard).toEqual(['absent', 'open']);
  });
});
