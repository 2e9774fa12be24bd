import type { DiscoveredMember } from '../../../../shared/model/cluster/discovery';
import type { Server } from '../../../../shared/model/connect/server';
import { serverAt } from '../../../../shared/rules/connect/same-place';
import type { DiscoveryDeps } from './discovered';
import type { ToldMember } from './list-members';
import { dialThrough } from '../connect/server-dial';

const REACH_TIMEOUT_MS = 2_500;

/** The host of an api_url; '' when it is none. */
export function hostOfUrl(apiUrl: string): string {
  return URL.canParse(apiUrl) ? new URL(apiUrl).hostname.replace(/^\[|\]$/g, '') : '';
}

/**
 * Finds the way to each member: the server that was asked is one of them; a server of the inventory stands
 * at the same host, seen from there; an SSH port answers at the advertised host, seen from where the asked server is reached; or, for
 * addresses that only the servers know among themselves, through the asked server.
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
    const told = { name: member.name, apiUrl: member.apiUrl, role: member.role, state: member.state };
    const host = hostOfUrl(member.apiUrl);
    if (member.name === ownName || host === this.#asked.host)
      return { ...told, reach: 'own', serverId: this.#asked.id, proposedHost: null };
    const known = serverAt(this.#deps.inventory.servers(), this.#asked, host);
    if (known !== undefined) return { ...told, reach: 'own', serverId: known.id, proposedHost: null };
    if (host === '') return { ...told, reach: 'none', serverId: null, proposedHost: null };
    if (await this.#sshAnswers(host)) return { ...told, reach: 'own', serverId: null, proposedHost: host };
    return { ...told, reach: 'via', serverId: this.#asked.id, proposedHost: null };
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
