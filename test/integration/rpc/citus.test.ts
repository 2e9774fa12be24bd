import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startDemo, type RunningDemo } from '../../../electron/core/demo/demo';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import { startApp, type TestApp, type TestConnection } from '../../support/app/app';
import { exposeService } from '../../support/cluster/demo-target';

const SERVER = 'demo-server-shop-1-2';

describe('the groups of a Citus cluster', () => {
  let app: TestApp;
  let page: TestConnection;

  beforeAll(async () => {
    app = await startApp({ page: false });
    page = await app.connect();
    await page.client.vault.useSession();
    await page.client.demo.start({ clusters: [{ scope: 'shop', members: 3, citusWorkers: 2 }] });
  });
  afterAll(async () => {
    page.close();
    await app.close();
  });

  const groups = async (): Promise<readonly ClusterEntry[]> =>
    [...(await page.client.clusters.list())].sort((one, other) => (one.citusGroup ?? 0) - (other.citusGroup ?? 0));
  const leaderOf = (id: string) => app.app.core.services.hub.state(id)?.leader;

  it('are removed together', async () => {
    expect((await groups()).map((one) => one.citusGroup)).toEqual([0, 1, 2]);
    await page.client.clusters.remove({ clusterId: 'demo-cluster-shop-1' });
    expect(await groups()).toEqual([]);
  });

  it('are all found by searching a server of one, and are no foreign scopes', async () => {
    const { clusters, otherScopes } = await page.client.clusters.discover({ serverId: SERVER });
    expect(clusters.map((one) => [one.citusGroup, one.members.length, one.layout])).toEqual([
      [1, 2, 'etc-patroni'],
      [0, 3, 'etcd-only'],
      [2, 2, 'etcd-only'],
    ]);
    expect(otherScopes).toEqual([]);
  });

  it('are added together, and each is followed with a leader of its own', async () => {
    const { clusters } = await page.client.clusters.discover({ serverId: SERVER });
    const entry = await page.client.clusters.addDiscovered({
      serverId: SERVER,
      key: clusters[0]?.key ?? '',
      title: 'Shop',
      production: true,
      tags: ['eu'],
    });
    expect(entry.citusGroup).toBe(1);
    const added = await groups();
    expect(added.map((one) => [one.title, one.citusGroup, one.production, one.tags])).toEqual(
      [0, 1, 2].map((group) => ['Shop', group, true, ['eu']]),
    );
    expect(new Set(added.map((one) => one.citusCluster)).size).toBe(1);
    await vi.waitFor(
      () => {
        expect(added.map((one) => leaderOf(one.id)?.holder)).toEqual(['shop-0-1', 'shop-1-1', 'shop-2-1']);
      },
      { timeout: 20_000, interval: 200 },
    );
  });

  it('a group that came later is seen, and is added by one call as the others are kept', async () => {
    const [coordinator, , last] = await groups();
    const { hub, inventory } = app.app.core.services;
    await inventory.removeCluster(last?.id ?? '');
    await vi.waitFor(
      async () => {
        expect((await hub.refresh(coordinator?.id ?? '')).citusGroups).toEqual([0, 1, 2]);
      },
      { timeout: 20_000, interval: 200 },
    );
    expect(await page.client.clusters.addNewGroups({ clusterId: coordinator?.id ?? '' })).toBe(1);
    const [, , again] = await groups();
    expect(again).toMatchObject({ ...coordinator, id: again?.id, citusGroup: 2, members: again?.members });
    expect(await page.client.clusters.addNewGroups({ clusterId: coordinator?.id ?? '' })).toBe(0);
  });
});

describe('a Citus cluster that is reached without SSH', () => {
  let app: TestApp;
  let demo: RunningDemo;
  const open: { close(): void }[] = [];

  beforeAll(async () => {
    app = await startApp({ page: false });
    const spec = { scope: 'shop', version: '4.0.5' };
    demo = await startDemo({
      clusters: [
        { ...spec, citusGroup: 0, members: 3 },
        { ...spec, citusGroup: 1, members: 2 },
      ],
    });
  });
  afterAll(async () => {
    for (const one of open) one.close();
    await demo.close();
    await app.close();
  });

  const portOf = async (server: string, port: number): Promise<number> => {
    const address = demo.servers.find((one) => one.name === server)?.address ?? '';
    const exposed = await exposeService(demo, server, address, port);
    open.push(exposed);
    return exposed.port;
  };
  const add = async (etcd: readonly string[]): Promise<ClusterEntry> => {
    const { discovery } = app.app.core.services;
    const restUrls = [`http://127.0.0.1:${await portOf('shop-1-1', 8008)}`];
    return discovery.addDirect({ title: 'Shop', restUrls, etcd, namespace: 'service', production: false });
  };

  it('is added with all its groups, though the REST API tells no group', async () => {
    const { inventory, hub } = app.app.core.services;
    const entry = await add([`127.0.0.1:${await portOf('shop-0-1', 2379)}`]);
    expect(entry).toMatchObject({ citusGroup: 1, members: [{ name: 'shop-1-1' }, { name: 'shop-1-2' }] });
    expect(inventory.clusters().map((one) => [one.citusGroup, one.citusCluster])).toEqual([
      [1, entry.citusCluster],
      [0, entry.citusCluster],
    ]);
    await vi.waitFor(
      () => {
        expect(hub.state(entry.id)?.leader).toMatchObject({ known: true, holder: 'shop-1-1' });
      },
      { timeout: 15_000, interval: 200 },
    );
  });

  it('is a cluster without a group where there is no etcd to tell which it is', async () => {
    const entry = await add([]);
    expect(entry).toMatchObject({ scope: 'shop', members: [{ name: 'shop-1-1' }, { name: 'shop-1-2' }] });
    expect(entry.citusGroup).toBeUndefined();
  });
});

describe('a group whose number is not known', () => {
  it('is never said to have no leader while REST names one and etcd has no keys at its prefix', async () => {
    const app = await startApp({ page: false });
    const page = await app.connect();
    try {
      await page.client.demo.start({ clusters: [{ scope: 'shop', members: 3, citusWorkers: 1 }] });
      const { inventory, hub } = app.app.core.services;
      for (const { citusGroup, citusCluster: _cluster, ...entry } of inventory.clusters())
        if (citusGroup === 1) await inventory.saveCluster({ ...entry, id: 'plain' });
      await vi.waitFor(
        () => {
          expect(hub.state('plain')?.blindSpots.join(' ')).toMatch(/etcd has no keys below \/service\/shop\//);
        },
        { timeout: 20_000, interval: 200 },
      );
      const state = hub.state('plain');
      expect(state?.leader.known && state.leader.holder === null).toBe(false);
      expect(state?.health.sentence).not.toMatch(/nobody holds the leader lock/);
    } finally {
      page.close();
      await app.close();
    }
  });
});
