import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureSecrets, knownSecrets } from '../../electron/core/deploy/secrets/cluster-secrets';
import { vaultSecretBook, type SecretBook } from '../../electron/core/deploy/secrets/secret-book';
import { openVault, type Vault } from '../../electron/core/vault/vault';
import { specFixture } from '../support/deploy/facts';
import { tempDirectory, type TempDirectory } from '../support/temp';

const spec = specFixture({ tls: 'on' });

describe('the passwords and the authority of a cluster that were kept for one session', () => {
  let temp: TempDirectory;

  beforeEach(async () => {
    temp = await tempDirectory();
  });
  afterEach(() => temp.remove());

  const session = async (): Promise<{ vault: Vault; book: SecretBook }> => {
    const vault = await openVault({
      path: join(temp.path, 'vault.json'),
      keychain: null,
      plainKeychainAllowed: () => false,
      now: Date.now,
    });
    vault.useSession();
    return { vault, book: vaultSecretBook(vault, temp.path) };
  };

  it('are not made anew by the next session: the cluster that runs has the old ones', async () => {
    const first = await session();
    await ensureSecrets(first.book, spec, Date.now());
    const { vault, book } = await session();
    await expect(ensureSecrets(book, spec, Date.now())).rejects.toMatchObject({
      data: { code: 'deploy.secret_lost', hint: expect.stringContaining('enter the password') },
    });
    expect(vault.known()).toEqual([]);
  });

  it('can be given again, and do not stand in the way of looking and undoing', async () => {
    const first = await session();
    await ensureSecrets(first.book, spec, Date.now());
    const { book } = await session();
    expect([...(await knownSecrets(book, spec)).keys()]).toEqual([]);
    await book.write(spec.id, 'superuser', 'typed again');
    expect(await book.read(spec.id, 'superuser')).toBe('typed again');
  });
});
