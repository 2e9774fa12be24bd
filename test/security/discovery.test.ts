import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DISCOVERY_SCRIPT, PEM_SCRIPT } from '../../electron/core/clusters/discovery/discovery-script';

/** Neither root nor postgres. Without root rights, who runs the tests is that already. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('the search of a server, which reads as root', () => {
  let directory: string;
  const processes: ChildProcess[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'matriarch-discover-'));
    await chmod(directory, 0o755);
  });
  afterEach(async () => {
    for (const child of processes.splice(0)) child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });

  /** A process that looks like Patroni with this configuration; it waits on its input. */
  async function patroni(config: string, user: typeof NOBODY): Promise<void> {
    const child = spawn('sh', ['-c', 'echo up; read x', 'patroni', config], {
      ...user,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    processes.push(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
  }

  const search = async (): Promise<string> => {
    const { stdout } = await promisify(execFile)('sh', ['-c', DISCOVERY_SCRIPT], { maxBuffer: 64 * 1024 * 1024 });
    expect(stdout.trimEnd().endsWith('end')).toBe(true);
    return stdout;
  };

  it('believes no process of another user about where a configuration is', async () => {
    const secret = join(directory, 'secret');
    await writeFile(secret, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', { mode: 0o600 });
    const config = join(directory, 'patroni.yml');
    await writeFile(config, `scope: x\nrestapi:\n  keyfile: ${secret}\n`, { mode: 0o644 });
    await patroni(config, NOBODY);
    const link = join(directory, 'link.yml');
    await symlink('/etc/passwd', link);
    await patroni(link, NOBODY);
    const found = await search();
    for (const path of [config, secret, link]) expect(found, path).not.toContain(base64(path));
  });

  it('sends of the files that a configuration names their PEM blocks alone', async () => {
    const block = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const [cert = '', other = ''] = ['cert.pem', 'shadow'].map((name) => join(directory, name));
    await writeFile(cert, `root:x:0\n${block}trailing\n`);
    await writeFile(other, 'root:$y$hash:0\n');
    const { stdout } = await promisify(execFile)('sh', ['-c', PEM_SCRIPT, 'sh', 'root', cert, 'root', other]);
    expect(stdout).toBe(`pem ${base64(cert)} ${base64(block)}\n`);
  });
});
