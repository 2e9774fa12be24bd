import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp, type TestConnection } from '../support/app/app';
import { scanDirectory, scanText } from '../support/secret-scan';
import { tempDirectory, type TempDirectory } from '../support/temp';

const secrets = ['ssh-Pass "word" 1', 'sudo-päss-2', "it's-the-rest-password", 'vault passphrase 4'];

describe('a secret given on the page', () => {
  let temp: TempDirectory;
  let app: TestApp;
  let page: TestConnection;

  beforeAll(async () => {
    temp = await tempDirectory();
    app = await startApp({ page: false, dataDirectory: join(temp.path, 'data') });
    page = await app.connect();
  });
  afterAll(async () => {
    page.close();
    await app.close();
    await temp.remove();
  });

  it('is in no file of the data directory, no log and no answer', async () => {
    const [ssh = '', sudo = '', rest = '', passphrase = ''] = secrets;
    await page.client.vault.create({ passphrase });
    const server = await page.client.servers.add({
      name: 'db1',
      host: '127.0.0.1',
      port: 1,
      user: 'admin',
      auth: { kind: 'password' },
      sudo: { kind: 'password' },
      secret: ssh,
      sudoPassword: sudo,
    });
    const cluster = await page.client.clusters
      .addDirect({
        title: 'Orders',
        scope: 'orders',
        restUrls: ['http://127.0.0.1:1/'],
        restUser: 'patroni',
        restPassword: rest,
      })
      .catch((thrown: unknown) => thrown);
    const tested = await page.client.servers.test({ id: server.id });
    const seen = JSON.stringify([
      server,
      cluster,
      tested,
      await page.client.servers.list(),
      await page.client.clusters.list(),
      await page.client.app.exportInventory(),
      await page.client.history.export({ format: 'json' }),
    ]);
    expect(scanText('answers', seen, secrets)).toEqual([]);
    expect(await scanDirectory(join(temp.path, 'data'), secrets)).toEqual([]);
  });

  it('would be found by this test in each form it may leak in', () => {
    const secret = "it's-the-rest-password";
    const leaks = [
      secret,
      encodeURIComponent('a b'),
      Buffer.from(`${secret}`).toString('base64'),
      Buffer.from(secret).toString('hex'),
      secret.replaceAll("'", `'\\''`),
    ];
    expect(scanText('leaks', leaks.join('\n'), [secret, 'a b']).map(({ form }) => form)).toEqual(
      expect.arrayContaining(['plain', 'URL', 'Base64', 'hex', 'shell quotes']),
    );
  });
});
