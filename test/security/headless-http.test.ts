import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ENTRANCE } from '../../shared/model/app/transport';
import { runHeadless, type HeadlessApp } from '../../electron/headless/run';
import { tempDirectory, type TempDirectory } from '../support/temp';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('the headless host', () => {
  let temp: TempDirectory;
  let app: HeadlessApp;
  let key: string;
  const opened: WebSocket[] = [];
  const own = (): string => `127.0.0.1:${app.server.port}`;

  /** Sends the path as it is: fetch would tidy `..` up before anybody could refuse it. */
  function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = httpRequest({ host: '127.0.0.1', port: app.server.port, path, method, headers }, (response) => {
        let body = '';
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => {
            body += chunk;
          })
          .on('end', () => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
          });
      });
      asked.on('error', reject).end();
    });
  }

  /** `open`, or the status that refused the upgrade. */
  function socket(path: string, headers: Record<string, string>, shown: string | null = null): Promise<string> {
    const protocols = shown === null ? [] : [ENTRANCE.protocol, `${ENTRANCE.keyProtocol}${shown}`];
    return new Promise((resolve) => {
      const tried = new WebSocket(`ws://127.0.0.1:${app.server.port}${path}`, protocols, { headers });
      tried.on('open', () => {
        opened.push(tried);
        resolve('open');
      });
      tried.on('unexpected-response', (_request, response) => {
        resolve(String(response.statusCode));
      });
      tried.on('error', () => undefined);
    });
  }

  const newToken = (): string => new URL(app.server.newUrl()).hash.replace('#token=', '');
  const enter = (headers: Record<string, string>): Promise<Answer> => get(ENTRANCE.path, headers, 'POST');

  beforeAll(async () => {
    temp = await tempDirectory();
    const pageRoot = join(temp.path, 'page');
    await mkdir(join(pageRoot, 'assets'), { recursive: true });
    await writeFile(join(pageRoot, 'index.html'), '<p>the page</p>');
    await writeFile(join(pageRoot, 'assets', 'a.js'), 'export {}');
    await writeFile(join(pageRoot, 'notes.unknown'), 'not for the page');
    await writeFile(join(temp.path, 'outside.js'), 'outside');
    app = await runHeadless(
      { port: 0, bind: '127.0.0.1', demo: false, files: [] },
      {
        dataDirectory: join(temp.path, 'data'),
        homeDirectory: temp.path,
        pageRoot,
        version: 'test',
        user: 'tester',
        agentSocket: undefined,
        ask: () => Promise.resolve(false),
      },
    );
    key = (await enter({ origin: `http://${own()}`, [ENTRANCE.tokenHeader]: newToken() })).body;
  });
  afterEach(() => {
    for (const window of opened.splice(0)) window.terminate();
  });
  afterAll(async () => {
    await app.close();
    await temp.remove();
  });

  it('gives the key to the core for a link once, and again to the window that has it', async () => {
    const token = { origin: `http://${own()}`, [ENTRANCE.tokenHeader]: newToken() };
    expect(await enter(token)).toMatchObject({ status: 200, body: key });
    expect((await enter(token)).status).toBe(403);
    expect(await enter({ ...token, [ENTRANCE.keyHeader]: key })).toMatchObject({ status: 200, body: key });
  });

  it('keeps a link that another page tries, and gives that page no key', async () => {
    const token = { [ENTRANCE.tokenHeader]: newToken() };
    for (const origin of ['http://evil.example', 'http://127.0.0.1:1', 'null']) {
      const answer = await enter({ ...token, origin });
      expect([answer.status, answer.body.includes(key)], origin).toEqual([403, false]);
    }
    expect((await enter({ ...token, origin: `http://${own()}` })).status).toBe(200);
  });

  it('gives a browser nothing that it would send to another program of this computer by itself', async () => {
    const answers = [
      await get('/'),
      await get('/assets/a.js'),
      await enter({ origin: `http://${own()}`, [ENTRANCE.tokenHeader]: newToken() }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(answer.headers['www-authenticate']).toBeUndefined();
    }
    expect(await socket('/rpc', { origin: `http://${own()}`, cookie: `matriarch=${key}; key=${key}` })).toBe('403');
  });

  it('keeps its links out of what a browser sends: the token stands behind the #', () => {
    const url = new URL(app.server.newUrl());
    expect([url.search, url.username, url.pathname]).toEqual(['', '', '/']);
    expect(url.hash).toMatch(/^#token=[\w-]{32}$/);
  });

  it('serves the page under the strict CSP and never cached', async () => {
    const answer = await get('/');
    expect(answer).toMatchObject({ status: 200, body: '<p>the page</p>' });
    const csp = answer.headers['content-security-policy'] ?? '';
    expect(csp).toContain("default-src 'none'");
    expect(csp).toContain("script-src 'self';");
    expect(csp).not.toMatch(/script-src[^;]*unsafe/);
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  it.each([
    '/../outside.js',
    '/%2e%2e/outside.js',
    '/..%2foutside.js',
    '/assets/../../outside.js',
    '/..%5coutside.js',
    '/%00',
    '/%',
    '//outside.js',
    '/notes.unknown',
    '/assets',
    '/.built-from',
  ])('gives no file outside its page for %s', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('outside\n');
  });

  it.each(['rebound.example', '127.0.0.1', '127.0.0.1:1', 'localhost.example:80'])(
    'refuses a page of another site whose name resolves here (%s)',
    async (host) => {
      expect((await get('/', { host })).status).toBe(421);
    },
  );

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    expect((await get('/', {}, method)).status).toBe(405);
  });

  it('opens the WebSocket for the page itself, and does not repeat the key', async () => {
    expect(await socket('/rpc', { origin: `http://${own()}` }, key)).toBe('open');
    expect(opened[0]?.protocol).toBe(ENTRANCE.protocol);
  });

  it.each([
    ['another site', () => ({ origin: 'http://evil.example' }), '/rpc', '403'],
    ['another program of this computer', () => ({ origin: 'http://127.0.0.1:1' }), '/rpc', '403'],
    ['no origin', () => ({}), '/rpc', '403'],
    ['a rebound name', () => ({ origin: 'http://evil.example', host: 'evil.example' }), '/rpc', '403'],
    ['another path', () => ({ origin: `http://${own()}` }), '/rpc/../x', '404'],
  ] as const)('refuses the WebSocket for %s, key or not', async (_name, headers, path, status) => {
    expect(await socket(path, { ...headers() }, key)).toBe(status);
    expect(await socket(path, { ...headers() })).toBe(status);
  });

  it.each(['', 'guess', 'x'.repeat(43)])('refuses the WebSocket for the key %j', async (guess) => {
    expect(await socket('/rpc', { origin: `http://${own()}` }, guess)).toBe('403');
  });

  it.each([
    ['no JSON', '{'],
    ['JSON that is no message', '[1, 2, null]'],
    ['a binary message', Buffer.from([0, 255, 1, 2, 3])],
    ['nothing', ''],
  ])('ends the connection of a page that sends %s, without a word in any log', async (_name, frame) => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await socket('/rpc', { origin: `http://${own()}` }, key)).toBe('open');
    const sender = opened.at(-1);
    const ended = new Promise<number>((resolve) => sender?.once('close', resolve));
    sender?.send(frame);
    expect(await ended).toBe(1007);
    expect(said).not.toHaveBeenCalled();
    said.mockRestore();
  });

  it('opens a bounded number of windows at a time', async () => {
    const origin = `http://${own()}`;
    const answers = await Promise.all(Array.from({ length: 80 }, () => socket('/rpc', { origin }, key)));
    expect(answers.filter((answer) => answer === 'open')).toHaveLength(64);
    expect(answers.filter((answer) => answer === '503')).toHaveLength(16);
  });

  it('holds a bounded number of connections at a time, and takes new ones when old ones are gone', async () => {
    let closed = 0;
    const silent = Array.from({ length: 300 }, () =>
      connect(app.server.port, '127.0.0.1')
        .on('error', () => undefined)
        .on('close', () => {
          closed += 1;
        }),
    );
    await expect.poll(() => closed).toBeGreaterThanOrEqual(300 - 256);
    expect(closed).toBeLessThan(60);
    for (const one of silent) one.destroy();
    await expect
      .poll(() =>
        get('/').then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
  });

  it('listens on loopback only', () => {
    expect(new URL(app.server.newUrl()).hostname).toBe('127.0.0.1');
  });
});
