import { assignServer, editCluster, knownCluster, removeCluster } from '../../inventory/cluster-edits';
import type { Rpc } from '../implementer';
import type { Services } from '../services';
import { subscription } from '../subscription';

/** Clusters: found, kept, watched. */
export function clusterHandlers(rpc: Rpc['clusters'], { inventory, discovery, hub }: Services) {
  return {
    discover: rpc.discover.handler(({ input }) => discovery.discover(input.serverId)),
    addDiscovered: rpc.addDiscovered.handler(({ input }) => discovery.addDiscovered(input)),
    addNewGroups: rpc.addNewGroups.handler(({ input }) =>
      discovery.addNewGroups(knownCluster(inventory, input.clusterId)),
    ),
    addDirect: rpc.addDirect.handler(({ input }) => discovery.addDirect(input)),
    list: rpc.list.handler(() => inventory.clusters()),
    update: rpc.update.handler(({ input }) => editCluster(inventory, input.clusterId, input)),
    remove: rpc.remove.handler(async ({ input }) => {
      await removeCluster(inventory, input.clusterId);
      return null;
    }),
    assignServer: rpc.assignServer.handler(async ({ input }) => {
      await assignServer(inventory, input.clusterId, input.member, input.serverId);
      return null;
    }),
    fleet: rpc.fleet.handler(({ signal }) => subscription((push) => hub.fleet(push), { signal })),
    watch: rpc.watch.handler(({ input, signal }) => {
      const { id } = knownCluster(inventory, input.clusterId);
      return subscription((push) => hub.watch(id, push), { signal });
    }),
    events: rpc.events.handler(({ input }) => hub.events(knownCluster(inventory, input.clusterId).id, input.limit)),
    refresh: rpc.refresh.handler(async ({ input }) => {
      await hub.refresh(knownCluster(inventory, input.clusterId).id);
      return null;
    }),
  };
}
