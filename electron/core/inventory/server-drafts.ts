import { randomUUID } from 'node:crypto';
import { appError } from '../../../shared/model/app-error';
import { isHost } from '../../../shared/model/connect/host-port';
import type { Server, ServerAuth, SudoMode } from '../../../shared/model/connect/server';
import { keepsPasswords } from '../../../shared/rules/connect/keeps-secrets';
import type { Secrets } from '../vault/secrets';
import type { Inventory } from './inventory';

/** What a user fills in for a server; secrets are given once and go to the vault. */
export interface ServerDraft extends Omit<Server, 'id' | 'sshConfigHost'> {
  readonly sshConfigHost?: string | undefined;
  readonly secret?: string | undefined;
  readonly sudoPassword?: string | undefined;
}

/** What keeping servers needs. */
export interface ServerStore {
  readonly inventory: Inventory;
  readonly secrets: Secrets;
}

/** Adds a server. Rejects with `inventory.jump_unknown` and `ssh.bad_address`, and with `vault.*` when a secret cannot be kept. */
export async function addServer(store: ServerStore, draft: ServerDraft): Promise<Server> {
  const id = randomUUID();
  checkHost(draft);
  checkJumps(store.inventory, id, draft.jump);
  const server = await serverOf(store, id, draft, undefined);
  await store.inventory.saveServer(server);
  return server;
}

/**
 * Changes a server; a secret that is not given again stays, but no password for another account, machine or route. Rejects as
 * `addServer` and with `inventory.server_unknown`.
 */
export async function updateServer(store: ServerStore, id: string, draft: ServerDraft): Promise<Server> {
  const old = knownServer(store.inventory, id);
  checkHost(draft);
  checkJumps(store.inventory, id, draft.jump);
  const server = await serverOf(store, id, draft, old);
  await store.inventory.saveServer(server);
  await removeSecrets(
    store.secrets,
    secretsOf(old).filter((secret) => !secretsOf(server).includes(secret)),
  );
  return server;
}

/** Removes a server with its secrets. Rejects with `inventory.server_in_use` while a cluster or a jump chain needs it. */
export async function removeServer(store: ServerStore, id: string): Promise<void> {
  const server = knownServer(store.inventory, id);
  const user = userOf(store.inventory, id);
  if (user !== null) {
    throw appError('inventory.server_in_use', `${server.name} is needed by ${user}.`, {
      target: server.name,
      hint: `Remove ${user} first, or let it use another server.`,
    });
  }
  await store.inventory.removeServer(id);
  await removeSecrets(store.secrets, secretsOf(server));
}

/** The server of this id. Throws `inventory.server_unknown`. */
export function knownServer(inventory: Inventory, id: string): Server {
  const server = inventory.server(id);
  if (server !== undefined) return server;
  throw appError('inventory.server_unknown', 'This server is not in the inventory.', {
    target: id,
    hint: 'It may have been removed in another window.',
  });
}

/** The ids of the secrets a server refers to. */
function secretsOf(server: Server): readonly string[] {
  const sudo = server.sudo.kind === 'password' ? server.sudo.passwordSecret : undefined;
  return [secretOfAuth(server.auth), sudo].filter((id) => id !== undefined);
}

function secretOfAuth(auth: Server['auth']): string | undefined {
  if (auth.kind === 'key') return auth.passphraseSecret;
  return auth.kind === 'agent' ? undefined : auth.passwordSecret;
}

async function serverOf(store: ServerStore, id: string, draft: ServerDraft, old: Server | undefined): Promise<Server> {
  const auth = await keepAuth(store.secrets, draft, old);
  const sudo = await keepSudo(store.secrets, draft, old);
  const { name, host, port, user, jump, tags, sshConfigHost } = draft;
  return {
    id,
    name,
    host,
    port,
    user,
    auth,
    sudo,
    jump,
    tags,
    ...(sshConfigHost === undefined ? {} : { sshConfigHost }),
  };
}

