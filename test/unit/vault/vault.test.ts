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

  it('is absent and makes no file until the first secret is to be kept', async () => {
    const vault = await open(keychain());
    expect(vault.status()).toEqual({ kind: 'absent', method: 'keychain' });
    expect(await readdir(temp.path)).toEqual([]);
  });

  it('without a keychain the first secret asks for a decision', async () => {
    const vault = await open();
    await expect(vault.put('test', SECRET)).rejects.toMatchObject({ data: { code: 'vault.absent' } });
    expect(vault.status()).toEqual({ kind: 'absent', method: 'passphrase' });
  });

  it('under a passphrase: kept, locked at the next start, opened by the passphrase', async () => {
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

  it('a wrong passphrase is told from a damaged file', async () => {
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
    'no secret and no passphrase is in the file, which only its owner reads',
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

  it('with a keychain it is made by the first secret and open at the next start', async () => {
    const id = await (await open(keychain())).put('test', SECRET);
    const second = await open(keychain());
    expect(second.status()).toEqual({ kind: 'open', method: 'keychain' });
    expect(await second.read(id)).toBe(SECRET);
    expect(await readFile(path, 'utf8')).not.toContain(SECRET);
  });

  it('a keychain that only hides is not used unless the user agreed', async () => {
    const refused = await open(keychain('basic_text'));
    expect(refused.status()).toEqual({ kind: 'absent', method: 'passphrase' });
    await expect(refused.put('test', SECRET)).rejects.toMatchObject({ data: { code: 'vault.absent' } });
    const agreed = await open(keychain('basic_text'), true);
    await agreed.put('test', SECRET);
    expect(agreed.status()).toEqual({ kind: 'open', method: 'keychain' });
  });

  it('a keychain that does not answer leaves the vault locked, with the reason', async () => {
    await (await open(keychain())).put('test', SECRET);
    const later = await open(null);
    expect(later.status()).toEqual({ kind: 'locked' });
    expect(later.problem).toMatchObject({ code: 'vault.keychain_unavailable' });
    await expect(later.unlock('anything')).rejects.toMatchObject({ data: { code: 'vault.keychain_unavailable' } });
  });

  it('a session keeps secrets in memory only', async () => {
    const vault = await open();
    vault.useSession();
    const id = await vault.put('test', SECRET);
    expect(await vault.read(id)).toBe(SECRET);
    expect(vault.status()).toEqual({ kind: 'open', method: 'session' });
    expect(await readdir(temp.path)).toEqual([]);
  });

  it('secrets of the session move into a vault made later', async () => {
    const vault = await open();
    vault.useSession();
    const id = await vault.put('test', SECRET);
    await vault.create('a long passphrase');
    const later = await open();
    await later.unlock('a long passphrase');
    expect(await later.read(id)).toBe(SECRET);
  });

  it('there is never a second vault over the first', async () => {
    const vault = await open();
    await vault.create('a long passphrase');
    await expect(vault.create('another passphrase')).rejects.toMatchObject({ data: { code: 'vault.exists' } });
  });

  it('a file that cannot be understood is kept beside and reported', async () => {
    await writeFile(
      path,
      '{"version":1,"method":"passphrase","kdf":{"name":"scrypt","n":1099511627776,"r":8,"p":1,"salt":"AA=="}}',
    );
    const vault = await open();
    expect(vault.problem).toMatchObject({ code: 'vault.damaged' });
    expect(vault.status()).toEqual({ kind: 'absent', method: 'passphrase' });
    expect((await readdir(temp.path)).some((name) => name.startsWith('vault.json.damaged-'))).toBe(true);
  });

  it('secrets are replaced, removed, and known for masking', async () => {
    const vault = await open(keychain());
    const [one, two] = await Promise.all([vault.put('one', 'first-secret'), vault.put('two', 'second-secret')]);
    await vault.replace(one, 'changed-secret');
    await vault.remove(two);
    expect(await vault.read(two)).toBeUndefined();
    expect(vault.known()).toEqual(['changed-secret']);
  });

  it('tells its status at once and when it changes', async () => {
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
