import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startFaultProxy } from '../../support/network/fault-proxy';
import {
  declineEveryQuestion,
  makePool,
  recordingUser,
  poolServer,
  type TestPool,
  type TestPoolOptions,
} from '../../support/ssh/ssh-pool';
import { makeKey, startSshServer, type SshServerOptions, type TestSshServer } from '../../support/ssh/ssh-server';

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

async function serve(options: SshServerOptions = {}): Promise<TestSshServer> {
  const server = await startSshServer(options);
  cleanup.push(() => server.close());
  return server;
}

async function pool(options: TestPoolOptions): Promise<TestPool> {
  const made = await makePool(options);
  cleanup.push(() => made.close());
  return made;
}

async function directory(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'ssh-login-'));
  cleanup.push(() => rm(made, { recursive: true, force: true }));
  return made;
}

async function keyFile(text: string, name = 'key'): Promise<string> {
  const path = join(await directory(), name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

const whoami = { timeoutMs: 5_000 };
const code = (name: string): object => ({ data: { code: name } });

describe('a password login', () => {
  it('with a stored password asks nothing', async () => {
    const server = await serve();
    const user = recordingUser();
    const { pool: remotes } = await pool({
      servers: [poolServer(server.port)],
      secrets: { login: 'right horse' },
      ask: user.ask,
    });
    await remotes.remote('db1').connect();
    expect(user.questions.map((question) => question.kind)).toEqual(['host_key']);
    expect(remotes.remote('db1').state().kind).toBe('connected');
  });

  it('without one asks once for all who need it, and keeps the answer while the app runs', async () => {
    const server = await serve();
    const user = recordingUser((question) => (question.kind === 'password' ? ['right horse'] : null));
    const { pool: remotes } = await pool({
      servers: [poolServer(server.port, { auth: { kind: 'password' } })],
      ask: user.ask,
    });
    const remote = remotes.remote('db1');
    await Promise.all([remote.run(['true'], whoami), remote.run(['true'], whoami), remote.connect()]);
    server.cut();
    await expect.poll(() => remote.state().kind).toBe('lost');
    await remote.run(['true'], whoami);
    expect(user.questions.filter((question) => question.kind === 'password')).toHaveLength(1);
  });

  it('with a wrong stored password says so, asks, and takes the right one', async () => {
    const server = await serve();
    const user = recordingUser((question) => (question.kind === 'password' ? ['right horse'] : null));
    const { pool: remotes } = await pool({
      servers: [poolServer(server.port)],
      secrets: { login: 'wrong horse' },
      ask: user.ask,
    });
    await remotes.remote('db1').connect();
    expect(user.questions).toContainEqual(expect.objectContaining({ kind: 'password', previousWrong: true }));
  });

  it('with a wrong password and nobody to ask is refused, names the server and not the password', async () => {
    const server = await serve();
    const { pool: remotes } = await pool({ servers: [poolServer(server.port)], secrets: { login: 'wrong horse' } });
    const error: unknown = await remotes
      .remote('db1')
      .connect()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ data: { code: 'ssh.auth_failed', target: 'db1', retryable: false } });
    expect(JSON.stringify(error) + String(error)).not.toContain('wrong horse');
  });

  it('that was refused is not tried again by itself, so that no account gets locked', async () => {
    const server = await serve();
    const { pool: remotes } = await pool({ servers: [poolServer(server.port)], secrets: { login: 'wrong horse' } });
    const remote = remotes.remote('db1');
    await expect(remote.run(['true'], whoami)).rejects.toMatchObject(code('ssh.auth_failed'));
    await expect(remote.run(['true'], whoami)).rejects.toMatchObject(code('ssh.auth_failed'));
    expect(server.attempts.filter((method) => method === 'password')).toHaveLength(1);
    expect(remote.state()).toMatchObject({ kind: 'lost', retryAt: null });
    await expect(remote.connect()).rejects.toMatchObject(code('ssh.auth_failed'));
    expect(server.attempts.filter((method) => method === 'password')).toHaveLength(2);
  });

  it('of an unknown user is refused', async () => {
    const server = await serve();
    const { pool: remotes } = await pool({
      servers: [poolServer(server.port, { user: 'nobody' })],
      secrets: { login: 'right horse' },
    });
    await expect(remotes.remote('db1').connect()).rejects.toMatchObject(code('ssh.auth_failed'));
  });

  it('whose question is declined ends without a try', async () => {
    const server = await serve();
    const { pool: remotes } = await pool({ servers: [poolServer(server.port, { auth: { kind: 'password' } })] });
    await expect(remotes.remote('db1').connect()).rejects.toMatchObject(code('ssh.cancelled'));
    expect(server.attempts).not.toContain('password');
  });

  it('on a server that only takes prompts answers the prompt for the password', async () => {
    const server = await serve({
      users: { dba: { prompts: [{ prompt: 'Password: ', echo: false, answer: 'right horse' }] } },
    });
    const { pool: remotes } = await pool({ servers: [poolServer(server.port)], secrets: { login: 'right horse' } });
    await remotes.remote('db1').connect();
  });
});

