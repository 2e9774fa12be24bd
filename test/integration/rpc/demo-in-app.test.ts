import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { startApp, type TestApp, type TestConnection } from '../../support/app/app';

describe('the demo in the app', () => {
  let app: TestApp;
  let page: TestConnection;

  beforeEach(async () => {
    app = await startApp({ page: false });
    page = await app.connect();
  });
  afterEach(async () => {
    page.close();
    await app.close();
  });

  const state = (id: string): ClusterState | null => app.app.core.services.hub.state(id);
  const healthy = (id: string) =>
    vi.waitFor(
      () => {
        expect(state(id)?.health).toMatchObject({ level: 'healthy' });
      },
      { timeout: 30_000, interval: 200 },
    );

  it('starts without a question, is live and healthy, and is followed over the real protocols', async () => {
    const { clusterIds } = await page.client.demo.start({
      clusters: [
        { scope: 'orders', members: 3 },
        { scope: 'billing', members: 3 },
      ],
    });
    const prompts = await page.client.prompts.watch();
    expect((await prompts.next()).value).toEqual([]);
    await prompts.return?.();
    expect(clusterIds).toHaveLength(2);
    await Promise.all(clusterIds.map(healthy));
    const [orders = ''] = clusterIds;
    expect(state(orders)?.members).toHaveLength(3);
    await vi.waitFor(
      () => {
        expect(state(orders)?.dcs).toMatchObject({ kind: 'live' });
      },
      { timeout: 15_000, interval: 200 },
    );
    expect((await page.client.app.info()).demo).toBe(true);
  });

  it('a fault is seen on the cluster it struck', async () => {
    const {
      clusterIds: [orders = ''],
    } = await page.client.demo.start({ clusters: [{ scope: 'orders', members: 3 }] });
    await healthy(orders);
    const victim = state(orders)?.members.find((member) => member.role !== 'leader')?.name ?? '';
    await page.client.demo.inject({ clusterId: orders, faultId: 'power_off', member: victim });
    await vi.waitFor(
      () => {
        expect(state(orders)?.health.level).not.toBe('healthy');
      },
      { timeout: 60_000, interval: 200 },
    );
  });

  it('is never on disk, stays out of exports, and is gone when it is stopped', async () => {
    await page.client.demo.start({ clusters: [{ scope: 'orders', members: 3 }] });
    await page.client.app.saveSettings({
      version: 1,
      theme: 'dark',
      pollVisibleMs: 2000,
      pollHiddenMs: 10_000,
      density: 'compact',
      timeScale: 3,
      firstRunDone: true,
      plainKeychainAllowed: false,
    });
    expect(await readFile(join(app.dataDirectory, 'inventory.json'), 'utf8')).not.toContain('demo');
    expect((await page.client.app.exportInventory()).text).not.toContain('orders');
    await page.client.demo.stop();
    expect(await page.client.clusters.list()).toEqual([]);
    expect(await page.client.servers.list()).toEqual([]);
    expect((await page.client.app.info()).demo).toBe(false);
  });

  it('what is done in the demo is no part of the history on disk', async () => {
    const {
      clusterIds: [orders = ''],
    } = await page.client.demo.start({ clusters: [{ scope: 'orders', members: 3 }] });
    await healthy(orders);
    const preview = await page.client.operations.preview({ clusterId: orders, operation: { kind: 'pause' } });
    const job = await page.client.operations.start({
      clusterId: orders,
      operation: { kind: 'pause' },
      fingerprint: preview.fingerprint,
      typed: null,
      requestId: 'pause-the-demo',
    });
    await vi.waitFor(() => expect(app.app.core.services.jobs.get(job.id)?.status).toBe('done'), { timeout: 30_000 });
    expect(await page.client.history.list({ clusterId: null, limit: 10 })).toEqual([]);
    expect(await page.client.history.list({ clusterId: orders, limit: 10 })).toHaveLength(1);
    expect((await page.client.history.export({ format: 'json' })).text).not.toContain('orders');
  });

  it('a cluster can begin with a problem, which faults are at work is told, and a repair ends them', async () => {
    const {
      clusterIds: [orders = ''],
    } = await page.client.demo.start({ clusters: [{ scope: 'orders', members: 3, fault: 'broken_replica' }] });
    expect(await page.client.demo.active({ clusterId: orders })).toMatchObject([
      { id: 'broken_replica', label: 'A replica that only looks healthy' },
    ]);
    await vi.waitFor(() => expect(state(orders)?.health.level).toBe('warning'), { timeout: 60_000, interval: 200 });
    await page.client.demo.heal({ clusterId: orders });
    expect(await page.client.demo.active({ clusterId: orders })).toEqual([]);
  });

  it('a scan of its servers finds their passwords, and asks nobody for a vault', async () => {
    const {
      clusterIds: [orders = ''],
    } = await page.client.demo.start({ clusters: [{ scope: 'orders', members: 3 }] });
    await healthy(orders);
    await page.client.deploy.day2.adopt({ clusterId: orders });
    const { secrets } = app.app.core.services.deployment;
    expect(await secrets.read(orders, 'replication')).not.toBe(undefined);
    const prompts = await page.client.prompts.watch();
    expect((await prompts.next()).value).toEqual([]);
    await prompts.return?.();
    await page.client.demo.stop();
    expect(await secrets.read(orders, 'replication')).toBe(undefined);
  }, 60_000);

  it('names its faults, and refuses what is not of the demo', async () => {
    expect((await page.client.demo.faults()).length).toBeGreaterThan(3);
    await expect(page.client.demo.inject({ clusterId: 'mine', faultId: 'crash', member: null })).rejects.toMatchObject({
      data: { code: 'demo.unknown_cluster' },
    });
    await expect(
      page.client.demo.start({
        clusters: [
          { scope: 'a', members: 3 },
          { scope: 'a', members: 3 },
        ],
      }),
    ).rejects.toMatchObject({ data: { code: 'demo.scope_twice' } });
  });
});
