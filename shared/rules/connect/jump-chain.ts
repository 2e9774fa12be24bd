import { appError } from '../../model/app-error';
import { toNormalHost } from '../../model/connect/host-port';
import type { Server } from '../../model/connect/server';
import type { SshAddress, SshHop } from '../../model/connect/ssh-address';

/** No route through more hosts than this is meant. */
const MAX_HOPS = 16;

/** What the route to a server depends on. */
export type Routed = Pick<Server, 'id' | 'name' | 'jump'>;

/**
 * The servers passed on the route to a server, outermost first, without the server itself. A server's `jump`
 * lists its hops; the outermost hop is reached by the route of its own entry. Throws `ssh.jump_circle` for a
 * circle and `inventory.server_unknown` for a hop that `find` does not know.
 */
export function jumpChain(server: Routed, find: (id: string) => Server | undefined): Server[] {
  const chain: Server[] = [];
  let head: Routed = server;
  while (head.jump.length > 0) {
    const hops = head.jump.map((id) => requireHop(server, id, find));
    chain.unshift(...hops);
    const seen = new Set([server.id, ...chain.map((hop) => hop.id)]);
    if (seen.size !== chain.length + 1 || chain.length > MAX_HOPS) {
      throw appError(
        'ssh.jump_circle',
        `The jump hosts of ${server.name} form a circle: ${chain.map((hop) => hop.name).join(' -> ')}.`,
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

function requireHop(server: Routed, id: string, find: (id: string) => Server | undefined): Server {
  const hop = find(id);
  if (hop !== undefined) return hop;
  throw appError('inventory.server_unknown', `The jump host ${id} of ${server.name} is not in the inventory.`, {
    target: server.name,
    hint: 'Choose another jump host in the settings of this server.',
  });
}

/** The address of a server with its whole chain of jump hosts. Throws as `jumpChain` does. */
export function addressOfServer(server: Server, servers: readonly Server[]): SshAddress {
  const chain = jumpChain(server, (id) => servers.find((one) => one.id === id));
  return { ...hopOf(server), jump: chain.map(hopOf) };
}

function hopOf({ user, host, port }: Server): SshHop {
  return { user, host: toNormalHost(host), port };
}
