import { AppError, appError } from '../../model/app-error';
import { isSameHost, printHostPort, type HostPort } from '../../model/connect/host-port';
import type { Server } from '../../model/connect/server';
import type { SshAddress, SshHop } from '../../model/connect/ssh-address';
import type { ServerSpec } from '../../model/deploy/spec/server-spec';
import { addressOfInline } from './inline-ssh';
import { jumpChain } from './jump-chain';

/** What decides whether two entries log in to the same account of the same machine. */
export type ServerLogin = Pick<Server, 'user' | 'host' | 'port' | 'jump' | 'sshConfigHost'>;

/** How a server is named where it is asked for. */
export type WantedServer =
  /** By its id in the inventory, or by its name there. */
  | { readonly by: 'reference'; readonly reference: string }
  /** By its address, as a cluster file writes it. */
  | { readonly by: 'address'; readonly address: SshAddress }
  /** By an entry that is not in the inventory yet; the ids of its jump hosts are looked up `among` these servers. */
  | { readonly by: 'login'; readonly login: ServerLogin; readonly among: readonly Server[] }
  /** By the host that a cluster member reports, as seen from the server that was asked. */
  | { readonly by: 'host'; readonly host: string; readonly seenFrom: Server };

/**
 * The server of the inventory that is meant, or undefined when none is or a name fits several. Private addresses
 * repeat from site to site, so a server is only the one at an address when it is also reached by the same route.
 */
export function findServer(servers: readonly Server[], wanted: WantedServer): Server | undefined {
  const found = candidates(servers, wanted);
  return wanted.by === 'reference' && found.length > 1 ? undefined : found[0];
}

/** The server that is meant for `purpose` (a name in the spec). Throws `deploy.server_unknown` or `deploy.server_ambiguous`. */
export function requireServer(servers: readonly Server[], wanted: WantedServer, purpose: string): Server {
  const server = findServer(servers, wanted);
  if (server !== undefined) return server;
  if (wanted.by !== 'reference')
    throw appError('deploy.server_unknown', `The inventory has no server at the address of ${purpose}.`, {
      target: purpose,
      hint: 'Add it under Servers with the same user, port and jump hosts, or choose one that is there.',
    });
  const count = candidates(servers, wanted).length;
  if (count > 1)
    throw appError('deploy.server_ambiguous', `${count} servers of the inventory are called ${wanted.reference}.`, {
      target: purpose,
      hint: 'Rename them under Servers, or name the one that is meant by its address.',
    });
  throw appError('deploy.server_unknown', `The inventory has no server called ${wanted.reference}.`, {
    target: purpose,
    hint: 'Add it under Servers, or write its user and host into the cluster file.',
  });
}

/** What a server of a cluster file asks for. Throws `ssh.bad_address` for a jump host that cannot be read. */
export function wantedBySpec({ ssh }: Pick<ServerSpec, 'ssh'>): WantedServer {
  return 'server' in ssh
    ? { by: 'reference', reference: ssh.server }
    : { by: 'address', address: addressOfInline(ssh) };
}

/** Whether an address means the same machine from the network of either server: both are reached by the same route. */
export function haveSameRoute(one: ServerLogin, other: ServerLogin, servers: readonly Server[]): boolean {
  return overlap(routesOf(one, servers), routesOf(other, servers));
}

function candidates(servers: readonly Server[], wanted: WantedServer): readonly Server[] {
  switch (wanted.by) {
    case 'reference': {
      const known = servers.filter((server) => server.id === wanted.reference);
      return known.length > 0 ? known : servers.filter((server) => server.name === wanted.reference);
    }
    case 'address':
      return loginsLike(servers, wanted.address, [routeThrough(wanted.address.jump)]);
    case 'login':
      return loginsLike(servers, wanted.login, routesOf(wanted.login, wanted.among));
    case 'host':
      return serversAt(servers, wanted.host, wanted.seenFrom);
  }
}

function loginsLike(servers: readonly Server[], login: SshHop, routes: readonly string[]): readonly Server[] {
  return servers.filter(
    (server) =>
      server.user === login.user &&
      server.port === login.port &&
      isSameHost(server.host, login.host) &&
      overlap(routesOf(server, servers), routes),
  );
}

/**
 * Servers at a host that a member reports. One that is reached through the asked server is certainly the one that the asked
 * server sees; else it is one that is reached as the asked server is. Of several behind forwarded ports, only
 * the one at the port of the asked server can be meant.
 */
function serversAt(servers: readonly Server[], host: string, seenFrom: Server): readonly Server[] {
  const there = servers.filter((server) => isSameHost(server.host, host));
  const behind = there.filter((server) => server.jump.at(-1) === seenFrom.id);
  const found = behind.length > 0 ? behind : there.filter((server) => haveSameRoute(server, seenFrom, servers));
  const alike = found.filter((server) => server.port === seenFrom.port);
  const machines = new Set(found.map((server) => server.port));
  if (alike.length === 0) return machines.size === 1 ? found : [];
  return alike.toSorted((one, other) => Number(other.user === seenFrom.user) - Number(one.user === seenFrom.user));
}

/**
 * The ways to write down the route to a server; two servers with one in common stand in the same network. An alias
 * of ~/.ssh/config may bring a jump host that is not written here, so its route is like no other's.
 */
function routesOf({ jump, sshConfigHost }: ServerLogin, servers: readonly Server[]): readonly string[] {
  const last = jump.at(-1);
  if (last === undefined) return [sshConfigHost === undefined ? routeThrough([]) : `alias ${sshConfigHost}`];
  const chain = knownChain(jump, servers);
  return [`behind ${last}`, ...(chain === null ? [] : [routeThrough(chain)])];
}

/** The jump hosts of a route, or null when they are not all known, form a circle, or start at an alias of ~/.ssh/config. */
function knownChain(jump: readonly string[], servers: readonly Server[]): readonly Server[] | null {
  try {
    const chain = jumpChain({ id: '', name: '', jump: [...jump] }, (id) => servers.find((one) => one.id === id));
    return chain[0]?.sshConfigHost === undefined ? chain : null;
  } catch (thrown) {
    if (thrown instanceof AppError) return null;
    throw thrown;
  }
}

/** Who logs in on a jump host makes no difference to what lies behind it. */
function routeThrough(chain: readonly HostPort[]): string {
  return ['direct', ...chain.map(printHostPort)].join(' -> ');
}

function overlap(some: readonly string[], others: readonly string[]): boolean {
  return some.some((one) => others.includes(one));
}
