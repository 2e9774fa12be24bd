import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCluster } from '../../../electron/core/app/open-cluster';
import { vaultSecretBook } from '../../../electron/core/deploy/secrets/secret-book';
import { openInventory } from '../../../electron/core/inventory/file-inventory';
import type { Inventory } from '../../../electron/core/inventory/inventory';
import type { ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import { specFixture } from '../../support/deploy/facts';
import { memorySecrets } from '../../support/deploy/memory-secrets';
import { tempDirectory, type TempDirectory } from '../../support/temp';
import { aCluster, aServer } from '../inventory/entries';

const serverOf = (name: string, at: number, roles: ServerSpec['roles']) => ({
  name,
  address: `10.0.0.${at}`,
  ssh: { server: name },
  roles: [...roles],
});
const db1 = serverOf('db1', 11, ['etcd', 'postgres', 'haproxy']);
const lb1 = serverOf('lb1', 12, ['haproxy']);
const pool1 = serverOf('pool1', 13, ['pgbouncer']);

describe("the load balancers of a deployed cluster that are not on a member's server", () => {
  let data: TempDirectory;
  let inventory: Inventory;

  beforeEach(async () => {
    data = await tempDirectory();
    inventory = await openInventory(join(data.path, 'inventory.json'), () => 0);
    for (const name of ['db1', 'lb1', 'pool1', 'mine'])
      await inventory.saveServer(aServer({ id: name, name, host: name }));
  });
  afterEach(() => data.remove());

  const open = async (
    servers: readonly (typeof db1)[],
    gaveUp: ReadonlyMap<string, ServerSpec['roles']> = new Map(),
  ) => {
    const vault = memorySecrets();
    const secrets = vaultSecretBook(vault, join(data.path, 'deploy'));
    const leaving = specFixture({ servers: [db1, lb1, pool1] }).servers.flatMap((server) => {
      const roles = gaveUp.get(server.name);
      return roles === undefined ? [] : [{ server, roles, keepData: true }];
    });
    await openCluster(specFixture({ servers: [...servers] }), { inventory, vault, secrets, now: () => 0 }, leaving);
    return inventory.cluster('main-id')?.balancerServers;
  };
  const keep = (balancerServers: string[], origin: 'deployed' | 'user' = 'deployed') =>
    inventory.saveCluster(aCluster({ id: 'main-id', origin, balancerServers }));

  it('are those of its spec, and none that a member is on', async () => {
    expect(await open([db1, lb1, pool1])).toEqual(['lb1', 'pool1']);
  });

  it('are none where the spec has none and the user named none', async () => {
    expect(await open([db1])).toBeUndefined();
  });

  it('stay those that the user named, beside those of the spec and each once', async () => {
    await keep(['mine', 'lb1']);
    expect(await open([db1, lb1, pool1])).toEqual(['lb1', 'pool1', 'mine']);
  });

  it('stay so too where others set the cluster up', async () => {
    await keep(['mine'], 'user');
    expect(await open([db1, lb1])).toEqual(['lb1', 'mine']);
    expect(inventory.cluster('main-id')?.origin).toBe('user');
  });

  it.each(['deployed', 'user'] as const)(
    'lose a server that gave its load balancer up, and no other that was named (%s)',
    async (origin) => {
      await keep(['mine', 'lb1', 'pool1'], origin);
      expect(await open([db1, pool1], new Map([['lb1', ['haproxy']]]))).toEqual(['pool1', 'mine']);
    },
  );

  it('keep a server that gave up one of two load balancers', async () => {
    await keep(['mine', 'lb1']);
    expect(await open([db1, lb1], new Map([['lb1', ['pgbouncer']]]))).toEqual(['lb1', 'mine']);
  });

  it('lose a server that the inventory has no more', async () => {
    await keep(['gone', 'mine']);
    expect(await open([db1])).toEqual(['mine']);
  });
});

describe('the Prometheus of a deployed cluster', () => {
  const watcher = serverOf('watcher', 14, ['prometheus']);
  const own = { serverId: 'watcher', host: '127.0.0.1', port: 9090 };
  const mine = { serverId: 'mine', host: '10.0.0.9', port: 9999 };
  let data: TempDirectory;
  let inventory: Inventory;

  beforeEach(async () => {
    data = await tempDirectory();
    inventory = await openInventory(join(data.path, 'inventory.json'), () => 0);
    for (const name of ['db1', 'watcher', 'mine']) await inventory.saveServer(aServer({ id: name, name, host: name }));
  });
  afterEach(() => data.remove());

  const open = async (servers: readonly (typeof db1)[], isGivenUp = false) => {
    const vault = memorySecrets();
    const secrets = vaultSecretBook(vault, join(data.path, 'deploy'));
    const leaving = specFixture({ servers: [db1, watcher] })
      .servers.filter(({ name }) => isGivenUp && name === 'watcher')
      .map((server) => ({ server, roles: server.roles, keepData: true }));
    await openCluster(specFixture({ servers: [...servers] }), { inventory, vault, secrets, now: () => 0 }, leaving);
    return inventory.cluster('main-id')?.prometheus;
  };
  const keep = (prometheus: typeof own) =>
    inventory.saveCluster(aCluster({ id: 'main-id', origin: 'deployed', prometheus }));

  it('is read by the charts as its own server reaches it', async () => {
    expect(await open([db1, watcher])).toEqual(own);
    expect(await open([db1])).toEqual(own);
  });

  it('does not take the place of one that the user named', async () => {
    await keep(mine);
    expect(await open([db1, watcher])).toEqual(mine);
  });

  it('is forgotten with the server that gave it up', async () => {
    await keep(own);
    expect(await open([db1], true)).toBeUndefined();
  });

  it('leaves the login to PostgreSQL that the user gave as it was', async () => {
    const postgres = { username: 'watch', passwordSecret: 'secret-1' };
    await inventory.saveCluster(aCluster({ id: 'main-id', origin: 'deployed', postgres }));
    await open([db1, watcher]);
    expect(inventory.cluster('main-id')).toMatchObject({ postgres });
  });
});
