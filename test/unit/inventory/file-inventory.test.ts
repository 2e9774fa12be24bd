import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openInventory } from '../../../electron/core/inventory/file-inventory';
import { overlayInventory } from '../../../electron/core/inventory/overlay';
import type { InventoryChange } from '../../../electron/core/inventory/inventory';
import { tempDirectory, type TempDirectory } from '../../support/temp';
import { aCluster, aServer } from './entries';

const now = () => Date.UTC(2026, 10, 23, 12);

describe('the inventory on disk', () => {
  let temp: TempDirectory;
  let path: string;

  beforeEach(async () => {
    temp = await tempDirectory();
    path = join(temp.path, 'data', 'inventory.json');
  });
  afterEach(() => temp.remove());

  it('makes no file before something is saved', async () => {
    const inventory = await openInventory(path, now);
    expect(inventory.servers()).toEqual([]);
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('reads back what it saved', async () => {
    const first = await openInventory(path, now);
    await first.saveServer(aServer({ id: 's1' }));
    await first.saveCluster(aCluster({ id: 'c1' }));
    await first.saveSettings({ ...first.settings(), theme: 'dark' });
    const second = await openInventory(path, now);
    expect(second.server('s1')).toEqual(aServer({ id: 's1' }));
    expect(second.cluster('c1')).toEqual(aCluster({ id: 'c1' }));
    expect(second.settings().theme).toBe('dark');
    expect(second.problem).toBeNull();
  });

  it.skipIf(process.platform === 'win32')('keeps file and directory to its owner', async () => {
    const inventory = await openInventory(path, now);
    await inventory.saveServer(aServer({}));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(temp.path, 'data'))).mode & 0o777).toBe(0o700);
  });

  it('loses nothing when many saves are asked for at once', async () => {
    const inventory = await openInventory(path, now);
    await Promise.all(Array.from({ length: 40 }, (_, index) => inventory.saveServer(aServer({ id: `s${index}` }))));
    expect((await openInventory(path, now)).servers()).toHaveLength(40);
    expect(await readdir(join(temp.path, 'data'))).toEqual(['inventory.json']);
  });

  it.each([
    ['an incomplete file', '{"version":1,"servers":[{"id":'],
    ['another kind of file', '<html></html>'],
    ['an entry without its fields', '{"version":1,"servers":[{"id":"s1"}],"clusters":[],"settings":{}}'],
    ['an empty file', ''],
    ['a list', '[]'],
  ])('sets a damaged file aside, reports it and never overwrites it: %s', async (_name, content) => {
    await writeFile(join(temp.path, 'inventory.json'), content);
    const inventory = await openInventory(join(temp.path, 'inventory.json'), now);
    expect(inventory.problem).toMatchObject({ code: 'inventory.damaged' });
    expect(inventory.servers()).toEqual([]);
    await inventory.saveServer(aServer({}));
    const kept = (await readdir(temp.path)).find((name) => name.includes('damaged')) ?? '';
    expect(await readFile(join(temp.path, kept), 'utf8')).toBe(content);
  });

  it('leaves the file of a newer app as it is and saves nothing over it', async () => {
    const content = '{"version":99,"anything":true}';
    await writeFile(join(temp.path, 'inventory.json'), content);
    const inventory = await openInventory(join(temp.path, 'inventory.json'), now);
    expect(inventory.problem).toMatchObject({ code: 'inventory.newer' });
    await expect(inventory.saveServer(aServer({}))).rejects.toMatchObject({ data: { code: 'inventory.newer' } });
    expect(await readFile(join(temp.path, 'inventory.json'), 'utf8')).toBe(content);
  });

  it('reports an error when the disk refuses, and keeps the old state', async () => {
    const inventory = await openInventory(path, now);
    await inventory.saveServer(aServer({ id: 's1' }));
    await rm(join(temp.path, 'data'), { recursive: true });
    await writeFile(join(temp.path, 'data'), 'a file where the directory was');
    await expect(inventory.saveServer(aServer({ id: 's2' }))).rejects.toMatchObject({
      data: { code: 'inventory.not_saved', retryable: true },
    });
    expect(inventory.servers().map((server) => server.id)).toEqual(['s1']);
  });

  it('notifies listeners once the change is on disk, until they unsubscribe', async () => {
    const inventory = await openInventory(path, now);
    const received: InventoryChange[] = [];
    const leave = inventory.onChange((change) => {
      received.push(change);
    });
    await inventory.saveServer(aServer({ id: 's1' }));
    leave();
    await inventory.removeServer('s1');
    expect(received).toEqual([{ kind: 'server', id: 's1' }]);
  });
});

describe('temporary entries of the inventory', () => {
  it('are listed like others and never reach the file', async () => {
    const temp = await tempDirectory();
    const path = join(temp.path, 'inventory.json');
    const inventory = overlayInventory(await openInventory(path, now));
    await inventory.saveServer(aServer({ id: 'kept' }));
    inventory.addTemporary(
      [aServer({ id: 'demo-1', name: 'demo server' })],
      [aCluster({ id: 'demo-c', origin: 'demo' })],
    );
    await inventory.saveCluster(aCluster({ id: 'demo-c', origin: 'demo', title: 'renamed demo' }));
    expect(inventory.cluster('demo-c')?.title).toBe('renamed demo');
    expect(inventory.servers().map((server) => server.id)).toEqual(['kept', 'demo-1']);
    expect(await readFile(path, 'utf8')).not.toContain('demo');
    inventory.removeTemporary();
    expect(inventory.servers().map((server) => server.id)).toEqual(['kept']);
    await temp.remove();
  });
});
