import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Server } from '../../../shared/model/connect/server';
import type { Settings } from '../../../shared/model/app/settings';
import type { Undo } from '../../../shared/model/undo';

/** A change of the inventory. */
export type InventoryChange =
  | { readonly kind: 'server'; readonly id: string }
  | { readonly kind: 'cluster'; readonly id: string }
  | { readonly kind: 'settings' };

/**
 * The user's servers, clusters and settings on disk: one versioned JSON file, 0600 in a 0700
 * directory, written atomically. Reads are from memory. A damaged file is kept beside and reported
 * as `inventory.damaged`, never overwritten in silence.
 */
export interface Inventory {
  servers(): readonly Server[];
  server(id: string): Server | undefined;
  saveServer(server: Server): Promise<void>;
  removeServer(id: string): Promise<void>;
  clusters(): readonly ClusterEntry[];
  cluster(id: string): ClusterEntry | undefined;
  saveCluster(cluster: ClusterEntry): Promise<void>;
  removeCluster(id: string): Promise<void>;
  settings(): Settings;
  saveSettings(settings: Settings): Promise<void>;
  onChange(listener: (change: InventoryChange) => void): Undo;
}
