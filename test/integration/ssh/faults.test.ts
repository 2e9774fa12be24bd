import { writeFile } from 'node:fs/promises';
import { createServer, connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ServerChannel } from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { SCRIPT_READER } from '../../../electron/core/ssh/run/file-scripts';
import type { Remote } from '../../../electron/core/ssh/remote';
import type { SshState } from '../../../shared/model/connect/server';
import { startFaultProxy, type FaultProxy } from '../../support/network/fault-proxy';
import { makePool, poolServer, type TestPool, type TestPoolOptions } from '../../support/ssh/ssh-pool';
import { startSshServer, type SshServerOptions, type TestSshServer } from '../../support/ssh/ssh-server';

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

interface Setup {
  readonly remote: Remote;
  readonly server: TestSshServer;
  readonly proxy: FaultProxy;
  readonly made: TestPool;
}

async function connectThroughProxy(
  options: SshServerOptions = {},
  poolOptions: Partial<TestPoolOptions> = {},
): Promise<Setup> {
  const server = await startSshServer(options);
  const proxy = await startFaultProxy(server.port);
  const made = await makePool({ servers: [poolServer(proxy.port)], secrets: { login: 'right horse' }, ...poolOptions });
  cleanup.push(
    () => server.close(),
    () => proxy.close(),
    () => made.close(),
  );
  const remote = made.pool.remote('db1');
  await remote.connect();
  return { remote, server, proxy, made };
}

const code = (name: string): object => ({ data: { code: name } });

describe('a connection that is cut', () => {
  it('in the middle of a command is an error, never a result', async () => {
    const { remote, proxy } = await connectThroughProxy();
    const running = remote.script('echo begun; sleep 10; echo done', [], {
      timeoutMs: 20_000,
      onOutput: () => {
        proxy.cut();
      },
    });
    await expect(running).rejects.toMatchObject({ data: { code: 'ssh.connection_lost', retryable: true } });
  });

  it('is made again when it is next needed, and says each state on the way', async () => {
    const { remote, proxy, server } = await connectThroughProxy();
    const states: SshState['kind'][] = [];
    const undo = remote.onState((state) => {
      states.push(state.kind);
    });
    proxy.cut();
    await expect.poll(() => remote.state().kind).toBe('lost');
    expect((await remote.run(['echo', 'back'], { timeoutMs: 5_000 })).stdout).toBe('back\n');
    expect(states).toEqual(['lost', 'connecting', 'connected']);
    expect(server.logins()).toBe(2);
    undo();
  });

  it('while its server is gone gives every caller the reason, and pauses longer between attempts', async () => {
    const { remote, proxy } = await connectThroughProxy(
      {},
      { timing: { backoffMinMs: 400, backoffMaxMs: 5_000, patienceMs: 100 } },
    );
    await proxy.close();
    await expect.poll(() => remote.state().kind).toBe('lost');
    const state = remote.state();
    expect(state.kind === 'lost' && state.retryAt !== null && state.retryAt > state.since).toBe(true);
    await expect(remote.run(['true'], { timeoutMs: 1_000 })).rejects.toMatchObject(code('ssh.connection_lost'));
    await expect(remote.connect()).rejects.toMatchObject(code('ssh.connection_refused'));
  });

  it('that carries a listener is made again by itself, on the same port', async () => {
    const { remote, proxy, server } = await connectThroughProxy();
    const got: string[] = [];
    const listener = await remote.listen((stream) => {
      stream.on('data', (chunk: Buffer) => {
        got.push(chunk.toString());
        stream.end('pong');
      });
    });
    proxy.cut();
    await expect.poll(() => server.logins()).toBe(2);
    await expect.poll(() => ask(listener.port)).toBe('pong');
    expect(got).toContain('ping');
    await listener.close();
  });
});

/** Sends "ping" to a port and answers what came back. */
function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('error', () => {
      resolve('error');
    });
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    socket.on('close', () => {
      resolve(answer);
    });
    socket.write('ping');
  });
}

