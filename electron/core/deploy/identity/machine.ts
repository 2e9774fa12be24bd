import { AppError } from '../../../../shared/model/app-error';
import { printHostPort } from '../../../../shared/model/connect/host-port';
import type { Server } from '../../../../shared/model/connect/server';
import type { SshAddress } from '../../../../shared/model/connect/ssh-address';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import { findServer, wantedBySpec } from '../../../../shared/rules/connect/find-server';
import { addressOfInline } from '../../../../shared/rules/connect/inline-ssh';
import { addressOfServer } from '../../../../shared/rules/connect/jump-chain';

/**
 * What a server of a spec is recognised by, whichever name it has and whoever logs in: where SSH reaches it, and through which
 * jump hosts. Private addresses alone do not count: two sites may have the same.
 */
export function machineOf({ ssh }: Pick<ServerSpec, 'ssh'>, inventory: readonly Server[]): string {
  if (!('server' in ssh)) return machineText(addressOfInline(ssh));
  const entry = findServer(inventory, wantedBySpec({ ssh }));
  return entry === undefined ? `inventory ${ssh.server}` : machineOfEntry(entry, inventory);
}

/** The same for a server of the inventory; one whose jump hosts are not all known is like no other. */
export function machineOfEntry(entry: Server, inventory: readonly Server[]): string {
  try {
    return machineText(addressOfServer(entry, inventory));
  } catch (thrown) {
    if (thrown instanceof AppError) return `inventory ${entry.id}`;
    throw thrown;
  }
}

function machineText(address: SshAddress): string {
  return [...address.jump, address].map(printHostPort).join(' -> ');
}
