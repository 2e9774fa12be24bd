import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startApp } from '../../support/app/app';
import { tempDirectory } from '../../support/temp';
import { aCluster } from '../../unit/inventory/entries';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

/** Starts the app once on a data directory that has figures of two clusters, and answers whose are left. */
async function left(inventory: string): Promise<readonly string[]> {
  const directory = await tempDirectory();
  undo.push(() => directory.remove());
  const root = join(directory.path, 'statistics');
  const names = ['c1', 'gone'].map((id) => Buffer.from(id, 'utf8').toString('hex'));
  for (const name of names) await mkdir(join(root, name), { recursive: true });
  await writeFile(join(directory.path, 'inventory.json'), inventory);
  const app = await startApp({ page: false, dataDirectory: directory.path });
  await app.close();
  return (await readdir(root)).map((name) => Buffer.from(name, 'hex').toString('utf8')).sort();
}

const cluster = aCluster({ members: [], etcd: null });

describe('figures that are kept on the disk', () => {
  it('go with the cluster that left the inventory', async () => {
    expect(await left(JSON.stringify({ version: 1, servers: [], clusters: [cluster], settings: {} }))).toEqual(['c1']);
  });

  it.each([
    ['is damaged', '{ not json'],
    ['is of a newer app', JSON.stringify({ version: 99, servers: [], clusters: [], settings: {} })],
  ])('stay where the inventory %s, since nobody knows then which clusters are gone', async (_what, inventory) => {
    expect(await left(inventory)).toEqual(['c1', 'gone']);
  });
});
