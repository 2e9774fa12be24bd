import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startApp } from '../../support/app/app';
import { hostileNames, startHostileCluster } from '../../support/cluster/hostile-cluster';

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

describe('a cluster whose answers are not to be trusted', () => {
  it('with names of quotes, newlines, markup and 300 characters goes from discovery to the live state unchanged', async () => {
    const cluster = await startHostileCluster();
    const app = await startApp({ page: false });
    cleanup.push(
      () => cluster.close(),
      () => app.close(),
    );
    const page = await app.connect();
    const { id } = await app.app.core.services.discovery.addDirect({
      title: 'Hostile',
      restUrls: cluster.restUrls,
      etcd: [cluster.etcd],
      namespace: 'service',
      production: false,
    });
    const state = () => app.app.core.services.hub.state(id);
    await vi.waitFor(
      () => {
        expect(
          state()
            ?.members.map((member) => member.name)
            .toSorted(),
        ).toEqual(['db1', ...hostileNames].toSorted());
      },
      { timeout: 20_000, interval: 100 },
    );
    await vi.waitFor(
      () => {
        expect(state()).toMatchObject({ leader: { holder: 'db1', known: true }, health: { level: 'healthy' } });
      },
      { timeout: 20_000, interval: 100 },
    );
    page.close();
  });

  it('two members with one name are refused with the name and both addresses', async () => {
    const rows = ['10.0.0.1', '10.0.0.2'].map((host, index) => ({
      name: 'db1',
      role: index === 0 ? 'leader' : 'replica',
      state: 'running',
      api_url: `http://${host}:8008/patroni`,
      host,
      port: 5432,
    }));
    const server = createServer((request, response) => {
      response.end(
        JSON.stringify(
          request.url === '/cluster'
            ? { scope: 'twins', members: rows }
            : { state: 'running', role: 'primary', patroni: { version: '4.0.7', scope: 'twins', name: 'db1' } },
        ),
      );
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const app = await startApp({ page: false });
    cleanup.push(
      () => {
        server.closeAllConnections();
        server.close();
      },
      () => app.close(),
    );
    const { discovery, inventory } = app.app.core.services;
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    await expect(
      discovery.addDirect({ title: 'Twins', restUrls: [url], etcd: [], namespace: 'service', production: false }),
    ).rejects.toMatchObject({
      data: { code: 'discover.name_twice', target: 'db1', message: expect.stringContaining('10.0.0.2') as string },
    });
    expect(inventory.clusters()).toEqual([]);
  });
});
