import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp, type TestConnection } from '../../support/app/app';

describe('calls of a page over the WebSocket', () => {
  let app: TestApp;
  let page: TestConnection;

  beforeAll(async () => {
    app = await startApp({ page: false });
    page = await app.connect();
  });
  afterAll(async () => {
    page.close();
    await app.close();
  });

  it('a call answers', async () => {
    expect(await page.client.app.info()).toMatchObject({
      shell: 'headless',
      user: 'tester',
      demo: false,
      problems: [],
    });
  });

  it('input that does not fit is refused with the field named and its value not repeated', async () => {
    const call = page.client.servers.add({
      name: '',
      host: 'db1',
      user: 'admin',
      auth: { kind: 'password' },
      sudo: { kind: 'none' },
      secret: 'hunter2-hunter2',
    });
    const error = await call.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'APP', data: { code: 'app.bad_input', retryable: false } });
    expect(JSON.stringify(error)).toContain('name');
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  it('a stream about an unknown cluster is refused with its code', async () => {
    await expect(page.client.clusters.watch({ clusterId: 'nobody' })).rejects.toMatchObject({
      code: 'APP',
      data: { code: 'inventory.cluster_unknown', target: 'nobody' },
    });
  });

  it('nothing can be called by a plain HTTP request', async () => {
    const response = await fetch(`${app.origin}/rpc/app/info`, { method: 'POST' });
    expect(response.status).toBe(405);
  });

  it('a secret goes to the vault, and what comes back holds none', async () => {
    await page.client.vault.useSession();
    const server = await page.client.servers.add({
      name: 'db1',
      host: '192.0.2.1',
      user: 'admin',
      auth: { kind: 'password' },
      sudo: { kind: 'password' },
      secret: 'opens-the-door',
      sudoPassword: 'makes-root',
    });
    const seen = JSON.stringify([server, await page.client.servers.list(), await page.client.app.exportInventory()]);
    expect(seen).not.toContain('opens-the-door');
    expect(seen).not.toContain('makes-root');
    expect(server.auth).toMatchObject({ kind: 'password', passwordSecret: expect.any(String) });
  });

  it('settings stream the present value first, then each change', async () => {
    const stream = await page.client.app.settings();
    const first = await stream.next();
    if (first.done === true) throw new Error('the stream ended');
    await page.client.app.saveSettings({ ...first.value, theme: 'dark' });
    expect((await stream.next()).value).toMatchObject({ theme: 'dark' });
    await stream.return?.();
  });
});
