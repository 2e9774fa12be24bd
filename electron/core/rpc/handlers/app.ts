import { exportText, planImport } from '../../inventory/exchange';
import type { Inventory } from '../../inventory/inventory';
import type { Rpc } from '../implementer';
import type { Services } from '../services';
import { subscription } from '../subscription';

/** The app itself: where it runs, settings, export and import of the inventory. */
export function appHandlers(rpc: Rpc['app'], { info, now, inventory }: Services) {
  return {
    info: rpc.info.handler(info),
    settings: rpc.settings.handler(({ signal }) =>
      subscription(
        (push) => {
          push(inventory.settings());
          return inventory.onChange((change) => {
            if (change.kind === 'settings') push(inventory.settings());
          });
        },
        { signal },
      ),
    ),
    saveSettings: rpc.saveSettings.handler(async ({ input }) => {
      await inventory.saveSettings(input);
      return null;
    }),
    exportInventory: rpc.exportInventory.handler(() => ({
      fileName: `matriarch-inventory-${new Date(now()).toISOString().slice(0, 10)}.json`,
      text: exportText(
        inventory.servers().filter((server) => !inventory.isTemporary(server.id)),
        inventory.clusters(),
      ),
    })),
    importInventory: rpc.importInventory.handler(({ input }) => importInventory(inventory, input.text)),
  };
}

async function importInventory(inventory: Inventory, text: string) {
  const plan = planImport(text, inventory.servers(), inventory.clusters());
  for (const server of plan.servers) await inventory.saveServer(server);
  for (const cluster of plan.clusters) await inventory.saveCluster(cluster);
  return { servers: plan.servers.length, clusters: plan.clusters.length, skipped: plan.skipped };
}
