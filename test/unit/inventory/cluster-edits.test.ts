import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  editCluster,
  markRemoved,
  removeCluster,
  setBalancerServers,
} from '../../../electron/core/inventory/cluster-edits';
import { openInventory } from '../../../electron/core/inventory/file-inventory';
import type { Inventory } from '../../../electron/core/inventory/inventory';
import { tempDirectory, type TempDirectory } from '../../support/temp';
import { aCluster, aServer } from './entries';

describe('what is said of one group of a Citus cluster', () => {
  let temp: TempDirectory;
  let inventory: Inventory;

  beforeEach(async () => {
    temp = await tempDirectory();
    inventory = await openInventory(join(temp.path, 'inventory.json'), () => 0);
    const groups = [0, 1].map((citusGroup) => ({ id: `shop-${citusGroup}`, citusGroup, citusCluster: 'shop' }));
    const elsewhere = { id: 'other-0', citusGroup: 0, citusCluster: 'other' };
    for (const one of [...groups, elsewhere, { id: 'orders' }]) await inventory.saveCluster(aCluster(one));
  });
  afterEach(() => temp.remove());

  const marked = () =>
    inventory
      .clusters()
      .filter((one) => one.production && one.readOnly && one.title === 'Shop')
      .map((one) => one.id);

  it('is said of all its groups, and of no other cluster', async () => {
    const edited = await editCluster(inventory, 'shop-1', { title: 'Shop', production: true, readOnly: true });
    expect(edited).toMatchObject({ id: 'shop-1', citusGroup: 1, production: true });
    expect(marked()).toEqual(['shop-0', 'shop-1']);
  });

  it('is said of that cluster alone where it is no group', async () => {
    await editCluster(inventory, 'orders', { title: 'Shop', production: true, readOnly: true });
    expect(marked()).toEqual(['orders']);
  });

  it('removing one group removes the Citus cluster', async () => {
    await removeCluster(inventory, 'shop-0');
    expect(inventory.clusters().map((one) => one.id)).toEqual(['other-0', 'orders']);
  });
});

describe('an undo of a whole cluster', () => {
  it('is kept with its cluster until it is set up again, and is nothing to a cluster that is not listed', async () => {
    const temp = await tempDirectory();
    const open = () => openInventory(join(temp.path, 'inventory.json'), () => 0);
    const inventory = await open();
    await inventory.saveCluster(aCluster({ id: 'orders' }));
    await markRemoved(inventory, 'orders', 1_000);
    await markRemoved(inventory, 'nobody', 1_000);
    expect((await open()).clusters()).toMatchObject([{ id: 'orders', removedAt: 1_000 }]);
    await temp.remove();
  });
});

describe("the servers of load balancers that are not on a member's server", () => {
  let temp: TempDirectory;
  let inventory: Inventory;
  const path = (): string => join(temp.path, 'inventory.json');

  beforeEach(async () => {
    temp = await tempDirectory();
    inventory = await openInventory(path(), () => 0);
    await inventory.saveServer(aServer({ id: 'lb1', name: 'lb1' }));
    await inventory.saveCluster(aCluster({ id: 'orders' }));
  });
  afterEach(() => temp.remove());

  it('are kept on disk, each once, and a file from before they were known is read as without any', async () => {
    expect(inventory.cluster('orders')?.balancerServers).toBeUndefined();
    await setBalancerServers(inventory, 'orders', ['lb1', 'lb1']);
    const again = await openInventory(path(), () => 0);
    expect(again.cluster('orders')?.balancerServers).toEqual(['lb1']);
  });

  it('are forgotten when none is left', async () => {
    await setBalancerServers(inventory, 'orders', ['lb1']);
    await setBalancerServers(inventory, 'orders', []);
    expect(inventory.cluster('orders')).not.toHaveProperty('balancerServers');
  });

  it('are servers of the inventory, and no others', async () => {
    await expect(setBalancerServers(inventory, 'orders', ['gone'])).rejects.toMatchObject({
      data: { code: 'inventory.server_unknown' },
    });
  });
});
