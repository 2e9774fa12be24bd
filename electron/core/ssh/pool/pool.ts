import type { Duplex } from 'node:stream';
import { appError } from '../../../../shared/model/app-error';
import type { Server } from '../../../../shared/model/connect/server';
import { jumpChain } from '../../../../shared/rules/connect/jump-chain';
import { askOnce, type AskUser, type BoundedAsk } from '../authenticate/ask';
import type { AuthMemory } from '../authenticate/auth';
import { canonicalNameOf, hasAddressByDns, type HasAddress } from '../connect/canonical-name';
import { SshConnection, type SshRoute } from '../connect/connection';
import type { ConnectionTarget } from '../errors';
import { openForward } from '../tunnel/forwards';
import type { HostKeys } from '../authenticate/host-keys';
import { createKeyStore, type KeyStore } from '../authenticate/keys';
import type { Remote, RemotePool } from '../remote';
import { fillFromConfig, type FilledServer } from '../connect/route';
import { ServerRemote } from '../run/server-remote';
import { Slots } from '../../platform/slots';
import { expandHome, lookUpHost } from '../connect/ssh-config';
import { DEFAULT_TIMING, type SshTiming } from '../connect/timing';

/** sshd starts to drop logins above 10 at once (MaxStartups 10:30:100); others log in too. */
const LOGINS_PER_HOST = 5;
const LOGIN_TURN_MS = 10 * 60_000;

/** What the pool works with. */
export interface RemotePoolDeps {
  readonly servers: (id: string) => Server | undefined;
  readonly secrets: { read(secretId: string): Promise<string | undefined> };
  readonly ask: AskUser;
  readonly hostKeys: HostKeys;
  /** ~/.ssh/config with its includes (`readSshConfig`), or '' for none. */
  readonly sshConfigText: () => Promise<string>;
  /** Whether a name has an address; without it the workstation's resolver is asked. */
  readonly hasAddress?: HasAddress;
  readonly homeDirectory: string;
  /** SSH_AUTH_SOCK of the app's environment. */
  readonly agentSocket: string | undefined;
  readonly now: () => number;
  readonly random?: () => number;
  readonly timing?: Partial<SshTiming>;
}

/** All connections of the app. Nothing connects until a Remote is used. */
export function createRemotePool(deps: RemotePoolDeps): RemotePool {
  return new Pool(deps);
}

class Pool implements RemotePool {
  readonly #deps: RemotePoolDeps;
  readonly #timing: SshTiming;
  readonly #closing = new AbortController();
  readonly #ask: BoundedAsk;
  readonly #keys: KeyStore = createKeyStore();
  readonly #connections = new Map<string, SshConnection>();
  readonly #remotes = new Map<string, Remote>();
  readonly #memory = new Map<string, AuthMemory>();
  readonly #hosts = new Map<string, Slots>();
  /** Hops that only ~/.ssh/config knows. */
  readonly #configHops = new Map<string, Server>();
  readonly #resolved = new Map<string, Server>();

  constructor(deps: RemotePoolDeps) {
    this.#deps = deps;
    this.#timing = { ...DEFAULT_TIMING, ...deps.timing };
    this.#ask = askOnce(deps.ask, this.#timing.answerTimeoutMs, this.#closing.signal);
  }

  remote(serverId: string): Remote {
    this.#server(serverId);
    const made = this.#remotes.get(serverId) ?? this.#makeRemote(serverId);
    this.#remotes.set(serverId, made);
    return made;
  }

  async drop(serverId: string): Promise<void> {
    const memory = this.#memoryOf(serverId);
    delete memory.password;
    delete memory.sudoPassword;
    for (const [path, connection] of this.#connections) {
      if (path.split(' ').includes(encodeURIComponent(serverId))) connection.reset();
    }
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
    this.#remotes.clear();
    this.#memory.clear();
    return Promise.resolve();
  }

