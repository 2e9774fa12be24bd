import { appError, type AppErrorData } from '../../../shared/model/app-error';
import type { Inventory, InventoryChange } from './inventory';
import { loadInventory, type InventoryData, type InventoryLoad } from './inventory-file';
import { createListeners } from '../platform/listeners';
import { writePrivateFile } from '../platform/private-file';

/** The inventory on disk, with what was found wrong when it was read. */
export interface FileInventory extends Inventory {
  readonly problem: AppErrorData | null;
}

type Edit = (data: InventoryData) => InventoryData;

/** Opens the inventory of a data directory's `inventory.json`; creates nothing until the first save. */
export async function openInventory(path: string, now: () => number): Promise<FileInventory> {
  return fileInventory(path, await loadInventory(path, now()));
}

function fileInventory(path: string, load: InventoryLoad): FileInventory {
  let data = load.data;
  let writing: Promise<void> = Promise.resolve();
  const listeners = createListeners<InventoryChange>();

  /** One save at a time, each from what the one before it left; memory changes only after the disk did. */
  const save = (edit: Edit, change: InventoryChange): Promise<void> => {
    const saved = writing.then(async () => {
      refuseWhenNewer(path, load);
      const next = edit(data);
      await writeInventory(path, next);
      data = next;
      listeners.emit(change);
    });
    writing = saved.catch(() => undefined);
    return saved;
  };

  return {
    problem: load.problem,
    servers: () => data.servers,
    server: (id) => data.servers.find((server) => server.id === id),
    saveServer: (server) =>
      save((old) => ({ ...old, servers: upsert(old.servers, server) }), { kind: 'server', id: server.id }),
    removeServer: (id) => save((old) => ({ ...old, servers: without(old.servers, id) }), { kind: 'server', id }),
    clusters: () => data.clusters,
    cluster: (id) => data.clusters.find((cluster) => cluster.id === id),
    saveCluster: (cluster) =>
      save((old) => ({ ...old, clusters: upsert(old.clusters, cluster) }), { kind: 'cluster', id: cluster.id }),
    removeCluster: (id) => save((old) => ({ ...old, clusters: without(old.clusters, id) }), { kind: 'cluster', id }),
    settings: () => data.settings,
    saveSettings: (settings) => save((old) => ({ ...old, settings }), { kind: 'settings' }),
    onChange: (listener) => listeners.add(listener),
  };
}

async function writeInventory(path: string, data: InventoryData): Promise<void> {
  try {
    await writePrivateFile(path, `${JSON.stringify(data, null, 2)}\n`);
  } catch (thrown) {
    throw appError('inventory.not_saved', `The inventory could not be written to ${path}.`, {
      target: path,
      cause: thrown,
      retryable: true,
      hint: 'Check the free space and the permissions of the data directory, then save again.',
    });
  }
}

function refuseWhenNewer(path: string, load: InventoryLoad): void {
  if (load.writable) return;
  throw appError('inventory.newer', `Nothing was saved: ${path} belongs to a newer version of the app.`, {
    target: path,
    hint: 'Install the newer app again.',
  });
}

function upsert<T extends { readonly id: string }>(list: readonly T[], item: T): T[] {
  return list.some((old) => old.id === item.id)
    ? list.map((old) => (old.id === item.id ? item : old))
    : [...list, item];
}

function without<T extends { readonly id: string }>(list: readonly T[], id: string): T[] {
  return list.filter((item) => item.id !== id);
}