describe('a login by key', () => {
  it.each([
    ['ed25519', undefined],
    ['ecdsa', undefined],
    ['rsa', undefined],
    ['ed25519', 'pass phrase'],
    ['ecdsa', 'pass phrase'],
    ['rsa', 'pass phrase'],
  ] as const)('of kind %s with passphrase %s is let in', async (type, passphrase) => {
    const key = makeKey(type, passphrase);
    const server = await serve({ users: { dba: { publicKeys: [key.public] } } });
    const auth = { kind: 'key', keyPath: await keyFile(key.private), passphraseSecret: 'phrase' } as const;
    const { pool: remotes } = await pool({
      servers: [poolServer(server.port, { auth })],
      secrets: passphrase === undefined ? {} : { phrase: passphrase },
    });
    await remotes.remote('db1').connect();
    expect(server.logins()).toBe(1);
  });

  it('asks for the passphrase once, also for several servers and after a loss', async () => {
    const key = makeKey('ed25519', 'pass phrase');
    const server = await serve({ users: { dba: { publicKeys: [key.public] } } });
    const auth = { kind: 'key', keyPath: await keyFile(key.private) } as const;
    const user = recordingUser((question) => (question.kind === 'passphrase' ? ['pass phrase'] : null));
    const { pool: remotes } = await pool({
      servers: [poolServer(server.port, { auth }), poolServer(server.port, { id: 'db2', name: 'db2', auth })],
      ask: user.ask,
    });
    await Promise.all([remotes.remote('db1').connect(), remotes.remote('db2').connect()]);
    server.cut();
    await expect.poll(() => remotes.remote('db1').state().kind).toBe('lost');
    await remotes.remote('db1').run(['true'], whoami);
    expect(user.questions.filter((question) => question.kind === 'passphrase')).toHaveLength(1);
  });

  it('with a wrong passphrase is refused without a word to the server, and without the passphrase in the error', async () => {
    const key = makeKey('ed25519', 'pass phrase');
    const server = await serve({ users: { dba: { publicKeys: [key.public] } } });
    const auth = { kind: 'key', keyPath: await keyFile(key.private), passphraseSecret: 'phrase' } as const;
    const { pool: remotes } = await pool({
      servers: [poolServer(server.port, { auth })],
      secrets: { phrase: 'wrong phrase' },
    });
    const error: unknown = await remotes
      .remote('db1')
      .connect()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(code('ssh.wrong_passphrase'));
    expect(JSON.stringify(error)).not.toContain('wrong phrase');
    expect(server.attempts).not.toContain('publickey');
  });

  it.each([
    ['is not there', null],
    ['is garbage', 'not a key'],
    ['is a public key', makeKey().public],
    ['is empty', ''],
    ['is half a key', makeKey().private.slice(0, 120)],
  ])('whose file %s says so', async (_what, text) => {
    const server = await serve({ users: { dba: { publicKeys: [] } } });
    const keyPath = text === null ? join(await directory(), 'none') : await keyFile(text);
    const { pool: remotes } = await pool({ servers: [poolServer(server.port, { auth: { kind: 'key', keyPath } })] });
    await expect(remotes.remote('db1').connect()).rejects.toMatchObject(code('ssh.key_unreadable'));
  });

  it('that the server does not know is refused; a certificate beside it is named as of no use', async () => {
    const key = makeKey();
    const server = await serve({ users: { dba: { publicKeys: [makeKey().public] } } });
    const keyPath = await keyFile(key.private);
    await writeFile(`${keyPath}-cert.pub`, 'ssh-ed25519-cert-v01@openssh.com AAAA');
    const { pool: remotes } = await pool({ servers: [poolServer(server.port, { auth: { kind: 'key', keyPath } })] });
    const error: unknown = await remotes
      .remote('db1')
      .connect()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      data: { code: 'ssh.auth_failed', hint: expect.stringContaining('certificate') as string },
    });
  });
});

