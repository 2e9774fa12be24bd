import type { DiscoveredMember } from '../../../../shared/model/cluster/discovery';
import type { Server } from '../../../../shared/model/connect/server';
import { hostOfUrl, isSameHost } from '../../../../shared/model/connect/host-port';
import { findServer } from '../../../../shared/rules/connect/find-server';
import type { DiscoveryDeps } from './discovered';
import type { ToldMember } from './list-members';
import { dialThrough, loopbackOfWildcard } from '../connect/server-dial';

const REACH_TIMEOUT_MS = 2_500;

/** Where a member is: by its REST API, or by its PostgreSQL where the first names every address of its server. */
function hostOf(member: ToldMember): string | null {
  const host = hostOfUrl(member.apiUrl);
  if (host === null || loopbackOfWildcard(host) === null) return host;
  return member.postgresHost === null || loopbackOfWildcard(member.postgresHost) !== null ? null : member.postgresHost;
}

/**
 * Finds a connection to each member: the server that was asked is one of them; a server of the inventory stands at its
 * host, seen from there; an SSH port answers at its host, dialled over the route of the asked server; or, for addresses
 * that only the servers know among themselves, through the asked server.
 */
export class ReachFinder {
  readonly #deps: DiscoveryDeps;
  readonly #asked: Server;
  readonly #ports = new Map<string, Promise<boolean>>();

  constructor(deps: DiscoveryDeps, asked: Server) {
    this.#deps = deps;
    this.#asked = asked;
  }

  async find(member: ToldMember, ownName: string | null): Promise<DiscoveredMember> {
    const reported = { name: member.name, apiUrl: member.apiUrl, role: member.role, state: member.state };
    const host = hostOf(member);
    if (member.name === ownName || (host !== null && isSameHost(host, this.#asked.host)))
      return { ...reported, reach: 'own', serverId: this.#asked.id, proposedHost: null };
    if (host === null) return { ...reported, reach: 'none', serverId: null, proposedHost: null };
    const known = findServer(this.#deps.inventory.servers(), { by: 'host', host, seenFrom: this.#asked });
    if (known !== undefined) return { ...reported, reach: 'own', serverId: known.id, proposedHost: null };
    if (await this.#sshAnswers(host)) return { ...reported, reach: 'own', serverId: null, proposedHost: host };
    return { ...reported, reach: 'via', serverId: this.#asked.id, proposedHost: null };
  }

  #sshAnswers(host: string): Promise<boolean> {
    const present = this.#ports.get(host) ?? this.#try(host);
    this.#ports.set(host, present);
    return present;
  }

  async #try(host: string): Promise<boolean> {
    try {
      const socket = await dialThrough(this.#deps.remotes, this.#asked.jump.at(-1) ?? null)(
        host,
        this.#asked.port,
        REACH_TIMEOUT_MS,
      );
      socket.on('error', () => undefined);
      socket.destroy();
      return true;
    } catch {
      return false;
    }
  }
}
