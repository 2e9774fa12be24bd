import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effects, type Effect } from '../../shared/contract/effects';
import { clusterSpecSchema } from '../../shared/model/deploy/spec/cluster-spec';
import { createReadOnlyGuard } from '../../electron/core/rpc/read-only-guard';
import { startApp, type TestApp, type TestConnection } from '../support/app/app';
import { specFixture } from '../support/deploy/facts';
import { aCluster, aServer } from '../unit/inventory/entries';

type Call = (input: unknown) => Promise<unknown>;

/** Every procedure that the table says can change a cluster or a server, with its path. */
function changing(part: unknown, path: readonly string[]): readonly { readonly path: string; readonly of: string }[] {
  const effect = part as Effect | Readonly<Record<string, unknown>>;
  const of = typeof effect === 'string' ? effect : effect['of'];
  if (typeof of === 'string') return ['cluster', 'spec', 'terminal'].includes(of) ? [{ path: path.join('.'), of }] : [];
  return Object.entries(effect).flatMap(([name, inner]) => changing(inner, [...path, name]));
}

const changes = changing(effects, []);

/** The spec of another cluster, on the server that the closed cluster is on. */
const spec = (id: string, host: string) => ({
  ...specFixture(),
  id,
  servers: specFixture().servers.map((server, index) =>
    index === 0 ? { ...server, ssh: { host, user: 'admin' } } : server,
  ),
});

describe('what is read-only stays as it is, whatever is called', () => {
  let app: TestApp;
  let page: TestConnection;
  const closed = aCluster({ id: 'closed', title: 'Closed', readOnly: true });

  beforeAll(async () => {
    app = await startApp({ page: false });
    const { inventory } = app.app.core.services;
    await inventory.saveServer(aServer({ host: '127.0.0.1', port: 22 }));
    await inventory.saveCluster(closed);
    page = await app.connect();
    await page.client.vault.useSession();
  });
  afterAll(async () => {
    page.close();
    await app.close();
  });

  async function codeOf(path: string, input: unknown): Promise<unknown> {
    const call = path.split('.').reduce<unknown>((part, name) => Reflect.get(Object(part), name), page.client) as Call;
    try {
      await call(input);
      return 'it was carried out';
    } catch (thrown) {
      return Reflect.get(Object(Reflect.get(Object(thrown), 'data')), 'code');
    }
  }

  it('has the table name every call that changes something', () => {
    expect(changes.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['operations.start', 'services.act', 'etcd.act', 'deploy.apply', 'deploy.day2.apply']),
    );
  });

  it.each(changes.filter(({ of }) => of === 'cluster'))('$path refuses a read-only cluster', async ({ path }) => {
    expect(await codeOf(path, { clusterId: closed.id })).toBe('operation.read_only');
  });

  it('lets load balancers be named for a read-only cluster: that is kept in this app, and nothing is sent', async () => {
    await page.client.balancers.setServers({ clusterId: closed.id, serverIds: ['s1'] });
    expect(app.app.core.services.inventory.cluster(closed.id)).toMatchObject({
      readOnly: true,
      balancerServers: ['s1'],
    });
  });

  it.each(changes.filter(({ of }) => of === 'spec'))(
    '$path refuses the spec of a read-only cluster',
    async ({ path }) => {
      const input = { spec: spec(closed.id, '192.0.2.9'), refresh: true, requestId: randomUUID() };
      expect(await codeOf(path, input)).toBe('operation.read_only');
    },
  );

  it.each(changes.filter(({ of }) => of === 'spec'))(
    '$path refuses another cluster on a server of a read-only one',
    async ({ path }) => {
      const input = { spec: spec('another', '127.0.0.1'), refresh: true, requestId: randomUUID() };
      expect(await codeOf(path, input)).toBe('operation.read_only');
    },
  );

  it('refuses a terminal on its server, unless the user says that nothing is checked there', async () => {
    const input = { target: { at: 'server', serverId: 's1' }, size: { columns: 80, rows: 24 } };
    expect(await codeOf('terminals.open', input)).toBe('terminal.read_only');
  });

  it('refuses to go on with a run on its servers', () => {
    const guard = createReadOnlyGuard({
      isReadOnly: () => false,
      clusters: () => [closed],
      servers: () => [],
      specOf: () => clusterSpecSchema.parse(spec(closed.id, '192.0.2.9')),
    });
    expect(() => {
      guard(['deploy', 'runs', 'resume'], { runId: 'r1', requestId: randomUUID() });
    }).toThrow('Closed is set to read-only');
  });

  it('closes a call that the table does not know', () => {
    const guard = createReadOnlyGuard({
      isReadOnly: () => true,
      clusters: () => [],
      servers: () => [],
      specOf: () => specFixture(),
    });
    expect(() => {
      guard(['deploy', 'unheard'], {});
    }).toThrow('read-only mode');
  });

  describe('in the read-only mode of the app', () => {
    beforeAll(async () => {
      const { inventory } = app.app.core.services;
      await inventory.saveCluster({ ...closed, readOnly: false });
      await page.client.app.saveSettings({ readOnly: true });
    });

    it.each(changes)('$path is refused for every cluster and server', async ({ path, of }) => {
      const input = { clusterId: closed.id, spec: spec('another', '192.0.2.9'), refresh: true };
      expect(await codeOf(path, input)).toBe(of === 'terminal' ? 'terminal.read_only' : 'app.read_only');
    });

    it('shows every cluster as read-only, and as it was set when the mode ends', async () => {
      const state = () => app.app.core.services.hub.state(closed.id)?.readOnly;
      expect(state()).toBe(true);
      await page.client.clusters.update({ clusterId: closed.id, title: 'Renamed' });
      await page.client.app.saveSettings({ readOnly: false });
      expect([state(), (await page.client.clusters.list())[0]?.readOnly]).toEqual([false, false]);
    });
  });
});
