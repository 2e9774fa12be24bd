import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServerInput } from '../../shared/contract/servers';
import type { Server } from '../../shared/model/connect/server';
import { fieldsOfServer, passwordsLost } from '../../renderer/server-editor/server-form';
import { startApp, type TestApp, type TestConnection } from '../support/app/app';

describe('the stored passwords of a server', () => {
  let app: TestApp;
  let page: TestConnection;
  let jump: Server;
  let kept: Server;
  const entry: ServerInput = {
    name: 'db1',
    host: '192.0.2.1',
    port: 22,
    user: 'admin',
    auth: { kind: 'password' },
    sudo: { kind: 'password' },
  };

  beforeEach(async () => {
    app = await startApp({ page: false });
    page = await app.connect();
    await page.client.vault.useSession();
    jump = await page.client.servers.add({ ...entry, name: 'jump', host: '192.0.2.9', auth: { kind: 'agent' } });
    kept = await page.client.servers.add({ ...entry, secret: 'login-password', sudoPassword: 'sudo-password' });
  });
  afterEach(async () => {
    page.close();
    await app.close();
  });

  it.each([
    ['host', () => ({ host: '192.0.2.66' })],
    ['port', () => ({ port: 2222 })],
    ['user', () => ({ user: 'other' })],
    ['jump hosts', () => ({ jump: [jump.id] })],
    ['alias of ~/.ssh/config', () => ({ sshConfigHost: 'elsewhere' })],
  ])('are not sent elsewhere: another %s removes them, and the page says so before', async (_what, change) => {
    const lost = passwordsLost(kept, { ...fieldsOfServer(kept), ...toFields(change()) });
    expect(lost).toContain('They are removed when you save');
    const server = await page.client.servers.update({ id: kept.id, server: { ...entry, ...change() } });
    expect([server.auth, server.sudo]).toEqual([{ kind: 'password' }, { kind: 'password' }]);
    expect(app.app.core.services.vault.known()).toEqual([]);
  });

  it('stay when nothing changes about where they go', async () => {
    const change = { name: 'renamed', tags: ['site a'] };
    expect(passwordsLost(kept, { ...fieldsOfServer(kept), ...change })).toBeNull();
    const server = await page.client.servers.update({ id: kept.id, server: { ...entry, ...change } });
    expect([server.auth, server.sudo]).toEqual([kept.auth, kept.sudo]);
    expect(app.app.core.services.vault.known()).toEqual(['login-password', 'sudo-password']);
  });

  it('are removed with the server, those for prompts of the server too', async () => {
    const auth = { kind: 'keyboard-interactive' } as const;
    const other = await page.client.servers.add({ ...entry, host: '192.0.2.7', auth, secret: 'for-prompts' });
    for (const id of [other.id, kept.id]) await page.client.servers.remove({ id });
    expect(app.app.core.services.vault.known()).toEqual([]);
  });

  function toFields({ port, ...rest }: { port?: number } & Partial<ServerInput>) {
    const { host, user, jump: hops, sshConfigHost } = rest;
    return {
      ...(port === undefined ? {} : { port: String(port) }),
      ...(host === undefined ? {} : { host }),
      ...(user === undefined ? {} : { user }),
      ...(hops === undefined ? {} : { jump: hops }),
      ...(sshConfigHost === undefined ? {} : { sshConfigHost }),
    };
  }
});
