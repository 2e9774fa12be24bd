import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../support/eventually';
import { makePool, poolServer, type TestPool } from '../../support/ssh/ssh-pool';
import { sshdMissing, startRealSshd } from '../../support/ssh/real-sshd';
import { tempDirectory } from '../../support/temp';

/** An agent of OpenSSH with five strangers and then the key that the server lets in; sshd allows three attempts. */
async function startScene(
  config: (scene: { socket: string; key: string }) => string,
  left: 'public' | 'encrypted' = 'public',
): Promise<TestPool> {
  const sshd = await startRealSshd(['MaxAuthTries 3']);
  onTestFinished(() => sshd.close());
  const { path, remove } = await tempDirectory();
  onTestFinished(remove);
  const socket = join(path, 'agent.sock');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  onTestFinished(() => void agent.kill('SIGTERM'));
  const addKey = (file: string): void => {
    execFileSync('ssh-add', ['-q', file], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
  };
  const key = join(path, 'mine');
  await copyFile(sshd.keyPath, key);
  const strangers = [1, 2, 3, 4, 5].map((number) => join(path, `stranger-${number}`));
  for (const file of strangers) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  await eventually('the agent listens', () => existsSync(socket));
  for (const file of [...strangers, key]) addKey(file);
  if (left === 'encrypted') execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'not told', '-f', key]);
  else {
    execFileSync('sh', ['-c', 'ssh-keygen -y -f "$1" > "$1.pub"', 'sh', key]);
    await rm(key);
  }
  const made = await makePool({
    servers: [poolServer(sshd.port, { user: sshd.user, auth: { kind: 'agent' }, sshConfigHost: 'db1' })],
    sshConfig: config({ socket, key }),
  });
  onTestFinished(() => made.close());
  return made;
}

describe('an agent with more keys than the server allows attempts', () => {
  if (sshdMissing !== null) {
    it.skip(`(skipped: ${sshdMissing})`, () => undefined);
    return;
  }
  it.each([
    [
      'IdentityFile of a public key, and IdentitiesOnly',
      (key: string) => ` IdentitiesOnly yes\n IdentityFile ${key}.pub`,
    ],
    [
      'IdentityFile whose public key lies beside it, and IdentitiesOnly',
      (key: string) => ` IdentitiesOnly yes\n IdentityFile ${key}`,
    ],
    ['IdentityFile alone: the named key goes first', (key: string) => ` IdentityFile ${key}`],
  ])('logs in by %s, at the agent that IdentityAgent names', async (_about, lines) => {
    const made = await startScene(({ socket, key }) => `Host db1\n IdentityAgent ${socket}\n${lines(key)}\n`);
    await expect(made.pool.remote('db1').connect()).resolves.toBeUndefined();
  });

  it('logs in by IdentitiesOnly and a key file that is encrypted and has no public key beside it', async () => {
    const made = await startScene(
      ({ socket, key }) => `Host db1\n IdentityAgent ${socket}\n IdentitiesOnly yes\n IdentityFile ${key}\n`,
      'encrypted',
    );
    await expect(made.pool.remote('db1').connect()).resolves.toBeUndefined();
  });

  it('offers none of its keys where IdentitiesOnly names another', async () => {
    const made = await startScene(
      ({ socket }) => `Host db1\n IdentityAgent ${socket}\n IdentitiesOnly yes\n IdentityFile /none\n`,
    );
    await expect(made.pool.remote('db1').connect()).rejects.toMatchObject({ data: { code: 'ssh.auth_failed' } });
  });

  it('is not asked where IdentityAgent is none', async () => {
    const made = await startScene(() => 'Host db1\n IdentityAgent none\n');
    await expect(made.pool.remote('db1').connect()).rejects.toMatchObject({ data: { code: 'ssh.auth_failed' } });
  });
});
