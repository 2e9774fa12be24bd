import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Server } from '../../../../shared/model/connect/server';
import { bracketHost } from '../../../../shared/model/connect/host-port';
import { SSH_PORT, type WrittenHop } from '../../../../shared/model/connect/ssh-address';
import { knownHostsFiles } from '../authenticate/host-keys';
import type { KnownAs } from '../authenticate/known-hosts';
import type { SshHostConfig } from './ssh-config';

/** A server with what ~/.ssh/config fills in, the key files to try, and the hops that only the config knows. */
export interface FilledServer {
  readonly server: Server;
  readonly identityFiles: readonly string[];
  /** The agent that the config names: a path, or null for none at all. Absent: the one of the environment. */
  readonly identityAgent?: string | null;
  /** Of the agent's keys only those of the key files are offered. */
  readonly identitiesOnly: boolean;
  /** Where its host key stands; absent where the configuration says nothing of it. */
  readonly knownAs?: KnownAs;
  /** What of its entry cannot be followed. */
  readonly notes: readonly string[];
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
    config.identityFiles.length > 0 || config.noIdentityFiles === true
      ? config.identityFiles
      : DEFAULT_KEYS.map((name) => join(homeDirectory, '.ssh', name));
  const filled: Server = {
    ...server,
    host: server.host === server.sshConfigHost ? (config.hostName ?? server.host) : server.host,
    port: server.port === 22 ? (config.port ?? 22) : server.port,
    user: server.user === OPEN_USER ? (config.user ?? userInfo().username) : server.user,
    jump: hops.length > 0 ? hops.map((hop) => hop.id) : server.jump,
  };
  return {
    server: filled,
    identityFiles: server.auth.kind === 'agent' ? files : [],
    ...(config.identityAgent === undefined ? {} : { identityAgent: config.identityAgent }),
    identitiesOnly: config.identitiesOnly === true,
    ...knownAsOf(config, homeDirectory),
    notes: config.notes,
    hops,
  };
}

function knownAsOf(config: SshHostConfig, homeDirectory: string): Pick<FilledServer, 'knownAs'> {
  const { hostKeyAlias, userKnownHosts, systemKnownHosts } = config;
  const namesFiles = userKnownHosts !== undefined || systemKnownHosts !== undefined;
  if (hostKeyAlias === undefined && !namesFiles) return {};
  return {
    knownAs: {
      ...(hostKeyAlias === undefined ? {} : { name: hostKeyAlias }),
      ...(namesFiles ? { files: knownHostsFiles(homeDirectory, userKnownHosts, systemKnownHosts) } : {}),
    },
  };
}

/** Stands for "as the config says" in a hop that has no entry in the inventory. */
const OPEN_USER = '';

function hopServer(hop: WrittenHop): Server {
  const [user, port] = [hop.user === null ? '' : `${hop.user}@`, hop.port === null ? '' : `:${hop.port}`];
  const name = `${user}${bracketHost(hop.host)}${port}`;
  return {
    id: `ssh-config:${name}`,
    name,
    host: hop.host,
    port: hop.port ?? SSH_PORT,
    user: hop.user ?? OPEN_USER,
    auth: { kind: 'agent' },
    sudo: { kind: 'none' },
    jump: [],
    sshConfigHost: hop.host,
    tags: [],
  };
}
