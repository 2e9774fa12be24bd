import { stat } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer, connect, type AddressInfo, type Server } from 'node:net';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { directDial } from '../../../electron/core/clusters/connect/direct-dial';
import { createLocalEndpoint } from '../../../electron/core/ssh/tunnel/local-endpoint';
import type { Remote } from '../../../electron/core/ssh/remote';
import { sendHttp, type HttpReply } from '../../../electron/core/platform/http/send-http';
import { makePool, poolServer } from '../../support/ssh/ssh-pool';
import { startSshServer, type SshServerOptions } from '../../support/ssh/ssh-server';

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

async function connected(options: SshServerOptions = {}): Promise<Remote> {
  const server = await startSshServer(options);
  const made = await makePool({ servers: [poolServer(server.port)], secrets: { login: 'right horse' } });
  cleanup.push(
    () => server.close(),
    () => made.close(),
  );
  return made.pool.remote('db1');
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  cleanup.push(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function get(port: number, remote: Remote, path = '/'): Promise<HttpReply> {
  return sendHttp({
    dial: (host, to, timeoutMs) => remote.dial(host, to, timeoutMs),
    host: '127.0.0.1',
    port,
    tls: null,
    method: 'GET',
    path,
    headers: {},
    body: null,
    timeoutMs: 5_000,
    signal: null,
    maxBodyBytes: 1_000,
  });
}

const code = (name: string): object => ({ data: { code: name } });

describe('REST through a connection', () => {
  it('needs no local port, and many requests at once are served', async () => {
    const port = await listening(
      createHttpServer((request, reply) => {
        reply.end(`path ${request.url}`);
      }),
    );
    const remote = await connected();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => get(port, remote, `/${index}`)));
    expect(answers).toEqual(Array.from({ length: 20 }, (_, index) => ({ status: 200, body: `path /${index}` })));
  });

  it('passes the reason on when the tunnel cannot be opened', async () => {
    const remote = await connected({ forwarding: false });
    await expect(get(8008, remote)).rejects.toMatchObject({
      kind: 'dial',
      cause: { data: { code: expect.stringMatching(/^ssh\.dial_/) as string, target: 'db1' } },
    });
  });
});

describe('a local endpoint', () => {
  it('is a socket in a directory of this user alone, and leads through the connection', async () => {
    const port = await listening(
      createTcpServer((socket) => {
        socket.on('data', (chunk: Buffer) => {
          socket.end(chunk.toString().toUpperCase());
        });
      }),
    );
    const remote = await connected();
    const endpoint = await createLocalEndpoint(() => remote.dial('127.0.0.1', port, 5_000));
    const path = endpoint.address.replace(/^unix:/, '');
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
    expect(await exchange({ path })).toBe('HELLO');
    await endpoint.close();
    await expect(stat(dirname(path))).rejects.toThrow('ENOENT');
  });

  it('is a port of loopback where there are no unix sockets', async () => {
    const port = await listening(
      createTcpServer((socket) => {
        socket.on('data', (chunk: Buffer) => {
          socket.end(chunk.toString().toUpperCase());
        });
      }),
    );
    const endpoint = await createLocalEndpoint(() => directDial('127.0.0.1', port, 5_000), { platform: 'win32' });
    cleanup.push(() => endpoint.close());
    expect(endpoint.address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(await exchange({ host: '127.0.0.1', port: Number(endpoint.address.split(':')[1]) })).toBe('HELLO');
  });

  it('closes a stream that leads nowhere, and says why to its owner', async () => {
    const errors: unknown[] = [];
    const endpoint = await createLocalEndpoint(() => Promise.reject(new Error('no way')), {
      onDialError: (error) => errors.push(error),
    });
    cleanup.push(() => endpoint.close());
    expect(await exchange({ path: endpoint.address.replace(/^unix:/, '') })).toBe('');
    expect(errors).toHaveLength(1);
  });

  it('ends all its streams when it is closed', async () => {
    const port = await listening(
      createTcpServer((socket) => {
        socket.on('error', () => undefined);
      }),
    );
    const endpoint = await createLocalEndpoint(() => directDial('127.0.0.1', port, 5_000));
    const open = Array.from({ length: 5 }, () => exchange({ path: endpoint.address.replace(/^unix:/, '') }));
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    await endpoint.close();
    await endpoint.close();
    expect(await Promise.all(open)).toEqual(['', '', '', '', '']);
  });
});

/** Says hello and answers everything that came until the end. */
function exchange(to: { path: string } | { host: string; port: number }): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(to);
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(answer);
    });
    socket.write('hello');
  });
}

describe('a stream through a connection', () => {
  it('that finds nobody is refused, unresolved or in time, each by its name', async () => {
    const remote = await connected();
    const free = createTcpServer();
    await new Promise<void>((resolve) => {
      free.listen(0, '127.0.0.1', resolve);
    });
    const { port } = free.address() as AddressInfo;
    await new Promise<void>((resolve) => {
      free.close(() => {
        resolve();
      });
    });
    await expect(remote.dial('127.0.0.1', port, 5_000)).rejects.toMatchObject(code('ssh.dial_refused'));
  });

  it('ends when the connection does', async () => {
    const port = await listening(
      createTcpServer((socket) => {
        socket.on('error', () => undefined);
      }),
    );
    const server = await startSshServer();
    const made = await makePool({ servers: [poolServer(server.port)], secrets: { login: 'right horse' } });
    cleanup.push(
      () => server.close(),
      () => made.close(),
    );
    const stream = await made.pool.remote('db1').dial('127.0.0.1', port, 5_000);
    const closed = new Promise<void>((resolve) => {
      stream.on('close', () => {
        resolve();
      });
    });
    stream.resume();
    server.cut();
    await closed;
  });
});

describe('an address without SSH', () => {
  it('is dialled from here', async () => {
    const port = await listening(
      createTcpServer((socket) => {
        socket.end('hi');
      }),
    );
    const stream = await directDial('127.0.0.1', port, 5_000);
    const [chunk] = await new Promise<Buffer[]>((resolve) => {
      stream.once('data', (data: Buffer) => {
        resolve([data]);
      });
    });
    expect(chunk?.toString()).toBe('hi');
    stream.destroy();
  });

  it('that refuses or has no name is told at once', async () => {
    const port = await listening(createTcpServer());
    for (const undo of cleanup.splice(0)) await undo();
    await expect(directDial('127.0.0.1', port, 2_000)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(directDial('no-such-host.invalid', 1, 5_000)).rejects.toMatchObject({
      code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN|ETIMEDOUT/) as string,
    });
  });
});
