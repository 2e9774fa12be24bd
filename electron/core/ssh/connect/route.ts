import { userInfo } from 'node:os';
import { join } from 'node:path';
import { appError } from '../../../../shared/model/app-error';
import type { Server } from '../../../../shared/model/connect/server';
import type { ProxyHop, SshHostConfig } from './ssh-config';

/** No way through more hosts than this is meant. */
const MAX_HOPS = 16;

/**
 * The servers passed on the way to a server, outermost first, without the server itself. A server's `jump`
 * lists its hops; the outermost hop is reached the way its own entry says. A circle throws `ssh.jump_circle`.
 */
export function jumpChain(server: Server, find: (id: string) => Server | undefined): Server[] {
  const chain: Server[] = [];
  let head: Server = server;
  while (head.jump.length > 0) {
    const hops = head.jump.map((id) => requireHop(server, id, find));
    chain.unshift(...hops);
    const seen = new Set([server.id, ...chain.map((hop) => hop.id)]);
    if (seen.size !== chain.length + 1 || chain.length > MAX_HOPS) {
      throw appError(
        'ssh.jump_circle',
        `The jump hosts of ${server.name} lead in a circle: ${chain.map((hop) => hop.name).join(' -> ')}.`,
        {
          target: server.name,
          hint: 'Correct the jump hosts in the settings of these servers.',
        },
      );
    }
    const [first] = hops;
    if (first === undefined) return chain;
    head = first;
  }
  return chain;
}

function requireHop(server: Server, id: string, find: (id: string) => Server | undefined): Server {
  const hop = find(id);
  if (hop !== undefined) return hop;
  throw appError('inventory.server_unknown', `The jump host ${id} of ${server.name} is not in the inventory.`, {
    target: server.name,
    hint: 'Choose another jump host in the settings of this server.',
  });
}

/** A server with what ~/.ssh/config fills in, the key files to try, and the hops that only the config knows. */
export interface FilledServer {
  readonly server: Server;
  readonly identityFiles: readonly string[];
  readonly hops: readonly Server[];
}

/** The keys OpenSSH tries when the config names none. */
const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/**
 * Fills what a server with `sshConfigHost` leaves open: the host when it is the alias itself, the port when it is
 * 22, the jump hosts when there are none, and key files when it logs in by agent.
 */
export function fillFromConfig(server: Server, config: SshHostConfig, homeDirectory: string): FilledServer {
  const hops = server.jump.length > 0 ? [] : config.proxyJump.map(hopServer);
  const files =
    config.identityFiles.length > 0
      ? config.identityFiles
      : DEFAULT_KEYS.map((name) => join(homeDirectory, '.ssh', name));
  const filled: Server = {
    ...server,
    host: server.host === server.sshConfigHost ? (config.hostName ?? server.host) : server.host,
    port: server.port === 22 ? (config.port ?? 22) : server.port,
    user: server.user === OPEN_USER ? (config.user ?? userInfo().username) : server.user,
    jump: hops.length > 0 ? hops.map((hop) => hop.id) : server.jump,
  };
  return { server: filled, identityFiles: server.auth.kind === 'agent' ? files : [], hops };
}

/** Stands for "as the config says" in a hop that has no entry in the inventory. */
const OPEN_USER = '';

function hopServer(hop: ProxyHop): Server {
  const name = `${hop.user === undefined ? '' : `${hop.user}@`}${hop.host}${hop.port === undefined ? '' : `:${hop.port}`}`;
  return {
    id: `ssh-config:${name}`,
    name,
    host: hop.host,
    port: hop.port ?? 22,
    user: hop.user ?? OPEN_USER,
    auth: { kind: 'agent' },
    sudo: { kind: 'none' },
    jump: [],
    sshConfigHost: hop.host,
    tags: [],
  };
}