/** The id of a newly given secret, or the old id when none was given. */
async function keepSecret(
  secrets: Secrets,
  purpose: string,
  given: string | undefined,
  old: string | undefined,
): Promise<string | undefined> {
  return given === undefined || given === '' ? old : secrets.put(purpose, given);
}

async function keepAuth(secrets: Secrets, draft: ServerDraft, old: Server | undefined): Promise<ServerAuth> {
  switch (draft.auth.kind) {
    case 'agent':
      return { kind: 'agent' };
    case 'key': {
      const passphraseSecret = await keepSecret(
        secrets,
        `Key passphrase for ${draft.name}`,
        draft.secret,
        oldPassphrase(old?.auth, draft.auth.keyPath),
      );
      return {
        kind: 'key',
        keyPath: draft.auth.keyPath,
        ...(passphraseSecret === undefined ? {} : { passphraseSecret }),
      };
    }
    case 'password':
    case 'keyboard-interactive': {
      const passwordSecret = await keepSecret(
        secrets,
        `Password for ${draft.name}`,
        draft.secret,
        oldPassword(old, draft),
      );
      return { kind: draft.auth.kind, ...(passwordSecret === undefined ? {} : { passwordSecret }) };
    }
  }
}

/** A passphrase belongs to its key: another key's is not taken over. */
function oldPassphrase(old: ServerAuth | undefined, keyPath: string): string | undefined {
  return old?.kind === 'key' && old.keyPath === keyPath ? old.passphraseSecret : undefined;
}

function oldPassword(old: Server | undefined, draft: ServerDraft): string | undefined {
  if (old === undefined || !keepsPasswords(old, draft)) return undefined;
  const { auth } = old;
  return auth.kind === 'password' || auth.kind === 'keyboard-interactive' ? auth.passwordSecret : undefined;
}

function oldSudoPassword(old: Server | undefined, draft: ServerDraft): string | undefined {
  if (old === undefined || !keepsPasswords(old, draft)) return undefined;
  return old.sudo.kind === 'password' ? old.sudo.passwordSecret : undefined;
}

async function keepSudo(secrets: Secrets, draft: ServerDraft, old: Server | undefined): Promise<SudoMode> {
  if (draft.sudo.kind !== 'password') return { kind: draft.sudo.kind };
  const passwordSecret = await keepSecret(
    secrets,
    `sudo password for ${draft.name}`,
    draft.sudoPassword,
    oldSudoPassword(old, draft),
  );
  return { kind: 'password', ...(passwordSecret === undefined ? {} : { passwordSecret }) };
}

/** An alias of ~/.ssh/config may be the host itself and look like anything. */
function checkHost({ host, sshConfigHost }: ServerDraft): void {
  if (host === sshConfigHost || isHost(host)) return;
  throw appError('ssh.bad_address', `"${host.slice(0, 60)}" is not a host name or an IP address.`, {
    hint: 'Write the user and the port into their own fields.',
  });
}

/** A jump chain names servers of the inventory and never leads through the server itself. */
function checkJumps(inventory: Inventory, id: string, jump: readonly string[]): void {
  const unknown = jump.find((hop) => hop === id || inventory.server(hop) === undefined);
  if (unknown === undefined) return;
  throw appError('inventory.jump_unknown', 'A jump host of this server is the server itself or not in the inventory.', {
    target: unknown,
    hint: 'Choose other jump hosts.',
  });
}

function userOf(inventory: Inventory, id: string): string | null {
  const behind = inventory.servers().find((server) => server.jump.includes(id));
  if (behind !== undefined) return `the server ${behind.name}, which is reached through it`;
  const cluster = inventory
    .clusters()
    .find(
      (one) =>
        one.members.some((member) => member.serverId === id) ||
        one.balancerServers?.includes(id) === true ||
        one.etcd?.endpoints.some((end) => end.serverId === id) === true,
    );
  return cluster === undefined ? null : `the cluster ${cluster.title}`;
}

/** A secret that stays behind in a locked vault is useless to anybody without the vault, so this never stops a change. */
async function removeSecrets(secrets: Secrets, ids: readonly string[]): Promise<void> {
  for (const id of ids) await secrets.remove(id).catch(() => undefined);
}
