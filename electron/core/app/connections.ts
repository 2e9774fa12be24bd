import { join } from 'node:path';
import type { Inventory } from '../inventory/inventory';
import { testServer } from '../inventory/server-test';
import type { Connections, SshConfigHosts } from '../rpc/services';
import { createHostKeys, knownHostsFiles } from '../ssh/authenticate/host-keys';
import { createRemotePool } from '../ssh/pool/pool';
import type { RemotePool } from '../ssh/remote';
import { listAliases, lookUpHost, readSshConfig, SYSTEM_SSH_CONFIG } from '../ssh/connect/ssh-config';
import type { Vault } from '../vault/vault';
import type { Prompts } from '../prompts/prompts';
import type { Trusted } from './trusted';

/** What the servers' connections are made with. */
export interface ConnectionsDeps {
  readonly dataDirectory: string;
  readonly homeDirectory: string;
  readonly agentSocket: string | undefined;
  readonly now: () => number;
  readonly inventory: Inventory;
  readonly vault: Vault;
  readonly prompts: Prompts;
  readonly trusted: Trusted;
}

/** Makes the pool of SSH connections, and what the page asks of it. */
export function createConnections(deps: ConnectionsDeps): {
  readonly pool: RemotePool;
  readonly connections: Connections;
} {
  const files = {
    userFiles: knownHostsFiles(deps.homeDirectory),
    appFile: join(deps.dataDirectory, 'known_hosts'),
  };
  const pool = createRemotePool({
    servers: (id) => deps.inventory.server(id),
    secrets: deps.trusted.secrets(deps.vault),
    ask: deps.prompts.ask,
    hostKeys: deps.trusted.hostKeys(createHostKeys(files)),
    sshConfigText: () => readSshConfig(deps.homeDirectory, SYSTEM_SSH_CONFIG),
    homeDirectory: deps.homeDirectory,
    agentSocket: deps.agentSocket,
    now: deps.now,
  });
  const connections: Connections = {
    state: (serverId) => pool.remote(serverId).state(),
    drop: (serverId) => pool.drop(serverId),
    test: (server) => testServer(server, pool.remote(server.id), deps.now),
    sshConfigHosts: () => sshConfigHosts(deps.homeDirectory),
  };
  return { pool, connections };
}

async function sshConfigHosts(homeDirectory: string): Promise<SshConfigHosts> {
  const text = await readSshConfig(homeDirectory);
  return listAliases(text).map((alias) => {
    const found = lookUpHost(text, alias, homeDirectory);
    return {
      alias,
      host: found.hostName ?? alias,
      user: found.user ?? null,
      port: found.port ?? 22,
      jump: found.proxyJump.map((hop) => hop.host),
      identityFile: found.identityFiles[0] ?? null,
    };
  });
}
