import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Server } from '../../../shared/model/connect/server';
import type { Inventory, InventoryChange } from './inventory';
import { createListeners } from '../platform/listeners';

/** An inventory with entries that live in memory only, as those of the demo do. */
export interface OverlaidInventory extends Inventory {
  addTemporary(servers: readonly Server[], clusters: readonly ClusterEntry[]): void;
  /** Takes all temporary entries out again. */
  removeTemporary(): void;
  isTemporary(id: string): boolean;
}

/** Lays temporary entries over an inventory: reads see both, and what is temporary never reaches the file. */
export function overlayInventory(base: Inventory): OverlaidInventory {
  const servers = new Map<string, Server>();
  const clusters = new Map<string, ClusterEntry>();
  const listeners = createListeners<InventoryChange>();
  const temporary = (id: string): boolean => servers.has(id) || clusters.has(id);
  /** A cluster that was set up on servers that pass goes with them. */
  const isOnTemporary = ({ members }: ClusterEntry): boolean =>
    members.length > 0 && members.every(({ serverId }) => serverId !== null && servers.has(serverId));
  const putServer = (server: Server): void => {
    servers.set(server.id, server);
    listeners.emit({ kind: 'server', id: server.id });
  };
  const putCluster = (cluster: ClusterEntry): void => {
    clusters.set(cluster.id, cluster);
    listeners.emit({ kind: 'cluster', id: cluster.id });
  };
  const dropServer = (id: string): void => {
    servers.delete(id);
    listeners.emit({ kind: 'server', id });
  };
  const dropCluster = (id: string): void => {
    clusters.delete(id);
    listeners.emit({ kind: 'cluster', id });
  };

  return {
    servers: () => [...base.servers(), ...servers.values()],
    server: (id) => servers.get(id) ?? base.server(id),
    saveServer: async (server) => {
      if (servers.has(server.id)) putServer(server);
      else await base.saveServer(server);
    },
    removeServer: async (id) => {
      if (servers.has(id)) dropServer(id);
      else await base.removeServer(id);
    },
    clusters: () => [...base.clusters(), ...clusters.values()],
    cluster: (id) => clusters.get(id) ?? base.cluster(id),
    saveCluster: async (cluster) => {
      if (clusters.has(cluster.id) || cluster.origin === 'demo' || isOnTemporary(cluster)) putCluster(cluster);
      else await base.saveCluster(cluster);
    },
    removeCluster: async (id) => {
      if (clusters.has(id)) dropCluster(id);
      else await base.removeCluster(id);
    },
    settings: () => base.settings(),
    saveSettings: (settings) => base.saveSettings(settings),
    onChange: (listener) => {
      const undos = [base.onChange(listener), listeners.add(listener)];
      return () => {
        for (const undo of undos) undo();
      };
    },
    addTemporary: (newServers, newClusters) => {
      newServers.forEach(putServer);
      newClusters.forEach(putCluster);
    },
    removeTemporary: () => {
      [...clusters.keys()].forEach(dropCluster);
      [...servers.keys()].forEach(dropServer);
    },
    isTemporary: temporary,
  };
}
