import { AppError } from '../../../shared/model/app-error';
import type { BalancerFinding, BalancerHost } from '../../../shared/model/balancers/balancers';
import { hasBalancer } from '../../../shared/rules/balancers/has-balancer';
import type { Finding } from '../../../shared/model/cluster/cluster-state';
import { restsOnAllServers } from '../../../shared/rules/balancers/find-vip-trouble';
import { findingKey } from '../../../shared/rules/cluster/findings/finding-key';
import { balancerServersOf, type BalancersService } from '../balancers/create-balancers';
import type { ClusterHub } from '../clusters/hub';
import type { Round } from './round';

/** What load balancers are looked at with. */
export interface BalancerRoundDeps {
  readonly hub: Pick<ClusterHub, 'state'>;
  readonly balancers: Pick<BalancersService, 'glance' | 'runsOn'>;
  /** Whether a server can be asked now without a connection being opened or the user being asked. */
  readonly mayAsk: (serverId: string) => boolean;
  /** The same of a server that nothing else connects to: a first connection may be made to it. */
  readonly mayReach: (serverId: string) => boolean;
  /** The name of a server in the inventory. */
  readonly nameOf: (serverId: string) => string;
  readonly now: () => number;
}

const EVERY_MS = 30_000;
/** A simulated server costs nothing to ask, and who tries the demo waits for it. */
const EVERY_IN_DEMO_MS = 5_000;
/** A server without a load balancer is searched again after so long, ms: one may have been installed. */
const SEARCH_AGAIN_MS = 15 * 60_000;

interface Searched {
  readonly at: number;
  readonly has: boolean;
}

/**
 * Load balancers beside what Patroni answers them, every 30 s. Only servers that run one are asked so often; the others are searched once
 * in a quarter of an hour, so that a cluster without any costs nearly nothing, or when somebody looked and found one.
 * Of Patroni's health endpoints only those are asked that a load balancer asks. What two readings in a row found is
 * told: HAProxy follows a change within seconds. It is taken back when three in a row did not find it; a server that
 * was not asked or did not answer neither finds it again nor takes it back.
 */
export function balancerRound(deps: BalancerRoundDeps): Round {
  const searched = new Map<string, Searched>();
  const seen = new FindingsByServer();
  return {
    source: 'balancers',
    rule: { tellAfter: 2, takeBackAfter: 3 },
    everyMs: ({ origin }) => (origin === 'demo' ? EVERY_IN_DEMO_MS : EVERY_MS),
    look: async (entry) => {
      const { id } = entry;
      const state = deps.hub.state(id);
      const servers = state === null ? [] : balancerServersOf(state, entry);
      const named = new Set(entry.balancerServers);
      const mayAsk = (server: string): boolean => (named.has(server) ? deps.mayReach(server) : deps.mayAsk(server));
      const due = servers.filter((server) => deps.balancers.runsOn(server) || isDue(searched.get(server), deps.now()));
      const asked = due.filter(mayAsk);
      if (asked.length === 0) return null;
      const { hosts, findings, asOf } = await deps.balancers.glance(id, asked);
      refuseSilence(hosts);
      const answered = asked.flatMap((server, index) => {
        const host = hosts[index];
        return host?.error === null ? [{ server, host }] : [];
      });
      for (const { server, host } of answered) {
        searched.set(server, { at: asOf, has: hasBalancer(host) });
        seen.add(id, server, findings.filter((finding) => finding.server === host.server).map(withoutServer));
      }
      const unread = servers.filter((server) => !searched.has(server)).map(deps.nameOf);
      const silent = due.filter((server) => !answered.some((one) => one.server === server));
      const unseen = [
        ...seen.of(id, silent),
        ...(silent.length === 0 ? [] : seen.of(id, servers).filter(({ code }) => restsOnAllServers(code))),
      ];
      return { place: '', findings: findings.map(withoutServer), unseen, unread, asOf };
    },
  };
}

function isDue(searched: Searched | undefined, now: number): boolean {
  return searched === undefined || searched.has || now - searched.at >= SEARCH_AGAIN_MS;
}

/** Throws what the first server answered where none of them could be read. */
function refuseSilence(hosts: readonly BalancerHost[]): void {
  const [first] = hosts;
  if (first !== undefined && first.error !== null && hosts.every(({ error }) => error !== null))
    throw new AppError(first.error);
}

function withoutServer({ server: _server, ...finding }: BalancerFinding): Finding {
  return finding;
}

/** What was ever found on each server of each cluster, each thing once. */
class FindingsByServer {
  readonly #found = new Map<string, ReadonlyMap<string, Finding>>();

  add(clusterId: string, server: string, findings: readonly Finding[]): void {
    const place = `${clusterId} ${server}`;
    const now = findings.map((finding) => [findingKey(finding), finding] as const);
    this.#found.set(place, new Map([...(this.#found.get(place) ?? []), ...now]));
  }

  of(clusterId: string, servers: readonly string[]): readonly Finding[] {
    return servers.flatMap((server) => [...(this.#found.get(`${clusterId} ${server}`)?.values() ?? [])]);
  }
}
