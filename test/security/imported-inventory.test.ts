import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { planImport } from '../../electron/core/inventory/exchange';
import { startApp } from '../support/app/app';
import { aCluster, aServer } from '../unit/inventory/entries';

const file = (servers: unknown[], clusters: unknown[]): string =>
  JSON.stringify({ format: 'matriarch-inventory', version: 1, servers, clusters });

describe('an inventory that somebody else wrote', () => {
  it('turns no check of certificates off', () => {
    const tls = { ca: 'PEM', insecure: true };
    const cluster = aCluster({
      rest: { tls, auth: null },
      etcd: { endpoints: [{ host: '192.0.2.1', port: 2379, serverId: 's1' }], tls, auth: null },
    });
    const [read] = planImport(file([aServer({})], [cluster]), [], []).clusters;
    expect([read?.rest.tls, read?.etcd?.tls]).toEqual([{ ca: 'PEM' }, { ca: 'PEM' }]);
  });

  it.each(['\\\\evil.example\\share\\id', '//evil.example/share/id', '\\\\?\\UNC\\evil.example\\share\\id'])(
    'names no key on a share of another computer: %s',
    (keyPath) => {
      const server = aServer({ auth: { kind: 'key', keyPath } });
      expect(planImport(file([server], []), [], []).servers[0]?.auth).toEqual({ kind: 'agent' });
    },
  );

  it('puts its clusters on hold: none is contacted before the user says so', async () => {
    const heard: string[] = [];
    const server = createServer((socket) => {
      heard.push('contact');
      socket.destroy();
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const cluster = aCluster({
      members: [{ name: 'db1', serverId: null, apiUrl: `http://127.0.0.1:${port}/patroni` }],
      etcd: { endpoints: [{ host: '127.0.0.1', port, serverId: null }], tls: null, auth: null },
    });
    const app = await startApp({ page: false });
    const { client, close } = await app.connect();
    await client.app.importInventory({ text: file([], [cluster]) });
    const state = () => app.app.core.services.hub.state(cluster.id);
    const undo = app.app.core.services.hub.watch(cluster.id, () => undefined);
    await client.clusters.refresh({ clusterId: cluster.id });
    await new Promise((resolve) => void setTimeout(resolve, 1_500));
    expect(state()?.health).toMatchObject({ level: 'unknown', sentence: expect.stringMatching(/^On hold/) });
    expect(heard).toEqual([]);
    await client.clusters.update({ clusterId: cluster.id, onHold: false });
    await expect.poll(() => heard.length, { timeout: 15_000 }).toBeGreaterThan(0);
    undo();
    close();
    await app.close();
    server.close();
  });

  it('brings no secret and no name of one: not even one that this computer keeps', () => {
    const server = aServer({ auth: { kind: 'password', passwordSecret: 'known-here' } });
    const cluster = aCluster({ rest: { tls: null, auth: { username: 'u', passwordSecret: 'known-here' } } });
    expect(JSON.stringify(planImport(file([server], [cluster]), [], []))).not.toContain('known-here');
  });
});
