import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHostKeys, knownHostsFiles } from '../../../electron/core/ssh/authenticate/host-keys';
import { makePool, poolServer } from '../../support/ssh/ssh-pool';
import { sshdMissing, startRealSshd } from '../../support/ssh/real-sshd';
import { tempDirectory } from '../../support/temp';

if (sshdMissing === null) {
  describe('a private key in PKCS#8', () => {
    const kinds = [
      ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 })],
      ['EC P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
      ['EC P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
      ['EC P-521', generateKeyPairSync('ec', { namedCurve: 'P-521' })],
      ['Ed25519', generateKeyPairSync('ed25519')],
    ] as const;
    const cases = kinds.flatMap(([kind, pair]) =>
      [undefined, 'opens it'].map((passphrase) => [kind, passphrase, pair] as const),
    );

    it.each(cases)(
      'of type %s with the passphrase %j logs in at the sshd of OpenSSH',
      async (_kind, passphrase, pair) => {
        const { path, remove } = await tempDirectory();
        onTestFinished(remove);
        const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
        const pem = pair.privateKey.export({ format: 'pem', type: 'pkcs8', ...encryption });
        const plain = join(path, 'plain');
        await writeFile(plain, pair.privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
        await writeFile(join(path, 'key'), pem, { mode: 0o600 });
        const authorized = join(path, 'authorized');
        // ssh-keygen cannot print the public part of Ed25519 in PKCS#8: its last 32 bytes are the key itself.
        const raw = pair.publicKey.export({ format: 'der', type: 'spki' });
        const blob = Buffer.concat([Buffer.from('0000000b7373682d6564323535313900000020', 'hex'), raw.subarray(-32)]);
        const line =
          pair.publicKey.asymmetricKeyType === 'ed25519'
            ? `ssh-ed25519 ${blob.toString('base64')}\n`
            : execFileSync('ssh-keygen', ['-y', '-f', plain], { encoding: 'utf8' });
        await writeFile(authorized, line, { mode: 0o600 });
        await chmod(path, 0o755);
        const sshd = await startRealSshd([], { authorizedKeys: authorized });
        onTestFinished(() => sshd.close());
        const auth = { kind: 'key', keyPath: join(path, 'key'), passphraseSecret: 'phrase' } as const;
        const made = await makePool({
          servers: [poolServer(sshd.port, { user: sshd.user, auth })],
          secrets: passphrase === undefined ? {} : { phrase: passphrase },
        });
        onTestFinished(() => made.close());
        expect((await made.pool.remote('db1').run(['echo', 'in'], { timeoutMs: 20_000 })).stdout).toBe('in\n');
      },
    );
  });

  describe('a server that has no algorithm in common with the app', () => {
    it.each([
      ['key exchange', 'KexAlgorithms', 'sntrup761x25519-sha512@openssh.com'],
      ['key exchange', 'KexAlgorithms', 'diffie-hellman-group1-sha1'],
      ['cipher', 'Ciphers', '3des-cbc'],
      ['MAC', 'MACs', 'umac-64@openssh.com'],
    ])('is told from a busy one: it offers the %s only of %s %s', async (what, keyword, algorithm) => {
      const mac = keyword === 'MACs' ? ['Ciphers aes128-ctr'] : [];
      const sshd = await startRealSshd([`${keyword} ${algorithm}`, ...mac]);
      onTestFinished(() => sshd.close());
      const auth = { kind: 'key', keyPath: sshd.keyPath } as const;
      const made = await makePool({ servers: [poolServer(sshd.port, { user: sshd.user, auth })] });
      onTestFinished(() => made.close());
      await expect(made.pool.remote('db1').connect()).rejects.toMatchObject({
        data: {
          code: 'ssh.no_common_algorithm',
          retryable: false,
          message: expect.stringMatching(
            new RegExp(`no matching .*${what}.*the server offers ${algorithm}.*the app offers \\S+`, 'i'),
          ) as string,
        },
      });
    });
  });

  describe("the workstation's own file of known hosts", () => {
    it('is read beside the files of the user', () => {
      const own = ['/home/u/.ssh/known_hosts', '/home/u/.ssh/known_hosts2'];
      expect(knownHostsFiles('/home/u')).toEqual([...own, '/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']);
    });

    it.each([
      ['', 'a key that it names is known', null],
      ['@revoked ', 'a key that it revokes is refused', 'ssh.host_key_revoked'],
    ])('with the marker %j: %s', async (marker, _what, code) => {
      const sshd = await startRealSshd();
      onTestFinished(() => sshd.close());
      const { path, remove } = await tempDirectory();
      onTestFinished(remove);
      const publicKey = (await readFile(sshd.hostKeyPath, 'utf8')).trim();
      await writeFile(join(path, 'system'), `${marker}[127.0.0.1]:${sshd.port} ${publicKey}\n`);
      const hostKeys = createHostKeys({
        userFiles: [join(path, 'own'), join(path, 'system')],
        appFile: join(path, 'app'),
      });
      const auth = { kind: 'key', keyPath: sshd.keyPath } as const;
      const made = await makePool({
        servers: [poolServer(sshd.port, { user: sshd.user, auth })],
        hostKeys,
        ask: () => Promise.resolve(null),
      });
      onTestFinished(() => made.close());
      const connecting = made.pool.remote('db1').connect();
      if (code === null) await expect(connecting).resolves.toBeUndefined();
      else await expect(connecting).rejects.toMatchObject({ data: { code } });
    });
  });
} else {
  it.skip(`(skipped: ${sshdMissing})`, () => undefined);
}
