import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { directDial } from '../../../electron/core/clusters/connect/direct-dial';
import { connectPatroni, parseApiUrl } from '../../../electron/core/patroni/connect-patroni';
import type { PatroniClient } from '../../../electron/core/patroni/patroni-client';
import { appError, hasCode } from '../../../shared/model/app-error';
import { eventually } from '../../support/eventually';

const SECRETS: Readonly<Record<string, string>> = { pw: 'rest: secret' };
const AUTH = { tls: null, auth: { username: 'admin', passwordSecret: 'pw' } };

function clientOf(port: number, access = AUTH): PatroniClient {
  return connectPatroni('db1', `http://127.0.0.1:${String(port)}/patroni`, access, {
    dial: directDial,
    readSecret: (id) => Promise.resolve(SECRETS[id]),
  });
}

const code =
  (wanted: `rest.${string}` | `ssh.${string}`) =>
  (thrown: unknown): boolean => {
    if (!hasCode(thrown, wanted)) throw thrown instanceof Error ? thrown : new Error(String(thrown));
    return true;
  };

describe('the REST API of one member', () => {
  const open: (Server | TcpServer)[] = [];
  const sockets = new Set<Socket>();

  function listen<T extends Server | TcpServer>(server: T): Promise<number> {
    open.push(server);
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    });
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        resolve((server.address() as AddressInfo).port);
      });
    });
  }
  const raw = (onSocket: (socket: Socket) => void): Promise<number> =>
    listen(
      createTcpServer((socket) => {
        socket.once('data', () => {
          onSocket(socket);
        });
      }),
    );
  const answers = (body: string, status = 200): Promise<number> =>
    listen(
      createServer((_request, response) => {
        response.writeHead(status);
        response.end(body);
      }),
    );

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(
      open.splice(0).map(
        (server) =>
          new Promise((resolve) => {
            server.close(resolve);
          }),
      ),
    );
  });

  it('is read without credentials and written with them, each over a connection of its own', async () => {
    const seen: (string | undefined)[] = [];
    const port = await listen(
      createServer((request, response) => {
        seen.push(
          `${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? '-'} ${request.headers.connection ?? ''}`,
        );
        response.end('{"state":"running"}');
      }),
    );
    const client = clientOf(port);
    expect(await client.get('/patroni', 1000)).toEqual({ state: 'running' });
    expect(await client.health('/primary', 1000)).toBe(200);
    expect(await client.write({ method: 'POST', path: '/reload', timeoutMs: 5000 })).toEqual({
      status: 200,
      body: '{"state":"running"}',
    });
    expect(seen).toEqual([
      'GET /patroni - close',
      'GET /primary - close',
      `POST /reload Basic ${Buffer.from('admin:rest: secret').toString('base64')} close`,
    ]);
  });

  it('tells each change at once, and the same text as the same value', async () => {
    const texts = ['{"state":"running"}', '{"state":"running"}', '{"state":"stopped"}', '{"state":"running"}'];
    const port = await listen(
      createServer((_request, response) => {
        response.end(texts.shift());
      }),
    );
    const client = clientOf(port);
    const first = await client.get('/patroni', 1000);
    expect(await client.get('/patroni', 1000)).toBe(first);
    expect(await client.get('/patroni', 1000)).toEqual({ state: 'stopped' });
    expect(await client.get('/patroni', 1000)).toEqual(first);
  });

  it('a redirect is not followed, least of all with credentials', async () => {
    let elsewhere = 0;
    const target = await listen(
      createServer((_request, response) => {
        elsewhere += 1;
        response.end('{}');
      }),
    );
    const port = await listen(
      createServer((_request, response) => {
        response.writeHead(307, { Location: `http://127.0.0.1:${String(target)}/patroni` });
        response.end();
      }),
    );
    await expect(clientOf(port).get('/patroni', 1000)).rejects.toSatisfy(code('rest.redirected'));
    expect((await clientOf(port).write({ method: 'POST', path: '/reload', timeoutMs: 5000 })).status).toBe(307);
    expect(elsewhere).toBe(0);
  });

  it.each([
    ['a web page', '<html><body>It works</body></html>', 'rest.not_json'],
    ['half a JSON', '{"state":"run', 'rest.not_json'],
    ['nothing', '', 'rest.not_json'],
  ] as const)('%s gets a clear error', async (_name, body, wanted) => {
    await expect(clientOf(await answers(body)).get('/patroni', 1000)).rejects.toSatisfy(code(wanted));
  });

  it('an answer that breaks off is an error, not half a state', async () => {
    const port = await raw((socket) => {
      socket.end('HTTP/1.0 200 OK\r\nContent-Length: 500\r\n\r\n{"state":');
    });
    await expect(clientOf(port).get('/patroni', 1000)).rejects.toSatisfy(code('rest.not_json'));
  });

  it('50 MB are not read', async () => {
    let written = 0;
    const port = await raw((socket) => {
      const chunk = Buffer.alloc(1024 * 1024, 'x');
      const more = (): void => {
        while (!socket.destroyed && written < 50 && socket.write(chunk)) written += 1;
      };
      socket.write('HTTP/1.0 200 OK\r\n\r\n');
      socket.on('drain', () => {
        written += 1;
        more();
      });
      more();
    });
    await expect(clientOf(port).get('/patroni', 5000)).rejects.toSatisfy(code('rest.too_large'));
    expect(written).toBeLessThan(50);
  });

  it('an empty reply says that the DCS is down for this member', async () => {
    const port = await raw((socket) => {
      socket.end();
    });
    await expect(clientOf(port).get('/cluster', 1000)).rejects.toSatisfy(code('rest.empty_reply'));
  });

  it('silence ends with the time, and the connection with it', async () => {
    let closed = false;
    const port = await raw((socket) => {
      socket.once('close', () => {
        closed = true;
      });
    });
    await expect(clientOf(port).get('/patroni', 200)).rejects.toSatisfy(code('rest.timeout'));
    await eventually('the connection to be closed', () => closed);
  });

  it('a header that drips for ever ends with the time too', async () => {
    const port = await raw((socket) => {
      const timer = setInterval(() => {
        socket.write('X: y\r\n');
      }, 20);
      socket.write('HTTP/1.0 200 OK\r\n');
      socket.once('close', () => {
        clearInterval(timer);
      });
    });
    await expect(clientOf(port).get('/patroni', 300)).rejects.toSatisfy(code('rest.timeout'));
  });

  it('something that is no HTTP is said to be none', async () => {
    const port = await raw((socket) => {
      socket.end('SSH-2.0-OpenSSH_9.2\r\n');
    });
    await expect(clientOf(port).get('/patroni', 1000)).rejects.toSatisfy(code('rest.not_http'));
  });

  it('a closed port is refused', async () => {
    await expect(clientOf(1).get('/patroni', 1000)).rejects.toSatisfy(code('rest.refused'));
  });

  it.each([401, 403])('status %d on a read is told as a refusal', async (status) => {
    await expect(clientOf(await answers('{}', status)).get('/patroni', 1000)).rejects.toSatisfy(
      code('rest.unauthorized'),
    );
  });

  it('GET /config without a config key is an error, GET /patroni of a stopped member is not', async () => {
    const port = await answers('{"state":"stopped"}', 503);
    expect(await clientOf(port).get('/patroni', 1000)).toEqual({ state: 'stopped' });
    await expect(clientOf(port).get('/config', 1000)).rejects.toSatisfy(code('rest.status'));
  });

  it('never more than two requests are in flight', async () => {
    let now = 0;
    let most = 0;
    const port = await listen(
      createServer((_request, response) => {
        now += 1;
        most = Math.max(most, now);
        setTimeout(() => {
          now -= 1;
          response.end('{}');
        }, 30);
      }),
    );
    const client = clientOf(port);
    await Promise.all(Array.from({ length: 8 }, () => client.get('/patroni', 5000)));
    expect(most).toBe(2);
  });

  it('closing ends what is under way', async () => {
    const client = clientOf(await raw(() => undefined));
    const asked = client.get('/patroni', 30_000);
    setTimeout(() => {
      client.close();
    }, 50);
    await expect(asked).rejects.toSatisfy(code('rest.cancelled'));
  });

  describe('a write', () => {
    it('that could not be sent says that nothing changed', async () => {
      await expect(
        clientOf(1).write({ method: 'POST', path: '/switchover', body: { leader: 'db1' }, timeoutMs: 1000 }),
      ).rejects.toSatisfy(code('rest.not_sent'));
    });

    it('whose secret is gone is not sent', async () => {
      const client = clientOf(await answers('{}'), { tls: null, auth: { username: 'a', passwordSecret: 'gone' } });
      await expect(client.write({ method: 'POST', path: '/reload', timeoutMs: 1000 })).rejects.toSatisfy(
        code('rest.not_sent'),
      );
    });

    it('without an answer is sent once, and not known to be done', async () => {
      let requests = 0;
      const port = await raw((socket) => {
        requests += 1;
        socket.destroy();
      });
      await expect(clientOf(port).write({ method: 'POST', path: '/restart', timeoutMs: 1000 })).rejects.toSatisfy(
        code('rest.no_answer'),
      );
      expect(requests).toBe(1);
    });

    it('given up before it was sent is not sent', async () => {
      const port = await answers('{}');
      await expect(
        clientOf(port).write({ method: 'POST', path: '/reload', timeoutMs: 1000, signal: AbortSignal.abort() }),
      ).rejects.toSatisfy(code('rest.not_sent'));
    });

    it('answers with status and text as they came', async () => {
      const port = await answers('candidate does not exists', 412);
      expect(
        await clientOf(port).write({ method: 'POST', path: '/failover', body: { candidate: 'x' }, timeoutMs: 5000 }),
      ).toEqual({ status: 412, body: 'candidate does not exists' });
    });
  });

  it('an error of the way there stays what it is', async () => {
    const dial = (): Promise<never> => Promise.reject(appError('ssh.connection_lost', 'gone', { retryable: true }));
    const client = connectPatroni(
      'db1',
      'http://10.0.0.1:8008',
      { tls: null, auth: null },
      { dial, readSecret: () => Promise.resolve(undefined) },
    );
    await expect(client.get('/patroni', 1000)).rejects.toSatisfy(code('ssh.connection_lost'));
  });

  it('a plain server behind an https address is a TLS error', async () => {
    const port = await answers('{}');
    const client = connectPatroni(
      'db1',
      `https://127.0.0.1:${String(port)}/patroni`,
      { tls: null, auth: null },
      { dial: directDial, readSecret: () => Promise.resolve(undefined) },
    );
    await expect(client.get('/patroni', 2000)).rejects.toSatisfy(code('rest.tls'));
  });
});

describe('an api_url', () => {
  it.each([
    ['http://10.0.0.11:8008/patroni', { host: '10.0.0.11', port: 8008, https: false }],
    ['https://db.example/patroni', { host: 'db.example', port: 443, https: true }],
    ['http://[fd00::1]:8008/patroni', { host: 'fd00::1', port: 8008, https: false }],
  ])('%s', (url, expected) => {
    expect(parseApiUrl(url)).toEqual(expected);
  });

  it.each([
    ['ftp://x/'],
    ['file:///etc/passwd'],
    ['10.0.0.1:8008'],
    [''],
    ['http://'],
    ['javascript:alert(1)'],
    ['http://admin:secret@10.0.0.11:8008/patroni'],
    ['http://10.0.0.11:8008\\@evil.example/'],
    ['http://169.254.169.254/latest/'],
  ])('%j is refused', (url) => {
    expect(() => parseApiUrl(url)).toThrow('is not an address of a REST API');
  });
});
