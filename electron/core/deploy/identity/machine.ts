import type { Server } from '../../../../shared/model/connect/server';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';

/**
 * What a server of a spec is recognised by, whichever name it has and whoever logs in: where SSH reaches it, and through which jump
 * host. Private addresses do not count: two sites may have the same.
 */
export function machineOf({ ssh }: Pick<ServerSpec, 'ssh'>, inventory: readonly Server[]): string {
  if (!('server' in ssh)) return machineText(ssh.host, ssh.port, hopOf(ssh.jump.at(-1)));
  const entry = findEntry(ssh.server, inventory);
  return entry === undefined ? `inventory ${ssh.server}` : machineOfEntry(entry, inventory);
}

/** The same for a server of the inventory. */
export function machineOfEntry(entry: Server, inventory: readonly Server[]): string {
  const last = entry.jump.at(-1);
  const hop = last === undefined ? undefined : findEntry(last, inventory);
  return machineText(entry.host, entry.port, hop === undefined ? (last ?? '') : `${hop.host}:${hop.port}`);
}

function findEntry(idOrName: string, inventory: readonly Server[]): Server | undefined {
  return inventory.find((entry) => entry.id === idOrName) ?? inventory.find((entry) => entry.name === idOrName);
}

function machineText(host: string, port: number, through: string): string {
  return `${host}:${port} ${through}`.trim().toLowerCase();
}

/** A jump host `user@host:port` without its user, with its port. */
function hopOf(text: string | undefined): string {
  if (text === undefined) return '';
  const address = text.slice(text.lastIndexOf('@') + 1);
  return /:\d+$/.test(address) ? address : `${address}:22`;
}
