import type { Inventory } from '../inventory/inventory';
import type { RemotePool } from '../ssh/remote';

/**
 * Whether a server may be asked now while nobody looks: it is connected, and root and other users are reached there without a password
 * that the user would have to type.
 */
export function mayAskUnseen(inventory: Pick<Inventory, 'server'>, remotes: RemotePool, serverId: string): boolean {
  return !asksUser(inventory, serverId) && remotes.remote(serverId).state().kind === 'connected';
}

/** The same of a server that nothing else connects to: it may be connected to first, and is not again when that failed. */
export function mayReachUnseen(inventory: Pick<Inventory, 'server'>, remotes: RemotePool, serverId: string): boolean {
  return !asksUser(inventory, serverId) && ['connected', 'idle'].includes(remotes.remote(serverId).state().kind);
}

function asksUser(inventory: Pick<Inventory, 'server'>, serverId: string): boolean {
  const server = inventory.server(serverId);
  return server === undefined || (server.sudo.kind === 'password' && server.sudo.passwordSecret === undefined);
}
