import type { BalancerHost } from '../../../shared/model/balancers/balancers';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { readHostPort } from '../../../shared/model/connect/host-port';
import type { DrillServer, DrillWay, DrillWayKind } from '../../../shared/model/drill/drill';

/** A server with what was found on it. `address` is how the other servers reach it; null where that is not known. */
export interface PlacedBalancer {
  readonly server: DrillServer;
  readonly address: string | null;
  readonly host: BalancerHost;
}

/** What the ways in are found from. */
export interface WayFacts {
  readonly state: ClusterState;
  readonly balancers: readonly PlacedBalancer[];
  /** The server that writes; null where none is chosen. */
  readonly serverId: string | null;
  /** The virtual address as the user wrote it, or as the cluster was set up with it; null where neither is. */
  readonly vip: string | null;
}

const VIP_PORT = 5432;

/** The endpoints of Patroni by which a load balancer finds the leader. */
const LEADER_CHECKS: ReadonlySet<string> = new Set(['/', '/primary', '/master', '/leader', '/read-write']);

/** Every way in, with where it leads, or why there is none. */
export function findWays(facts: WayFacts): readonly DrillWay[] {
  return [throughHaproxy(facts), throughPgbouncer(facts), byVirtualAddress(facts), direct(facts)];
}

const missing = (kind: DrillWayKind, why: string): DrillWay => ({ kind, targets: [], missing: why });

/** The balancer on the server that writes, else one that is not on the leader's server, else any. */
function nearest(
  { balancers, serverId, state }: WayFacts,
  has: (host: BalancerHost) => boolean,
): PlacedBalancer | null {
  const rank = ({ server }: PlacedBalancer): number => {
    if (server.serverId === serverId) return 0;
    return server.member === state.leader.holder ? 2 : 1;
  };
  return balancers.filter(({ host }) => has(host)).toSorted((a, b) => rank(a) - rank(b))[0] ?? null;
}

function addressFor(facts: WayFacts, { server, address }: PlacedBalancer): string | null {
  return server.serverId === facts.serverId ? '127.0.0.1' : address;
}

function leaderPort({ haproxy }: BalancerHost): number | null {
  const section = (haproxy?.sections ?? []).find(({ check }) => check !== null && LEADER_CHECKS.has(check));
  return section?.ports[0] ?? null;
}

/** Says so where servers could not be looked at: what is on them is not known. */
function notSeen({ balancers }: WayFacts, what: string): string {
  const silent = balancers.filter(({ host }) => host.error !== null).map(({ server }) => server.name);
  return silent.length === 0
    ? `no ${what} was found on the servers of this cluster.`
    : `no ${what} was found, and ${silent.join(', ')} could not be looked at.`;
}

function throughHaproxy(facts: WayFacts): DrillWay {
  const found = nearest(facts, (host) => host.haproxy?.running === true && leaderPort(host) !== null);
  const [host, port] = found === null ? [null, null] : [addressFor(facts, found), leaderPort(found.host)];
  if (host === null || port === null)
    return missing('haproxy', notSeen(facts, 'HAProxy whose port for the leader could be read'));
  return { kind: 'haproxy', targets: [{ host, port }], missing: null };
}

function throughPgbouncer(facts: WayFacts): DrillWay {
  const found = nearest(facts, ({ pgbouncer }) => pgbouncer?.running === true && pgbouncer.port !== null);
  const [host, port] = found === null ? [null, null] : [addressFor(facts, found), found.host.pgbouncer?.port ?? null];
  if (host === null || port === null) return missing('pgbouncer', notSeen(facts, 'running PgBouncer'));
  return { kind: 'pgbouncer', targets: [{ host, port }], missing: null };
}

function byVirtualAddress({ vip }: WayFacts): DrillWay {
  if (vip === null || vip.trim() === '')
    return missing('vip', 'no virtual address is known. Enter it where there is one.');
  const target = readHostPort(vip, VIP_PORT);
  return target === null
    ? missing('vip', 'what was entered is no address.')
    : { kind: 'vip', targets: [target], missing: null };
}

function direct({ state }: WayFacts): DrillWay {
  const targets = state.members.flatMap(({ host, port }) => (host === null ? [] : [{ host, port: port ?? VIP_PORT }]));
  return targets.length === 0
    ? missing('direct', 'the addresses of the members are not known.')
    : { kind: 'direct', targets, missing: null };
}
