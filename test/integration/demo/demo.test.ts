import { request } from 'node:http';
import ssh2 from 'ssh2';
import { afterEach, expect, it } from 'vitest';
import { startDemo, type DemoServer, type RunningDemo } from '../../../electron/core/demo/demo';
import { parseDiscoveryAnswer } from '../../../electron/core/clusters/discovery/discovery-answer';
import { SCRIPT_END, SCRIPT_READER } from '../../../electron/core/ssh/run/file-scripts';
import { shellCommand } from '../../../electron/core/ssh/run/privilege';
import { DISCOVERY_SCRIPT } from '../../../electron/core/clusters/discovery/discovery-script';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function demo(): Promise<RunningDemo> {
  const running = await startDemo({
    clusters: [
      { scope: 'orders', members: 3, version: '4.0.7' },
      { scope: 'billing', members: 5, version: '3.0.2' },
    ],
    timeScale: 20,
  });
  open.push(running);
  return running;
}

function server(running: RunningDemo, name: string): DemoServer {
  const found = running.servers.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no server ${name}.`);
  return found;
}

function login(running: RunningDemo, name: string, change: Partial<ssh2.ConnectConfig> = {}): Promise<ssh2.Client> {
  const { host, port, user } = server(running, name);
  const client = new ssh2.Client();
  open.push({ close: () => client.end() });
  return new Promise((resolve, reject) => {
    client
      .on('ready', () => {
        resolve(client);
      })
      .on('error', reject);
    client.connect({
      host,
      port,
      username: user,
      password: running.password,
      hostVerifier: (key: Buffer) => key.equals(running.hostKey),
      readyTimeout: 10_000,
      ...change,
    });
  });
}

function exec(client: ssh2.Client, command: string, input = ''): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error !== undefined) return reject(error);
      const got = { code: -1, out: '', err: '' };
      channel
        .on('data', (chunk: Buffer) => {
          got.out += chunk.toString();
        })
        .on('exit', (code: number) => {
          got.code = code;
        })
        .on('close', () => {
          resolve(got);
        });
      channel.stderr.on('data', (chunk: Buffer) => {
        got.err += chunk.toString();
      });
      channel.end(input);
    });
  });
}

function get(client: ssh2.Client, address: string, path: string): Promise<number | string> {
  return new Promise((resolve) => {
    client.forwardOut('127.0.0.1', 0, address, 8008, (error, channel) => {
      if (error !== undefined) return resolve(error.message);
      request({ path, createConnection: () => channel }, (response) => {
        response.resume().on('end', () => {
          resolve(response.statusCode ?? 0);
        });
      })
        .on('error', (failed) => {
          resolve(failed.message);
        })
        .end();
    });
  });
}

it('lets nobody in without the password or the key it was given', async () => {
  const running = await demo();
  await expect(login(running, 'orders-1', { password: 'wrong' })).rejects.toThrow(/authentication/i);
  await expect(login(running, 'orders-1', { username: 'root' })).rejects.toThrow(/authentication/i);
  await expect(login(running, 'orders-1', { hostVerifier: () => false })).rejects.toThrow(/verification failed/i);
});

it('is a server of its own for each member, and leads to all members of the fleet', async () => {
  const running = await demo();
  const client = await login(running, 'billing-4');
  expect(await exec(client, 'hostname')).toEqual({ code: 0, out: 'billing-4\n', err: '' });
  expect(await get(client, '127.0.0.1', '/replica')).toBe(200);
  expect(await get(client, server(running, 'billing-1').address, '/primary')).toBe(200);
  expect(await get(client, '192.0.2.1', '/primary')).toMatch(/open failure/i);
});

it("is discovered by the app's own script, as root where it is asked to be", async () => {
  const running = await demo();
  const client = await login(running, 'orders-2');
  const script = `${DISCOVERY_SCRIPT}\n${SCRIPT_END}`;
  const argv = ['sh', '-c', SCRIPT_READER, 'sh', String(Buffer.byteLength(script))];
  const { line, start } = shellCommand(
    { name: 'orders-2', host: '127.0.0.1', port: 22, user: 'demo' },
    { argv, password: '', timeoutMs: 5_000, privilege: { kind: 'sudo', user: 'root', password: false } },
  );
  const { code, out, err } = await exec(client, line, script);
  expect(code).toBe(0);
  expect(start.read(Buffer.from(err)).started).toBe(true);
  const answer = parseDiscoveryAnswer(start.readOutput(Buffer.from(out)).toString(), 'orders-2');
  expect(answer).toMatchObject({
    version: '4.0.7',
    configs: [{ source: 'etc-patroni', path: '/etc/patroni/config.yml' }],
  });
  expect(answer.configs[0]?.files[0]?.text ?? '').toContain('scope: orders');
});

it('runs no foreign script and says so', async () => {
  const client = await login(await demo(), 'orders-1');
  expect(await exec(client, 'sh -s', 'rm -rf /')).toMatchObject({ code: 127, out: '' });
  expect(await exec(client, 'shutdown now')).toMatchObject({ code: 127 });
});

it('takes the plug out of a server: its SSH ends and refuses, and comes back at the same port', async () => {
  const running = await demo();
  const client = await login(running, 'orders-3');
  const ended = new Promise<void>((resolve) => {
    client.on('close', () => {
      resolve();
    });
  });
  await running.inject('power_off', 'orders', 'orders-3');
  await ended;
  await expect(login(running, 'orders-3')).rejects.toThrow(/ECONNREFUSED/);
  const other = await login(running, 'orders-1');
  expect(await get(other, server(running, 'orders-3').address, '/patroni')).toMatch(/open failure/i);
  await running.heal('orders');
  expect(await exec(await login(running, 'orders-3'), 'true')).toMatchObject({ code: 0 });
});

it('cuts a server off from the others, but not from SSH; a crash takes Patroni alone', async () => {
  const running = await demo();
  const cut = await login(running, 'orders-1');
  const crashed = await login(running, 'orders-2');
  await running.inject('partition', 'orders', 'orders-1');
  await running.inject('crash', 'orders', 'orders-2');
  expect(await get(cut, '127.0.0.1', '/patroni')).toBe(200);
  expect(await get(cut, server(running, 'orders-3').address, '/patroni')).toMatch(/open failure/i);
  expect(await exec(crashed, 'systemctl is-active patroni')).toMatchObject({ code: 3, out: 'inactive\n' });
  expect(await get(crashed, '127.0.0.1', '/patroni')).toMatch(/open failure/i);
});

it('knows its own faults, clusters and members, and says so of others', async () => {
  const running = await demo();
  await expect(running.inject('earthquake', 'orders')).rejects.toMatchObject({ code: 'demo.unknown_fault' });
  await expect(running.inject('crash', 'nowhere')).rejects.toMatchObject({ code: 'demo.unknown_cluster' });
  await expect(running.inject('crash', 'orders', 'orders-9')).rejects.toMatchObject({ code: 'demo.unknown_member' });
});

it('leaves nothing behind when it is closed', async () => {
  const running = await demo();
  const client = await login(running, 'orders-1');
  const ended = new Promise<void>((resolve) => {
    client.on('close', () => {
      resolve();
    });
  });
  await running.close();
  await ended;
  await expect(login(running, 'orders-1')).rejects.toThrow(/ECONNREFUSED/);
});