  #server(serverId: string): Server {
    const server = this.#find(serverId);
    if (server !== undefined) return server;
    throw appError('inventory.server_unknown', `There is no server ${serverId} in the inventory.`, {
      target: serverId,
      hint: 'It may have been removed; add it again.',
    });
  }

  readonly #find = (serverId: string): Server | undefined =>
    this.#deps.servers(serverId) ?? this.#configHops.get(serverId);

  #makeRemote(serverId: string): Remote {
    return new ServerRemote(serverId, {
      connection: this.#connection([serverId], () => this.#ownRoute(serverId)),
      server: () => this.#server(serverId),
      memory: this.#memoryOf(serverId),
      ask: this.#ask,
      readSecret: this.#readSecret,
    });
  }

  #memoryOf(serverId: string): AuthMemory {
    const memory = this.#memory.get(serverId) ?? {};
    this.#memory.set(serverId, memory);
    return memory;
  }

  readonly #readSecret = async (secretId: string | undefined): Promise<string | undefined> =>
    secretId === undefined ? undefined : this.#deps.secrets.read(secretId);

  /** One connection per chain of servers; the last of `path` is the one it leads to. */
  #connection(path: readonly string[], route: () => Promise<SshRoute>): SshConnection {
    const key = path.map((id) => encodeURIComponent(id)).join(' ');
    const made = this.#connections.get(key);
    if (made !== undefined) return made;
    const { now, random = Math.random, hostKeys } = this.#deps;
    const connection = new SshConnection({
      route,
      hostKeys,
      timing: this.#timing,
      now,
      random,
      enterHost: this.#enterHost,
    });
    this.#connections.set(key, connection);
    return connection;
  }

  async #ownRoute(serverId: string): Promise<SshRoute> {
    const { server } = await this.#resolve(this.#server(serverId));
    return this.#route(serverId, await this.#chain(server));
  }

  /** The hops to a server with what ~/.ssh/config adds, outermost first. */
  async #chain(server: Server): Promise<Server[]> {
    await this.#resolveHops(server, new Set());
    return jumpChain(server, (id) => this.#resolved.get(id));
  }

  async #resolveHops(server: Server, seen: Set<string>): Promise<void> {
    for (const id of server.jump) {
      const hop = this.#find(id);
      if (hop === undefined) this.#resolved.delete(id);
      if (hop === undefined || seen.has(id)) continue;
      seen.add(id);
      const resolved = await this.#resolve(hop);
      this.#resolved.set(id, resolved.server);
      await this.#resolveHops(resolved.server, seen);
    }
  }

  async #route(serverId: string, chain: readonly Server[]): Promise<SshRoute> {
    const { server, identityFiles, identityAgent, identitiesOnly, knownAs, notes } = await this.#resolve(
      this.#server(serverId),
    );
    const via = chain.map((hop) => ({ host: hop.host, port: hop.port }));
    const { name, host, port, user } = server;
    const to: ConnectionTarget = { name, host, port, user, via, ...(knownAs === undefined ? {} : { knownAs }) };
    const auth =
      server.auth.kind === 'key'
        ? { ...server.auth, keyPath: expandHome(server.auth.keyPath, this.#deps.homeDirectory) }
        : server.auth;
    const sources = {
      serverId,
      to,
      auth,
      identityFiles,
      identitiesOnly,
      agentSocket: identityAgent === undefined ? this.#deps.agentSocket : (identityAgent ?? undefined),
      readSecret: this.#readSecret,
      keys: this.#keys,
      memory: this.#memoryOf(serverId),
      ask: this.#ask,
    };
    const hop = chain.at(-1);
    if (hop === undefined) return { sources, notes };
    return { sources, notes, openSock: () => this.#throughHop(hop, chain.slice(0, -1), to) };
  }

  /** A hop that is reached by the route of its own entry shares its own connection; otherwise it gets one for this route. */
  async #throughHop(hop: Server, before: readonly Server[], to: ConnectionTarget): Promise<Duplex> {
    const own = await this.#chain(hop);
    const sameRoute = own.map((server) => server.id).join(' ') === before.map((server) => server.id).join(' ');
    const connection = sameRoute
      ? this.#connection([hop.id], () => this.#ownRoute(hop.id))
      : this.#connection([...before.map((server) => server.id), hop.id], () => this.#route(hop.id, before));
    const session = await connection.session();
    return openForward(session.client, session.to, to.host, to.port, this.#timing.connectTimeoutMs);
  }

  async #resolve(server: Server): Promise<Omit<FilledServer, 'hops'>> {
    const alias = server.sshConfigHost;
    if (alias === undefined) return { server, identityFiles: [], identitiesOnly: false, notes: [] };
    const { homeDirectory } = this.#deps;
    const text = await this.#deps.sshConfigText();
    const canonical = await canonicalNameOf(text, alias, this.#deps.hasAddress ?? hasAddressByDns);
    const config = lookUpHost(text, alias, homeDirectory, canonical);
    const filled = fillFromConfig(server, config, homeDirectory);
    for (const hop of filled.hops) this.#configHops.set(hop.id, hop);
    return filled;
  }

  readonly #enterHost = (to: ConnectionTarget): Promise<() => void> => {
    const key = `${to.host}:${to.port}`;
    const slots = this.#hosts.get(key) ?? new Slots(LOGINS_PER_HOST);
    this.#hosts.set(key, slots);
    return slots.acquire(LOGIN_TURN_MS, () =>
      appError('ssh.timeout', `Other logins to ${key} did not end, so ${to.name} was not connected.`, {
        target: to.name,
        retryable: true,
      }),
    );
  };
}
