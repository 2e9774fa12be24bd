import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Prompt } from '../../../shared/model/app/prompt';
import { startApp, type TestApp, type TestConnection } from '../../support/app/app';
import { scanDirectory } from '../../support/secret-scan';
import { startSshServer, type TestSshServer } from '../../support/ssh/ssh-server';

const PASSWORD = 'right horse';

describe('a server is tested, and the user is asked what only the user knows', () => {
  let ssh: TestSshServer;
  let app: TestApp;
  let page: TestConnection;

  beforeEach(async () => {
    ssh = await startSshServer({ users: { dba: { password: PASSWORD } } });
    app = await startApp({ page: false });
    page = await app.connect();
  });
  afterEach(async () => {
    page.close();
    await app.close();
    await ssh.close();
  });

  const add = () =>
    page.client.servers.add({
      name: 'db1',
      host: '127.0.0.1',
      port: ssh.port,
      user: 'dba',
      auth: { kind: 'password' },
      sudo: { kind: 'none' },
    });

  /** Answers each question as it comes up. A read that waits when the stream is left rejects; that is its end. */
  async function answering(
    answer: (prompt: Prompt) => { value: string | null; remember: boolean },
  ): Promise<{ readonly asked: string[]; stop(): Promise<void> }> {
    const stream = await page.client.prompts.watch();
    const asked: string[] = [];
    const answered = new Set<string>();
    const reading = (async () => {
      for await (const open of stream) {
        for (const prompt of open.filter(({ id }) => !answered.has(id))) {
          answered.add(prompt.id);
          if (prompt.kind === 'host_key') asked.push(prompt.hostKey.fingerprint);
          if (prompt.kind === 'secret') asked.push(prompt.purpose);
          await page.client.prompts.answer({ id: prompt.id, ...answer(prompt) });
        }
      }
    })();
    return {
      asked,
      stop: async () => {
        await stream.return?.();
        await reading.catch(() => undefined);
      },
    };
  }

  it('host key and password are asked, the password kept in a vault, and not asked again', async () => {
    await page.client.vault.create({ passphrase: 'a long passphrase' });
    const server = await add();
    const user = await answering((prompt) => ({
      value: prompt.kind === 'host_key' ? 'yes' : PASSWORD,
      remember: true,
    }));
    const report = await page.client.servers.test({ id: server.id });
    expect(report.error).toBeNull();
    expect(report.steps.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'SSH ok',
      'sudo warning',
      'Clock ok',
    ]);
    expect(user.asked).toEqual([expect.stringMatching(/^SHA256:/), 'password']);
    const [kept] = await page.client.servers.list();
    expect(kept).toMatchObject({
      auth: { kind: 'password', passwordSecret: expect.any(String) },
      ssh: { kind: 'connected' },
    });
    await app.app.core.services.connections.drop(server.id);
    expect((await page.client.servers.test({ id: server.id })).error).toBeNull();
    expect(user.asked).toHaveLength(2);
    await user.stop();
    expect(await scanDirectory(app.dataDirectory, [PASSWORD])).toEqual([]);
  });

  it('a wrong password that was corrected is tried at once, not answered with the old refusal', async () => {
    await page.client.vault.useSession();
    const server = await page.client.servers.add({
      name: 'db1',
      host: '127.0.0.1',
      port: ssh.port,
      user: 'dba',
      auth: { kind: 'password' },
      sudo: { kind: 'none' },
      secret: 'wrong horse',
    });
    const user = await answering((prompt) => ({ value: prompt.kind === 'host_key' ? 'yes' : null, remember: false }));
    expect((await page.client.servers.test({ id: server.id })).error?.code).toBe('ssh.auth_failed');
    const draft = {
      name: 'db1',
      host: '127.0.0.1',
      port: ssh.port,
      user: 'dba',
      auth: { kind: 'password' as const },
      sudo: { kind: 'none' as const },
    };
    await page.client.servers.update({ id: server.id, server: { ...draft, secret: PASSWORD } });
    expect((await page.client.servers.test({ id: server.id })).error).toBeNull();
    await page.client.servers.update({ id: server.id, server: { ...draft, secret: 'wrong again' } });
    expect((await page.client.servers.test({ id: server.id })).error?.code).toBe('ssh.auth_failed');
    await user.stop();
  });

  it('a server that is tested again logs in again, though nothing was changed in between', async () => {
    await page.client.vault.useSession();
    const server = await page.client.servers.add({
      name: 'db1',
      host: '127.0.0.1',
      port: ssh.port,
      user: 'dba',
      auth: { kind: 'password' },
      sudo: { kind: 'none' },
      secret: 'wrong horse',
    });
    const user = await answering((prompt) => ({ value: prompt.kind === 'host_key' ? 'yes' : null, remember: false }));
    for (const tries of [1, 2]) {
      expect((await page.client.servers.test({ id: server.id })).error?.code).toBe('ssh.auth_failed');
      expect(ssh.attempts.filter((method) => method === 'password')).toHaveLength(tries);
    }
    await user.stop();
  });

  it('a declined host key ends the test with its reason, and nothing is trusted', async () => {
    const server = await add();
    const user = await answering(() => ({ value: null, remember: false }));
    const report = await page.client.servers.test({ id: server.id });
    expect(report.steps).toMatchObject([{ name: 'SSH', verdict: 'failed' }]);
    expect(report.error?.code).toMatch(/^ssh\./);
    expect(ssh.logins()).toBe(0);
    await user.stop();
  });

  it('a server that a cluster needs is not removed; when it is removed its secret goes too', async () => {
    await page.client.vault.useSession();
    const server = await page.client.servers.add({
      name: 'db1',
      host: '127.0.0.1',
      port: ssh.port,
      user: 'dba',
      auth: { kind: 'password' },
      sudo: { kind: 'none' },
      secret: PASSWORD,
    });
    const { inventory, vault } = app.app.core.services;
    await inventory.saveCluster({
      id: 'c1',
      title: 'Orders',
      scope: 'orders',
      namespace: 'service',
      tags: [],
      production: false,
      readOnly: false,
      origin: 'user',
      etcd: null,
      rest: { tls: null, auth: null },
      members: [{ name: 'db1', serverId: server.id, apiUrl: 'http://127.0.0.1:1/' }],
    });
    await expect(page.client.servers.remove({ id: server.id })).rejects.toMatchObject({
      data: { code: 'inventory.server_in_use' },
    });
    await page.client.clusters.remove({ clusterId: 'c1' });
    await page.client.servers.remove({ id: server.id });
    expect(vault.known()).toEqual([]);
  });
});
