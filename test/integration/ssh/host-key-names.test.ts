import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHostKeys } from '../../../electron/core/ssh/authenticate/host-keys';
import { sshdMissing, startRealSshd } from '../../support/ssh/real-sshd';
import { makePool, poolServer, type TestPool } from '../../support/ssh/ssh-pool';
import { tempDirectory } from '../../support/temp';

const STRANGE = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

interface Scene {
  /** Lines of ~/.ssh/config for the server; FILES stands for the directory of `files`. */
  readonly config: string;
  /** Files of known hosts by name, of which `own` is the user's; KEY and ADDRESS stand for the server's. */
  readonly files: Readonly<Record<string, string>>;
  readonly trusts?: boolean;
}

/** A server of OpenSSH whose host key stands where the scene says. */
async function openScene({ config, files, trusts = false }: Scene): Promise<TestPool & { readonly appFile: string }> {
  const sshd = await startRealSshd();
  onTestFinished(() => sshd.close());
  const { path, remove } = await tempDirectory();
  onTestFinished(remove);
  const key = (await readFile(sshd.hostKeyPath, 'utf8')).trim();
  const fill = (text: string): string =>
    text
      .replaceAll('KEY', key)
      .replaceAll('ADDRESS', `[127.0.0.1]:${String(sshd.port)}`)
      .replaceAll('FILES', path);
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), fill(text));
  const appFile = join(path, 'app');
  const auth = { kind: 'key', keyPath: sshd.keyPath } as const;
  const made = await makePool({
    servers: [poolServer(sshd.port, { user: sshd.user, auth, sshConfigHost: 'db1' })],
    hostKeys: createHostKeys({ userFiles: [join(path, 'own')], appFile }),
    ask: () => Promise.resolve(trusts ? ['yes'] : null),
    sshConfig: fill(`Host db1\n${config}\n`),
  });
  onTestFinished(() => made.close());
  return { ...made, appFile };
}

if (sshdMissing === null) {
  describe('a host key is looked for where ~/.ssh/config says', () => {
    it.each<[string, Scene]>([
      ['under HostKeyAlias', { config: ' HostKeyAlias one.Tunnel', files: { own: 'one.tunnel KEY\n' } }],
      [
        'under HostKeyAlias, whatever another server at this address has',
        { config: ' HostKeyAlias one', files: { own: `ADDRESS ${STRANGE}\none KEY\n` } },
      ],
      [
        'in the files of UserKnownHostsFile, and not in the usual one',
        {
          config: ' UserKnownHostsFile FILES/none FILES/mine',
          files: { own: `ADDRESS ${STRANGE}\n`, mine: 'ADDRESS KEY\n' },
        },
      ],
      [
        'in the file of GlobalKnownHostsFile',
        { config: ' UserKnownHostsFile none\n GlobalKnownHostsFile FILES/all', files: { all: 'ADDRESS KEY\n' } },
      ],
    ])('%s', async (_where, scene) => {
      const { pool } = await openScene(scene);
      await expect(pool.remote('db1').connect()).resolves.toBeUndefined();
    });

    it.each<[string, Scene, string]>([
      [
        'under HostKeyAlias alone: the address does not count',
        { config: ' HostKeyAlias one', files: { own: 'ADDRESS KEY\n' } },
        'ssh.unknown_host_key',
      ],
      [
        'under HostKeyAlias: another key there is refused',
        { config: ' HostKeyAlias one', files: { own: `one ${STRANGE}\n` } },
        'ssh.host_key_changed',
      ],
      [
        'in a file of UserKnownHostsFile that revokes it',
        { config: ' UserKnownHostsFile FILES/mine', files: { mine: '@revoked * KEY\n' } },
        'ssh.host_key_revoked',
      ],
    ])('%s', async (_where, scene, code) => {
      const { pool } = await openScene(scene);
      await expect(pool.remote('db1').connect()).rejects.toMatchObject({ data: { code } });
    });

    it('and is trusted under that name', async () => {
      const { pool, appFile } = await openScene({ config: ' HostKeyAlias One', files: {}, trusts: true });
      await pool.remote('db1').connect();
      expect(await readFile(appFile, 'utf8')).toMatch(/^one ssh-ed25519 \S+\n$/);
    });
  });
} else {
  it.skip(`(skipped: ${sshdMissing})`, () => undefined);
}

describe('a connection that fails', () => {
  it('says in its hint what of ~/.ssh/config was not followed', async () => {
    const made = await makePool({
      servers: [poolServer(1, { host: '127.0.0.1', sshConfigHost: 'db1' })],
      sshConfig: 'Host db1\n ProxyCommand cloudflared access ssh --hostname %h\n',
    });
    onTestFinished(() => made.close());
    await expect(made.pool.remote('db1').connect()).rejects.toMatchObject({
      data: { hint: expect.stringContaining('ProxyCommand is not run') as string },
    });
  });
});
