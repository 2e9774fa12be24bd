import type { Server } from '../../model/connect/server';
import { parseSshHop, printSshHop, type SshAddress } from '../../model/connect/ssh-address';
import type { InlineSsh } from '../../model/deploy/spec/server-spec';
import { addressOfServer } from './jump-chain';

/** The address that a cluster file writes out. Throws `ssh.bad_address` for a jump host that cannot be read. */
export function addressOfInline({ user, host, port, jump }: InlineSsh): SshAddress {
  return { user, host, port, jump: jump.map((text) => parseSshHop(text, user)) };
}

/** The login that a cluster file describes, with what it leaves open filled in. Passwords are asked for later. */
export function loginOfInline(ssh: InlineSsh): Pick<Server, 'host' | 'port' | 'user' | 'auth' | 'sudo'> {
  const { host, port, user } = ssh;
  return {
    host,
    port,
    user,
    auth: authOf(ssh),
    sudo: { kind: ssh.sudo ?? (user === 'root' ? 'root' : 'passwordless') },
  };
}

function authOf({ auth, key }: InlineSsh): Server['auth'] {
  if (auth === 'password') return { kind: 'password' };
  return key === undefined ? { kind: 'agent' } : { kind: 'key', keyPath: key };
}

/**
 * A server of the inventory as a cluster file for another workstation writes it: its whole chain of jump hosts, no
 * secret. Throws as `addressOfServer` does.
 */
export function inlineOfServer(server: Server, servers: readonly Server[]): InlineSsh {
  const { user, host, port, jump } = addressOfServer(server, servers);
  return {
    host,
    port,
    user,
    jump: jump.map(printSshHop),
    ...inlineAuth(server.auth),
    ...(server.sudo.kind === 'none' ? {} : { sudo: server.sudo.kind }),
  };
}

function inlineAuth(auth: Server['auth']): Pick<InlineSsh, 'auth' | 'key'> {
  switch (auth.kind) {
    case 'agent':
      return {};
    case 'key':
      return { auth: 'key', key: auth.keyPath };
    case 'password':
    case 'keyboard-interactive':
      return { auth: 'password' };
  }
}
