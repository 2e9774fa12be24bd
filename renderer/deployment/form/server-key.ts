import { printSshAddress } from '../../../shared/model/connect/ssh-address';
import type { ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import { addressOfInline } from '../../../shared/rules/connect/inline-ssh';

/** What a server of the spec is known by while its name changes: its id in the inventory, or its own address. */
export function serverKey({ ssh }: Pick<ServerSpec, 'ssh'>): string {
  return 'server' in ssh ? ssh.server : printSshAddress(addressOfInline(ssh));
}
