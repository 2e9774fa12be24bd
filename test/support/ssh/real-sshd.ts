import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { makeKey } from './ssh-server';

const SSHD = '/usr/sbin/sshd';

/** Why there is no real sshd to test against, or null when there is one. */
export const sshdMissing: string | null = existsSync(SSHD) ? null : `${SSHD} is not installed (package openssh-server)`;

/** OpenSSH's own server on loopback, for the user who runs the tests. */
export interface RealSshd {
  readonly port: number;
  readonly user: string;
  /** A private key the server lets in. */
  readonly keyPath: string;
  /** The server's public host key. */
  readonly hostKeyPath: string;
  close(): Promise<void>;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    probe.close(() => {
      resolve();
    });
  });
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

/** Starts sshd with a configuration of its own; nothing of the system's is read or changed. `extra` are lines for sshd_config. */
export async function startRealSshd(
  extra: readonly string[] = [],
  files: { readonly authorizedKeys?: string } = {},
): Promise<RealSshd> {
  const directory = await mkdtemp(join(tmpdir(), 'real-sshd-'));
  const [host, login, port] = [makeKey(), makeKey(), await freePort()];
  await writeFile(join(directory, 'host'), host.private, { mode: 0o600 });
  await writeFile(join(directory, 'host.pub'), `${host.public}\n`);
  await writeFile(join(directory, 'login'), login.private, { mode: 0o600 });
  await writeFile(join(directory, 'authorized'), `${login.public}\n`, { mode: 0o600 });
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(directory, 'host')}`,
    `AuthorizedKeysFile ${files.authorizedKeys ?? join(directory, 'authorized')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    ...extra,
  ];
  await writeFile(join(directory, 'config'), `${lines.join('\n')}\n`);
  // Started by root, sshd insists on this directory; it is empty and stays so.
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(SSHD, ['-D', '-e', '-f', join(directory, 'config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await rm(directory, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 50; tries += 1) {
    if (await answers(port)) {
      const at = (name: string): string => join(directory, name);
      return { port, user: userInfo().username, keyPath: at('login'), hostKeyPath: at('host.pub'), close };
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  await close();
  throw new Error(`sshd did not start: ${said.slice(0, 500)}`);
}