describe('a frozen link', () => {
  it('is noticed by unanswered probes, and what ran through it ends with an error', async () => {
    const { remote, proxy } = await connectThroughProxy(
      {},
      { timing: { keepaliveIntervalMs: 100, keepaliveCount: 3 } },
    );
    const running = remote.run(['sleep', '30'], { timeoutMs: 30_000 });
    proxy.suspend();
    await expect(running).rejects.toMatchObject(code('ssh.connection_lost'));
    expect(remote.state().kind).toBe('lost');
  });

  it('in one direction only is noticed too', async () => {
    const { remote, proxy } = await connectThroughProxy(
      {},
      { timing: { keepaliveIntervalMs: 100, keepaliveCount: 3 } },
    );
    proxy.suspend('toClient');
    await expect.poll(() => remote.state().kind, { timeout: 5_000 }).toBe('lost');
  });

  it('that thaws in time breaks nothing', async () => {
    const { remote, proxy, server } = await connectThroughProxy(
      {},
      { timing: { keepaliveIntervalMs: 500, keepaliveCount: 5 } },
    );
    const running = remote.script('sleep 0.2; echo through', [], { timeoutMs: 10_000 });
    proxy.suspend();
    setTimeout(() => {
      proxy.resume();
    }, 600);
    expect((await running).stdout).toBe('through\n');
    expect(server.logins()).toBe(1);
  });

  it('while connecting is given up in time', async () => {
    const server = await startSshServer();
    const proxy = await startFaultProxy(server.port);
    proxy.suspend('toClient');
    const made = await makePool({
      servers: [poolServer(proxy.port)],
      secrets: { login: 'right horse' },
      timing: { connectTimeoutMs: 300 },
    });
    cleanup.push(
      () => server.close(),
      () => proxy.close(),
      () => made.close(),
    );
    await expect(made.pool.remote('db1').connect()).rejects.toMatchObject(code('ssh.host_silent'));
  });
});

/** Says in one packet that the command runs and what it writes to standard error. */
function startAndMuch(command: string, much: string): (channel: ServerChannel) => void {
  const nonce = /' sh ([0-9a-f]{24}) \d+ /.exec(command)?.[1] ?? 'no nonce';
  return (channel) => {
    channel.stderr.write(`[ready-${nonce}-0]${much}`);
    channel.write(`[begin-${nonce}]end\n`);
    channel.exit(3);
    channel.close();
  };
}

