import type { Server } from '../../model/connect/server';
import type { ServerLogin } from './find-server';

/**
 * Whether the passwords of a server may still be sent after its entry was changed: only to the same account of the same
 * machine by the same route. Whoever answers at another address must not receive what was meant for this one.
 */
export function keepsPasswords(before: ServerLogin, after: ServerLogin): boolean {
  return (
    before.host === after.host &&
    before.port === after.port &&
    before.user === after.user &&
    before.sshConfigHost === after.sshConfigHost &&
    before.jump.length === after.jump.length &&
    before.jump.every((hop, index) => hop === after.jump[index])
  );
}

/** Whether a server has a password for login or sudo in the vault. The passphrase of a key is none: it is sent to nobody. */
export function hasStoredPassword({ auth, sudo }: Pick<Server, 'auth' | 'sudo'>): boolean {
  const login = auth.kind === 'password' || auth.kind === 'keyboard-interactive' ? auth.passwordSecret : undefined;
  return login !== undefined || (sudo.kind === 'password' && sudo.passwordSecret !== undefined);
}
