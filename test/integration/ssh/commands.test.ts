import { afterEach, describe, expect, it } from 'vitest';
import { makePool, poolServer, type TestPool } from '../../support/ssh/ssh-pool';
import { startSshServer, type SshServerOptions, type TestSshServer } from '../../support/ssh/ssh-server';
import type { Remote } from '../../../electron/core/ssh/remote';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function connectTo(
  options: SshServerOptions = {},
): Promise<{ remote: Remote; server: TestSshServer; pool: TestPool }> {
  const server = await startSshServer(options);
  const pool = await makePool({ servers: [poolServer(server.port)], secrets: { login: 'right horse' } });
  opened.push(server, pool);
  return { remote: pool.pool.remote('db1'), server, pool };
}

describe('commands on a server', () => {
  it('run an argument vector exactly as it is, whatever is in it', async () => {
    const { remote } = await connectTo();
    const words = ["it's", '$HOME', 'a b', '"', '\\', 'ä\n', '', '*', '-n', ';rm'];
    const result = await remote.run(['printf', '<%s>', ...words], { timeoutMs: 5_000 });
    expect(result).toMatchObject({ exitCode: 0, stdout: words.map((word) => `<${word}>`).join(''), stderr: '' });
  });

  it('answer an exit code as a value, with both outputs', async () => {
    const { remote } = await connectTo();
    const result = await remote.script('echo out; echo err >&2; exit 7', [], { timeoutMs: 5_000 });
    expect(result).toMatchObject({ exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  it('30 at once share one connection and at most 8 sessions', async () => {
    const { remote, server } = await connectTo();
    const all = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        remote.run(['sh', '-c', `sleep 0.05; echo ${index}`], { timeoutMs: 20_000 }),
      ),
    );
    expect(all.map((one) => one.stdout.trim())).toEqual(Array.from({ length: 30 }, (_, index) => String(index)));
    expect(server.connections()).toBe(1);
    expect(server.peakSessions()).toBeLessThanOrEqual(8);
    expect(server.peakSessions()).toBeGreaterThan(1);
  });
});