describe('a command', () => {
  it('that takes too long is stopped on the server too', async () => {
    const { remote, made } = await connectThroughProxy();
    const mark = join(made.directory, 'still-running');
    await expect(remote.script('sleep 3; touch "$1"', [mark], { timeoutMs: 200 })).rejects.toMatchObject(
      code('ssh.timeout'),
    );
    await new Promise((resolve) => {
      setTimeout(resolve, 3_300);
    });
    expect(await remote.readFile(mark, {})).toBeNull();
  });

  it('that floods is stopped at its limit', async () => {
    const { remote } = await connectThroughProxy();
    const limited = { timeoutMs: 20_000, maxOutputBytes: 100_000 };
    await expect(remote.script('yes', [], limited)).rejects.toMatchObject(code('ssh.output_too_large'));
    await expect(remote.script('yes >&2', [], limited)).rejects.toMatchObject(code('ssh.output_too_large'));
    expect((await remote.run(['echo', 'alive'], { timeoutMs: 5_000 })).stdout).toBe('alive\n');
  });

  it('whose first piece of standard error brings its start and much more loses none of it', async () => {
    const much = 'e'.repeat(30_000);
    const { remote } = await connectThroughProxy({
      exec: (command) => (command === 'true' ? null : startAndMuch(command, much)),
      announce: false,
    });
    const result = await remote.run(['loud'], { timeoutMs: 5_000 });
    expect(result).toMatchObject({ exitCode: 3, stdout: 'end\n', stderr: much });
  });

  it('that is cancelled ends at once, also while it waits for a session', async () => {
    const { remote } = await connectThroughProxy();
    const stop = new AbortController();
    const running = Array.from({ length: 10 }, () =>
      remote.run(['sleep', '20'], { timeoutMs: 30_000, signal: stop.signal }),
    );
    setTimeout(() => {
      stop.abort();
    }, 200);
    for (const one of await Promise.allSettled(running))
      expect(one).toMatchObject({ status: 'rejected', reason: code('ssh.cancelled') });
    await expect(remote.run(['true'], { timeoutMs: 1_000, signal: stop.signal })).rejects.toMatchObject(
      code('ssh.cancelled'),
    );
  });

  it('that is killed by a signal has the exit code of a shell', async () => {
    const { remote } = await connectThroughProxy();
    expect((await remote.script('kill -KILL $$', [], { timeoutMs: 5_000 })).exitCode).toBe(137);
  });

  it('that is over at once keeps its exit code, and one that a signal ended too', async () => {
    const scripted =
      (command: string) =>
      (channel: ServerChannel): void => {
        if (command.includes('killed')) channel.exit('KILL', false, '');
        else channel.exit(5);
        channel.close();
      };
    const { remote } = await connectThroughProxy({
      exec: (command) => (command === 'true' ? null : scripted(command)),
    });
    for (let round = 0; round < 20; round += 1)
      expect((await remote.run(['quick'], { timeoutMs: 5_000 })).exitCode).toBe(5);
    expect((await remote.run(['killed'], { timeoutMs: 5_000 })).exitCode).toBe(137);
  });

  it('that writes much to standard error does not stall', async () => {
    const { remote } = await connectThroughProxy();
    const result = await remote.script('head -c 3000000 /dev/zero >&2; echo end', [], { timeoutMs: 20_000 });
    expect(result.stdout).toBe('end\n');
    expect(result.stderr).toHaveLength(3_000_000);
  });

  it('waits for a session where the server allows fewer than usual', async () => {
    const { remote, server } = await connectThroughProxy({ maxSessions: 2 });
    const all = await Promise.all(
      Array.from({ length: 12 }, () => remote.run(['sh', '-c', 'sleep 0.02; echo ok'], { timeoutMs: 20_000 })),
    );
    expect(all.every((one) => one.stdout === 'ok\n')).toBe(true);
    expect(server.peakSessions()).toBe(2);
  });

  it('on a server that allows no session at all is refused and does not wait', async () => {
    const { remote } = await connectThroughProxy({ maxSessions: 0 });
    await expect(remote.run(['true'], { timeoutMs: 5_000 })).rejects.toMatchObject(code('ssh.channel_refused'));
  });

  it('that the login shell does not run is an error with what was said, not an exit code', async () => {
    const { remote } = await connectThroughProxy({
      exec: (command) =>
        command === 'true'
          ? null
          : (channel) => {
              channel.write('This account is currently not available.\n');
              channel.exit(1);
              channel.close();
            },
      announce: false,
    });
    await expect(remote.run(['id'], { timeoutMs: 5_000 })).rejects.toMatchObject({
      data: { code: 'ssh.command_not_started', message: expect.stringContaining('not available') as string },
    });
  });

  it('whose script arrives only in part is not run', async () => {
    const { remote, made } = await connectThroughProxy();
    const mark = join(made.directory, 'ran');
    const [reader, text] = [SCRIPT_READER, `touch ${mark}`];
    const half = await remote.run(['sh', '-c', reader, 'sh', String(text.length + 50)], {
      timeoutMs: 5_000,
      stdin: text,
    });
    expect(half.exitCode).toBe(97);
    expect(await remote.readFile(mark, {})).toBeNull();
  });

  it('without words is refused', async () => {
    const { remote } = await connectThroughProxy();
    await expect(remote.run([], { timeoutMs: 1_000 })).rejects.toMatchObject(code('ssh.bad_argument'));
  });
});

describe('a pool', () => {
  it('that is closed ends what runs, and refuses everything after', async () => {
    const { remote, made } = await connectThroughProxy();
    const running = remote.run(['sleep', '20'], { timeoutMs: 30_000 });
    const outcome = expect(running).rejects.toMatchObject(code('ssh.connection_lost'));
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    await made.pool.close();
    await outcome;
    await expect(remote.run(['true'], { timeoutMs: 1_000 })).rejects.toMatchObject(code('ssh.cancelled'));
  });

  it('drops one server and connects to where the inventory now says', async () => {
    const [one, two] = [await startSshServer(), await startSshServer()];
    const servers = [poolServer(one.port)];
    const made = await makePool({ servers, secrets: { login: 'right horse' } });
    cleanup.push(
      () => one.close(),
      () => two.close(),
      () => made.close(),
    );
    const remote = made.pool.remote('db1');
    await remote.connect();
    servers[0] = poolServer(two.port);
    await made.pool.drop('db1');
    expect(remote.state().kind).toBe('idle');
    await remote.run(['true'], { timeoutMs: 5_000 });
    expect([one.logins(), two.logins()]).toEqual([1, 1]);
  });

  it('that is closed at any moment of an attempt leaves no failure unheard', async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown): void => {
      unheard.push(reason);
    };
    process.on('unhandledRejection', hear);
    cleanup.push(() => {
      process.off('unhandledRejection', hear);
    });
    const [gate, db] = [await startSshServer(), await startSshServer()];
    cleanup.push(
      () => gate.close(),
      () => db.close(),
    );
    for (let round = 0; round < 12; round += 1) {
      const made = await makePool({
        servers: [poolServer(gate.port, { id: 'gate', name: 'gate' }), poolServer(db.port, { jump: ['gate'] })],
        secrets: { login: 'right horse' },
      });
      const remote = made.pool.remote('db1');
      const all = Promise.allSettled([
        remote.connect(),
        remote.run(['true'], { timeoutMs: 5_000 }),
        remote.listen(() => undefined),
        remote.dial('127.0.0.1', db.port, 5_000),
        made.pool.remote('gate').connect(),
      ]);
      await new Promise((resolve) => {
        setTimeout(resolve, round * 8);
      });
      if (round % 3 === 1) await made.pool.drop('gate');
      await made.close();
      for (const one of await all)
        if (one.status === 'rejected')
          expect(one.reason).toMatchObject({ data: { code: expect.stringMatching(/^ssh\./) as string } });
    }
    expect(unheard).toEqual([]);
  });

  it('ends an attempt that hangs when it is closed', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    const made = await makePool({
      servers: [poolServer((silent.address() as AddressInfo).port)],
      secrets: { login: 'x' },
      timing: { connectTimeoutMs: 60_000 },
    });
    cleanup.push(
      () => {
        silent.close();
      },
      () => made.close(),
    );
    const connecting = expect(made.pool.remote('db1').connect()).rejects.toMatchObject(code('ssh.cancelled'));
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    await made.pool.close();
    await connecting;
  });
});

