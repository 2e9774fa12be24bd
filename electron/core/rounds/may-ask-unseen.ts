import type { SshState } from '../../../shared/model/connect/server';
import type { Inventory } from '../inventory/inventory';
import type { RemotePool } from '../ssh/remote';

/**
 * Whether a server may be asked now while nobody looks: it is connected, and root and other users are reached there without a password
 * that the user would have to type.
 */
export function mayAskUnseen(inventory: Pick<Inventory, 'server'>, remotes: RemotePool, serverId: string): boolean {
  return !asksUser(inventory, serverId) && remotes.remote(serverId).state().kind === 'connected';
}

/** A server that is down is tried again so long after each failure at the earliest, ms. */
const TRIED_AGAIN_MS = 2 * 60_000;

/**
 * The same of a server that nothing else connects to: it may be connected to first, and again some time after its connection was lost or
 * failed. It is left alone where only the user can mend what failed.
 */
export function mayReachUnseen(
  inventory: Pick<Inventory, 'server'>,
  remotes: RemotePool,
  serverId: string,
  now: number,
): boolean {
  return !asksUser(inventory, serverId) && canBeReached(remotes.remote(serverId).state(), now);
}

function canBeReached(state: SshState, now: number): boolean {
  switch (state.kind) {
    case 'connected':
    case 'idle':
      return true;
    case 'connecting':
    case 'waiting_for_answer':
      return false;
    case 'lost':
      return state.retryAt !== null && now >= Math.max(state.retryAt, state.since + TRIED_AGAIN_MS);
  }
}

/** Whether the user would have to be asked for a password before root is reached on a server. One that is not there asks, too. */
export function asksUser(inventory: Pick<Inventory, 'server'>, serverId: string): boolean {
  const server = inventory.server(serverId);
  return server === undefined || (server.sudo.kind === 'password' && server.sudo.passwordSecret === undefined);
}
