import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  let cookie: string;
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
  function socket(path: string, headers: Record<string, string>): Promise<string> {
    return new Promise((resolve) => {
      const tried = new WebSocket(`ws://127.0.0.1:${app.server.port}${path}`, { headers });
      tried.on('open', () => {
        tried.close();
        resolve('open');
      });
      tried.on('unexpected-response', (_request, response) => {
        resolve(String(response.statusCode));
      });
      tried.on('error', () => undefined);
    });
  }

  beforeAll(async () => {
    temp = await tempDirectory();
    const pageRoot = join(temp.path, 'page');
    await mkdir(join(pageRoot, 'assets'), { recursive: true });
    await writeFile(join(pageRoot, 'index.html'), '<p>the page</p>');
    await writeFile(join(pageRoot, 'assets', 'a.js'), 'export {}');
    await writeFile(join(pageRoot, 'notes.unknown'), 'not for the page');
    await writeFile(join(temp.path, 'outside.js'), 'outside');
    app = await runHeadless(
      { port: 0, bind: '127.0.0.1', demo: false },
      {
        dataDirectory: join(temp.path, 'data'),
        homeDirectory: temp.path,
        pageRoot,
        version: 'test',
        user: 'tester',
        agentSocket: undefined,
      },
    );
    const exchanged = await get(new URL(app.server.newUrl()).search.replace(/^/, '/'));
    cookie = exchanged.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  });
  afterAll(async () => {
    await app.close();
    await temp.remove();
  });

  it('shows nothing of the page without the cookie', async () => {
    for (const path of ['/', '/index.html', '/assets/a.js', '/?token=guess', '/?token=']) {
      const answer = await get(path);
      expect(answer.status, path).toBe(403);
      expect(answer.body).not.toContain('the page');
    }
  });

  it('exchanges the link once for a cookie that scripts and other sites cannot use', async () => {
    const path = `/${new URL(app.server.newUrl()).search}`;
    const first = await get(path);
    expect(first.status).toBe(303);
    expect(first.headers.location).toBe('/');
    expect(first.headers['set-cookie']?.[0]).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    expect((await get(path)).status).toBe(403);
    expect((await get(path, { cookie })).status).toBe(303);
  });

  it('serves the page with the cookie, under the strict CSP and never cached', async () => {
    const answer = await get('/', { cookie });
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
    const answer = await get(path, { cookie });
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('outside\n');
  });

  it.each(['rebound.example', '127.0.0.1', '127.0.0.1:1', 'localhost.example:80'])(
    'refuses a page of another site whose name resolves here (%s), cookie or not',
    async (host) => {
      expect((await get('/', { cookie, host })).status).toBe(421);
    },
  );

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    expect((await get('/', { cookie }, method)).status).toBe(405);
  });

  it('opens the WebSocket for the page itself', async () => {
    expect(await socket('/rpc', { cookie, origin: `http://${own()}` })).toBe('open');
  });

  it.each([
    ['another site', () => ({ cookie, origin: 'http://evil.example' }), '/rpc', '403'],
    ['no origin', () => ({ cookie }), '/rpc', '403'],
    ['no cookie', () => ({ origin: `http://${own()}` }), '/rpc', '403'],
    [
      'a guessed cookie',
      () => ({ cookie: `matriarch_${app.server.port}=guess`, origin: `http://${own()}` }),
      '/rpc',
      '403',
    ],
    ['a rebound name', () => ({ cookie, origin: 'http://evil.example', host: 'evil.example' }), '/rpc', '403'],
    ['another path', () => ({ cookie, origin: `http://${own()}` }), '/rpc/../x', '404'],
  ] as const)('refuses the WebSocket for %s', async (_name, headers, path, status) => {
    expect(await socket(path, { ...headers() })).toBe(status);
  });

  it('listens on loopback only', () => {
    expect(new URL(app.server.newUrl()).hostname).toBe('127.0.0.1');
  });
});
