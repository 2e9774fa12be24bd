import type { Inventory } from '../inventory/inventory';
import type { RemotePool } from '../ssh/remote';

/**
 * Whether a server may be asked now while nobody looks: it is connected, and root and other users are reached there without a password
 * that the user would have to type.
 */
export function mayAskUnseen(inventory: Pick<Inventory, 'server'>, remotes: RemotePool, serverId: string): boolean {
  const server = inventory.server(serverId);
  if (server === undefined) return false;
  const asksUser = server.sudo.kind === 'password' && server.sudo.passwordSecret === undefined;
  return !asksUser && remotes.remote(serverId).state().kind === 'connected';
}
