import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyed } from '../../../../electron/core/deploy/sources/keys';
import type { AptRepository } from '../../../../shared/model/deploy/spec/source-spec';
import { KEY } from '../../../support/openpgp-key';

const pages: Readonly<Record<string, { readonly status: number; readonly body: string }>> = {
  '/key.asc': { status: 200, body: KEY },
  '/gone': { status: 404, body: '' },
  '/page': { status: 200, body: '<html>Welcome</html>' },
  '/large': { status: 200, body: 'x'.repeat(300_000) },
};
let server: Server;
let url = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    const page = pages[request.url ?? ''] ?? { status: 500, body: '' };
    response.writeHead(page.status).end(page.body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterAll(
  () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
);

const repository = (change: Partial<AptRepository>): AptRepository => ({
  url: 'https://apt.example.org/pub',
  suite: 'trixie',
  components: ['main'],
  ...change,
});

describe('the key of a repository', () => {
  it('is read from its address by this workstation', async () => {
    const [found] = await keyed([repository({ keyUrl: `${url}/key.asc` })], undefined);
    expect(found).toMatchObject({
      error: null,
      fingerprint: expect.stringMatching(/^[0-9A-F]{40}$/) as string,
      repository: { keyPem: KEY },
    });
  });

  it.each([
    ['/gone', /answers 404/],
    ['/page', /no public OpenPGP key/],
    ['/large', /larger than a key/],
  ])('that %s does not give is an answer with its cause', async (path, cause) => {
    const [found] = await keyed([repository({ keyUrl: `${url}${path}` })], undefined);
    expect(found?.error).toMatchObject({
      code: 'deploy.repository_key',
      message: expect.stringMatching(cause) as string,
    });
  });

  it('in the spec is not fetched', async () => {
    const [found] = await keyed([repository({ keyPem: KEY, keyUrl: `${url}/gone` })], undefined);
    expect(found?.error).toBeNull();
  });

  it('of one repository that is missing does not hide the others', async () => {
    const found = await keyed([repository({}), repository({ keyPem: KEY })], undefined);
    expect(found.map((entry) => entry.error?.code ?? null)).toEqual(['deploy.repository_key', null]);
  });
});