describe('connections through jump hosts', () => {
  async function chain(): Promise<{ servers: TestSshServer[]; made: TestPool }> {
    const servers = [await startSshServer(), await startSshServer(), await startSshServer()];
    const [a, b, c] = servers.map((server) => server.port);
    const made = await makePool({
      servers: [
        poolServer(a ?? 0, { id: 'gate', name: 'gate' }),
        poolServer(b ?? 0, { id: 'inner', name: 'inner', jump: ['gate'] }),
        poolServer(c ?? 0, { id: 'db1', jump: ['gate', 'inner'] }),
        poolServer(c ?? 0, { id: 'db2', name: 'db2', jump: ['inner'] }),
      ],
      secrets: { login: 'right horse' },
    });
    cleanup.push(...servers.map((server) => () => server.close()), () => made.close());
    return { servers, made };
  }

  it('two hops deep work, and share the connections to the hops', async () => {
    const { servers, made } = await chain();
    const [one, two] = await Promise.all(
      ['db1', 'db2'].map((id) => made.pool.remote(id).run(['echo', id], { timeoutMs: 5_000 })),
    );
    expect([one?.stdout, two?.stdout]).toEqual(['db1\n', 'db2\n']);
    await made.pool.remote('inner').run(['true'], { timeoutMs: 5_000 });
    expect(servers.map((server) => server.logins())).toEqual([1, 1, 2]);
  });

  it('are lost with a hop and come back with it', async () => {
    const { servers, made } = await chain();
    const remote = made.pool.remote('db1');
    await remote.connect();
    servers[0]?.cut();
    await expect.poll(() => remote.state().kind).toBe('lost');
    expect((await remote.run(['echo', 'back'], { timeoutMs: 5_000 })).stdout).toBe('back\n');
  });

  it('that end at a hop say which hop', async () => {
    const { servers, made } = await chain();
    await servers[1]?.close();
    await expect(made.pool.remote('db1').connect()).rejects.toMatchObject({ data: { target: 'gate' } });
  });

  it('are taken from ~/.ssh/config, key and all', async () => {
    const { makeKey } = await import('../../support/ssh/ssh-server');
    const key = makeKey();
    const users = { dba: { publicKeys: [key.public] } };
    const [gate, db] = [await startSshServer({ users }), await startSshServer({ users })];
    const made = await makePool({
      servers: [poolServer(22, { host: 'db', sshConfigHost: 'db', auth: { kind: 'agent' } })],
      sshConfig:
        `Host gate\n HostName 127.0.0.1\n User dba\n Port ${gate.port}\nHost db\n HostName 127.0.0.1\n` +
        ` Port ${db.port}\n ProxyJump gate\nHost *\n IdentityFile ~/key`,
    });
    cleanup.push(
      () => gate.close(),
      () => db.close(),
      () => made.close(),
    );
    await writeFile(join(made.directory, 'key'), key.private, { mode: 0o600 });
    expect((await made.pool.remote('db1').run(['echo', 'there'], { timeoutMs: 5_000 })).stdout).toBe('there\n');
    expect([gate.logins(), db.logins()]).toEqual([1, 1]);
  });
});
