import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPackageProxy, type PackageProxy } from '../../../../electron/core/deploy/package-routes/package-proxy';

/** What a documentation address stands for here: the upstream of this test. */
const FAR = '192.0.2.10';

let upstream: HttpServer;
let door: Server;
let proxy: PackageProxy;
let asked: string[];
let refused: string[];
let dialled: string[];

beforeEach(async () => {
  [asked, refused, dialled] = [[], [], []];
  upstream = createHttpServer((request, response) => {
    asked.push(
      `${request.method ?? ''} ${request.url ?? ''} host=${request.headers.host ?? ''} ` +
        `proxy=${String(request.headers['proxy-authorization'])}`,
    );
    if (request.url === '/half') {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half');
      setTimeout(() => {
        response.destroy();
      }, 20);
      return;
    }
    response.setHeader('etag', '"x"');
    response.end(`content of ${request.url ?? ''}`);
  });
  const upstreamPort = await listening(upstream);
  const names: Record<string, readonly string[]> = {
    'deb.example.org': [FAR],
    'inside.example.org': ['127.0.0.1'],
    'mixed.example.org': ['127.0.0.1', FAR],
    'gone.example.org': [],
    'private.example.org': ['10.20.30.40'],
  };
  proxy = createPackageProxy({
    hosts: [
      ...Object.keys(names).map((host) => ({ host, port: 80, named: host !== 'private.example.org' })),
      { host: 'deb.example.org', port: 443, named: true },
      { host: '127.0.0.1', port: upstreamPort, named: true },
    ],
    idleMs: 300,
    resolve: (host) => Promise.resolve(names[host] ?? [host]),
    dial: async (address, port) => {
      dialled.push(`${address}:${port}`);
      const socket = connect(upstreamPort, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    },
    onRefused: (what, why) => {
      refused.push(`${what}: ${why}`);
    },
  });
  door = createServer((socket) => {
    proxy.accept(socket);
  });
  await listening(door);
});

afterEach(async () => {
  proxy.close();
  upstream.closeAllConnections();
  await Promise.all(
    [upstream, door].map(
      (server) =>
        new Promise((resolve) => {
          server.close(resolve);
        }),
    ),
  );
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Sends a text to the proxy and answers what comes back until it closes, or until `enough`. */
async function talk(text: string, enough?: RegExp): Promise<string> {
  const socket: Socket = connect((door.address() as AddressInfo).port, '127.0.0.1');
  socket.setEncoding('utf8');
  let answer = '';
  const end = new Promise<void>((resolve) => {
    socket.on('data', (chunk: string) => {
      answer += chunk;
      if (enough?.test(answer) === true) resolve();
    });
    socket.on('close', () => {
      resolve();
    });
    socket.on('error', () => {
      resolve();
    });
  });
  socket.write(text);
  await end;
  socket.destroy();
  return answer;
}

const get = (target: string, method = 'GET'): Promise<string> =>
  talk(
    `${method} ${target} HTTP/1.1\r\nHost: ${new URL(target, 'http://x').host}\r\n` +
      `Proxy-Authorization: Basic eA==\r\nConnection: close\r\n\r\n`,
  );

describe('the way through this computer', () => {
  it('lets a package host pass, and tells it nothing of the proxy', async () => {
    const answer = await get('http://deb.example.org/debian/Packages');
    expect(answer).toContain('200 OK');
    expect(answer).toContain('content of /debian/Packages');
    expect(asked).toEqual(['GET /debian/Packages host=deb.example.org proxy=undefined']);
    expect(dialled).toEqual([`${FAR}:80`]);
    expect(refused).toEqual([]);
  });

  it('answers requests that are sent in one go in their order, over one kept connection', async () => {
    const text = ['/1', '/2', '/3']
      .map((path) => `GET http://deb.example.org${path} HTTP/1.1\r\nHost: deb.example.org\r\n\r\n`)
      .join('');
    const answer = await talk(text, /content of \/3/);
    expect([...answer.matchAll(/content of (\/\d)/g)].map((match) => match[1])).toEqual(['/1', '/2', '/3']);
  });

  it('opens a tunnel to a package host', async () => {
    const answer = await talk(
      'CONNECT deb.example.org:443 HTTP/1.1\r\nHost: deb.example.org:443\r\n\r\nGET /inside HTTP/1.1\r\n' +
        'Host: a\r\nConnection: close\r\n\r\n',
      /content of/,
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toContain('content of /inside');
    expect(dialled).toEqual([`${FAR}:443`]);
  });

  it.each([
    ['another host', 'GET', 'http://evil.example.org/'],
    ['another port', 'GET', 'http://deb.example.org:8080/'],
    ['this computer', 'GET', 'http://localhost/'],
    ['a request that writes', 'POST', 'http://deb.example.org/'],
  ])('refuses %s, sends nothing, and says so', async (_what, method, target) => {
    expect(await get(target, method)).toMatch(/^HTTP\/1.1 403 /);
    expect(dialled).toEqual([]);
    expect(asked).toEqual([]);
    expect(refused).toHaveLength(1);
  });

  it.each(['evil.example.org:443', 'deb.example.org:22', '127.0.0.1:22', '[::1]:443'])(
    'refuses a tunnel to %s',
    async (target) => {
      expect(await talk(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`)).toMatch(/^HTTP\/1.1 403 /);
      expect(dialled).toEqual([]);
      expect(refused).toHaveLength(1);
    },
  );

  it('refuses a named host that leads to this computer itself, by name and by address', async () => {
    const upstreamPort = (upstream.address() as AddressInfo).port;
    expect(await get('http://inside.example.org/')).toMatch(/^HTTP\/1.1 502 /);
    expect(await get(`http://127.0.0.1:${upstreamPort}/`)).toMatch(/^HTTP\/1.1 502 /);
    expect(dialled).toEqual([]);
    expect(refused).toHaveLength(2);
  });

  it('passes over the address that leads here and takes the next', async () => {
    expect(await get('http://mixed.example.org/')).toContain('200 OK');
    expect(dialled).toEqual([`${FAR}:80`]);
  });

  it('refuses a host of a private network that only the server names', async () => {
    expect(await get('http://private.example.org/')).toMatch(/^HTTP\/1.1 502 /);
    expect(dialled).toEqual([]);
    expect(refused).toHaveLength(1);
  });

  it('tells the host that was judged, whatever the request says of itself', async () => {
    await talk('GET http://deb.example.org/a HTTP/1.1\r\nHost: intranet.example.org\r\nConnection: close\r\n\r\n');
    expect(asked).toEqual(['GET /a host=deb.example.org proxy=undefined']);
  });

  it('ends a tunnel in which nothing passes, and opens no more than 16 at a time', async () => {
    const open = 'CONNECT deb.example.org:443 HTTP/1.1\r\nHost: a\r\n\r\n';
    const silent = Array.from({ length: 16 }, () => talk(open, /never/));
    await expect.poll(() => dialled.length).toBe(16);
    expect(await talk(open)).toMatch(/^HTTP\/1.1 503 /);
    for (const answer of await Promise.all(silent)) expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(await talk(open, /200 /)).toMatch(/^HTTP\/1.1 200 /);
  });

  it('says that a host is not known, and tears off what came half', async () => {
    expect(await get('http://gone.example.org/')).toMatch(/^HTTP\/1.1 502 /);
    const half = await get('http://deb.example.org/half');
    expect(half).toContain('content-length: 100');
    expect(half.endsWith('half')).toBe(true);
  });

  it.each([
    '\x16\x03\x01\x02garbage\r\n\r\n',
    'GET\r\n\r\n',
    `GET http://deb.example.org/${'x'.repeat(40_000)} HTTP/1.1\r\n\r\n`,
  ])('ends a stream that brings no request', async (text) => {
    await talk(text);
    expect(dialled).toEqual([]);
  });

  it('ends every stream when it is closed', async () => {
    const waiting = talk('CONNECT deb.example.org:443 HTTP/1.1\r\nHost: a\r\n\r\n', /never/);
    await expect.poll(() => dialled.length).toBe(1);
    proxy.close();
    expect(await waiting).toMatch(/^HTTP\/1.1 200 /);
  });
});
