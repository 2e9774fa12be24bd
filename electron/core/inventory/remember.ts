import type { Server } from '../../../shared/model/connect/server';
import type { Secrets } from '../vault/secrets';
import type { Inventory } from './inventory';

/** What an answer of the user was for. */
export type RememberedKind = 'passphrase' | 'password' | 'sudo_password';

/** Keeps an answer in the vault and notes its id at the server, so that it need not be asked again. */
export async function rememberAnswer(
  inventory: Inventory,
  secrets: Secrets,
  serverId: string,
  kind: RememberedKind,
  value: string,
): Promise<void> {
  const server = inventory.server(serverId);
  if (server === undefined) return;
  const old = rememberedId(server, kind);
  if (old !== undefined && (await secrets.read(old)) !== undefined) {
    await secrets.replace(old, value);
    return;
  }
  const next = withSecret(server, kind, await secrets.put(`${purposes[kind]} for ${server.name}`, value));
  if (next !== null) await inventory.saveServer(next);
}

const purposes: Readonly<Record<RememberedKind, string>> = {
  passphrase: 'Key passphrase',
  password: 'Password',
  sudo_password: 'sudo password',
};

function rememberedId(server: Server, kind: RememberedKind): string | undefined {
  const { auth, sudo } = server;
  switch (kind) {
    case 'passphrase':
      return auth.kind === 'key' ? auth.passphraseSecret : undefined;
    case 'password':
      return auth.kind === 'password' || auth.kind === 'keyboard-interactive' ? auth.passwordSecret : undefined;
    case 'sudo_password':
      return sudo.kind === 'password' ? sudo.passwordSecret : undefined;
  }
}

/** Null when the server's settings have no place for such a secret (they were changed meanwhile). */
function withSecret(server: Server, kind: RememberedKind, id: string): Server | null {
  const { auth, sudo } = server;
  if (kind === 'passphrase' && auth.kind === 'key') return { ...server, auth: { ...auth, passphraseSecret: id } };
  if (kind === 'password' && (auth.kind === 'password' || auth.kind === 'keyboard-interactive'))
    return { ...server, auth: { ...auth, passwordSecret: id } };
  if (kind === 'sudo_password' && sudo.kind === 'password') return { ...server, sudo: { ...sudo, passwordSecret: id } };
  return null;
}
