import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startApp, type TestApp, type TestConnection } from '../../support/app/app';
import { scanDirectory, scanText } from '../../support/secret-scan';
import { startSshServer, type TestSshServer } from '../../support/ssh/ssh-server';

const SSH = "ssh-Geheim 'eins'";
const SUDO = 'sudo-Geheim "zwei"';
const REST = 'rest-Geheim-drei';
const WRONG = 'wrong-Geheim-vier';
const PASSPHRASE = 'vault-Geheim-fuenf';
const SECRETS = [SSH, SUDO, REST, WRONG, PASSPHRASE];

let directory: string;
let ssh: TestSshServer;
let app: TestApp;
let page: TestConnection;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'session-'));
  ssh = await startSshServer({ users: { dba: { password: SSH } } });
  app = await startApp({ page: false, dataDirectory: join(directory, 'data') });
  page = await app.connect();
});
afterEach(async () => {
  page.close();
  await app.close();
  await ssh.close();
  await rm(directory, { recursive: true, force: true });
});

it('a whole session, failures included, leaves no secret in any message, log or file', async () => {
  const seen: unknown[] = [];
  const tell = async (work: Promise<unknown>): Promise<void> => {
    seen.push(
      await work.catch((thrown: unknown) => [thrown, String(thrown), thrown instanceof Error ? thrown.stack : '']),
    );
  };
  const { client } = page;
  const { services } = app.app.core;
  const watching = services.prompts.watch((open) => {
    for (const prompt of open) {
      seen.push(prompt);
      void services.prompts.answer(prompt.id, { value: prompt.kind === 'host_key' ? 'yes' : WRONG, remember: false });
    }
  });

  await client.vault.create({ passphrase: PASSPHRASE });
  const draft = {
    name: 'db1',
    host: '127.0.0.1',
    port: ssh.port,
    user: 'dba',
    auth: { kind: 'password' as const },
    sudo: { kind: 'password' as const },
  };
  const server = await client.servers.add({ ...draft, secret: WRONG, sudoPassword: SUDO });
  await tell(client.servers.test({ id: server.id }));
  await tell(client.servers.update({ id: server.id, server: { ...draft, secret: SSH, sudoPassword: SUDO } }));
  await tell(client.servers.test({ id: server.id }));
  await tell(client.clusters.discover({ serverId: server.id }));
  await tell(
    client.clusters.addDirect({
      title: 'Orders',
      scope: 'orders',
      restUrls: [`http://admin:${REST}@127.0.0.1:1/`],
      restUser: 'admin',
      restPassword: REST,
      etcdUser: 'root',
      etcdPassword: REST,
      etcd: ['127.0.0.1:1'],
    }),
  );
  await tell(client.vault.unlock({ passphrase: WRONG }));

  const {
    clusterIds: [orders = ''],
  } = await client.demo.start({ clusters: [{ scope: 'orders', members: 3 }] });
  const state = () => services.hub.state(orders);
  await vi.waitFor(
    () => {
      expect(state()?.health.level).toBe('healthy');
    },
    { timeout: 30_000, interval: 200 },
  );
  const leader = state()?.leader.holder ?? '';
  const candidate = state()?.members.find((member) => member.name !== leader)?.name ?? '';
  const operation = { kind: 'switchover' as const, leader, candidate };
  const preview = await client.operations.preview({ clusterId: orders, operation });
  await tell(
    client.operations.start({
      clusterId: orders,
      operation,
      fingerprint: 'of-another-time',
      typed: null,
      requestId: 'request-1',
    }),
  );
  await tell(
    client.operations.start({
      clusterId: orders,
      operation,
      fingerprint: preview.fingerprint,
      typed: null,
      requestId: 'request-2',
    }),
  );
  await vi.waitFor(
    async () => {
      expect((await client.history.list({ clusterId: orders, limit: 10 })).length).toBeGreaterThan(0);
    },
    { timeout: 60_000, interval: 300 },
  );
  await client.demo.inject({ clusterId: orders, faultId: 'power_off', member: state()?.leader.holder ?? null });
  await vi.waitFor(
    () => {
      expect(state()?.health.level).not.toBe('healthy');
    },
    { timeout: 30_000, interval: 200 },
  );

  seen.push(
    state(),
    services.hub.events(orders, 1000),
    await client.history.list({ clusterId: null, limit: 100 }),
    await client.history.export({ format: 'csv' }),
    await client.app.exportInventory(),
    await client.servers.list(),
    await client.clusters.list(),
  );
  watching();
  page.close();
  await app.close();
  expect(scanText('what the page was told', JSON.stringify(seen), SECRETS)).toEqual([]);
  expect(await scanDirectory(directory, SECRETS)).toEqual([]);
}, 150_000);