describe('a login by agent', () => {
  it('without an agent says that none is running', async () => {
    const server = await serve({ users: { dba: { publicKeys: [makeKey().public] } } });
    const { pool: remotes } = await pool({ servers: [poolServer(server.port, { auth: { kind: 'agent' } })] });
    await expect(remotes.remote('db1').connect()).rejects.toMatchObject({
      data: { code: 'ssh.auth_failed', hint: expect.stringContaining('agent') as string },
    });
  });

  it('with an agent that is gone is refused and does not hang', async () => {
    const server = await serve({ users: { dba: { publicKeys: [makeKey().public] } } });
    const { pool: remotes } = await pool({
      servers: [poolServer(server.port, { auth: { kind: 'agent' } })],
      agentSocket: join(await directory(), 'gone'),
    });
    await expect(remotes.remote('db1').connect()).rejects.toMatchObject(code('ssh.auth_failed'));
  });

  const agent = ((): boolean => {
    try {
      execFileSync('which', ['ssh-agent', 'ssh-add'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  })();
  it.skipIf(!agent)(
    `uses the keys an agent holds${agent ? '' : ' (skipped: ssh-agent is not installed)'}`,
    async () => {
      const key = makeKey();
      const server = await serve({ users: { dba: { publicKeys: [key.public] } } });
      const socket = join(await directory(), 'agent');
      const running = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
      cleanup.push(() => {
        running.kill();
      });
      const path = await keyFile(key.private);
      await expect
        .poll(() => {
          try {
            execFileSync('ssh-add', [path], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
            return true;
          } catch {
            return false;
          }
        })
        .toBe(true);
      const { pool: remotes } = await pool({
        servers: [poolServer(server.port, { auth: { kind: 'agent' } })],
        agentSocket: socket,
      });
      await remotes.remote('db1').connect();
    },
  );
});

describe('a host key', () => {
  it('that is unknown is shown with its fingerprint, and kept when trusted', async () => {
    const server = await serve();
    const user = recordingUser();
    const made = await pool({ servers: [poolServer(server.port)], secrets: { login: 'right horse' }, ask: user.ask });
    await made.pool.remote('db1').connect();
    expect(user.questions).toEqual([
      expect.objectContaining({
        kind: 'host_key',
        key: {
          host: '127.0.0.1',
          port: server.port,
          algorithm: 'ssh-ed25519',
          fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/) as string,
        },
      }),
    ]);
    const again = await pool({
      servers: [poolServer(server.port)],
      secrets: { login: 'right horse' },
      ask: declineEveryQuestion,
      hostKeys: made.hostKeys,
    });
    await again.pool.remote('db1').connect();
  });

  it('that is not trusted ends the connection before any login', async () => {
    const server = await serve();
    const { pool: remotes } = await pool({
      servers: [poolServer(server.port)],
      secrets: { login: 'right horse' },
      ask: declineEveryQuestion,
    });
    await expect(remotes.remote('db1').connect()).rejects.toMatchObject(code('ssh.unknown_host_key'));
    expect(server.attempts).toEqual([]);
  });

  it('that has changed is refused, nothing is sent and nobody is asked', async () => {
    const server = await serve();
    const user = recordingUser();
    const made = await pool({ servers: [poolServer(server.port)], secrets: { login: 'right horse' }, ask: user.ask });
    await writeFile(join(made.directory, 'known_hosts'), `[127.0.0.1]:${server.port} ${makeKey().public}\n`);
    const error: unknown = await made.pool
      .remote('db1')
      .connect()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      data: {
        code: 'ssh.host_key_changed',
        retryable: false,
        message: expect.stringContaining('known_hosts, line 1') as string,
      },
    });
    expect(server.attempts).toEqual([]);
    expect(user.questions).toEqual([]);
  });

  it('that is revoked is refused', async () => {
    const server = await serve();
    const made = await pool({ servers: [poolServer(server.port)], secrets: { login: 'right horse' } });
    await writeFile(
      join(made.directory, 'known_hosts'),
      `@revoked * ssh-ed25519 ${server.hostKey.getPublicSSH().toString('base64')}\n`,
    );
    await expect(made.pool.remote('db1').connect()).rejects.toMatchObject(code('ssh.host_key_revoked'));
    expect(server.attempts).toEqual([]);
  });

  it('gives the user all the time: waiting for the answer is no timeout', async () => {
    const server = await serve();
    const ask = async (): Promise<string[]> => {
      await new Promise((resolve) => {
        setTimeout(resolve, 4_000);
      });
      return ['yes'];
    };
    const { pool: remotes } = await pool({
      servers: [poolServer(server.port)],
      secrets: { login: 'right horse' },
      ask,
      timing: { connectTimeoutMs: 3_000 },
    });
    const remote = remotes.remote('db1');
    const states: string[] = [];
    remote.onState((state) => {
      states.push(state.kind);
    });
    await remote.connect();
    expect(states).toEqual(['connecting', 'waiting_for_answer', 'connecting', 'connected']);
  });
});

describe('a server that cannot be reached', () => {
  it('with a closed port is refused by name and may be tried again', async () => {
    const server = await startSshServer();
    await server.close();
    const { pool: remotes } = await pool({ servers: [poolServer(server.port)], secrets: { login: 'x' } });
    await expect(remotes.remote('db1').connect()).rejects.toMatchObject({
      data: {
        code: 'ssh.connection_refused',
        retryable: true,
        message: expect.stringContaining(`db1 (127.0.0.1:${server.port})`) as string,
      },
    });
  });

  it('that accepts and stays silent is given up in time', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    cleanup.push(() => {
      silent.close();
    });
    const port = (silent.address() as AddressInfo).port;
    const { pool: remotes } = await pool({
      servers: [poolServer(port)],
      secrets: { login: 'x' },
      timing: { connectTimeoutMs: 300 },
    });
    await expect(remotes.remote('db1').connect()).rejects.toMatchObject({
      data: { code: 'ssh.host_silent', message: expect.stringContaining('introduce itself') as string },
    });
  });

  it('that speaks something else says so', async () => {
    const http = createServer((socket) => {
      socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>((resolve) => {
      http.listen(0, '127.0.0.1', resolve);
    });
    cleanup.push(() => {
      http.close();
    });
    const { pool: remotes } = await pool({
      servers: [poolServer((http.address() as AddressInfo).port)],
      secrets: { login: 'x' },
    });
    await expect(remotes.remote('db1').connect()).rejects.toMatchObject(code('ssh.turned_away'));
  });

  it('with a name that has no address says so', async () => {
    const { pool: remotes } = await pool({
      servers: [poolServer(22, { host: 'no-such-host.invalid' })],
      secrets: { login: 'x' },
    });
    await expect(remotes.remote('db1').connect()).rejects.toMatchObject(code('ssh.host_unresolved'));
  });

  it('that turns logins away at first is tried again at once', async () => {
    const server = await serve();
    const proxy = await startFaultProxy(server.port);
    cleanup.push(() => proxy.close());
    proxy.refuse(true);
    setTimeout(() => {
      proxy.refuse(false);
    }, 300);
    const { pool: remotes } = await pool({ servers: [poolServer(proxy.port)], secrets: { login: 'right horse' } });
    await remotes.remote('db1').connect();
    expect(proxy.accepted()).toBeGreaterThan(1);
  });

  it('is not in the inventory: there is no Remote for it', async () => {
    const { pool: remotes } = await pool({ servers: [] });
    expect(() => remotes.remote('gone')).toThrow('gone');
  });
});
