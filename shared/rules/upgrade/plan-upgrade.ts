import type { ClusterState } from '../../model/cluster/cluster-state';
import type { Member } from '../../model/cluster/member';
import {
  upgradeParts,
  type InstalledPackage,
  type ServerPackages,
  type UpgradePart,
} from '../../model/upgrade/upgrade';
import { restartOrder } from '../operate/restart-order';
import { isOffered } from './package-versions';

/** One step of a rolling upgrade. `packages` are those that are put in place in it. */
export type UpgradeStep =
  | {
      readonly kind: 'etcd';
      readonly server: string;
      readonly isLeader: boolean;
      readonly packages: readonly InstalledPackage[];
    }
  | {
      readonly kind: 'member';
      readonly server: string;
      readonly members: readonly string[];
      readonly isLeader: boolean;
      readonly packages: readonly InstalledPackage[];
    }
  | { readonly kind: 'switchover'; readonly leader: string }
  | { readonly kind: 'balancer'; readonly server: string; readonly packages: readonly InstalledPackage[] };

/** Packages of some parts that apt would replace; those on hold are left alone. */
function wantedOf({ packages }: ServerPackages, parts: ReadonlySet<UpgradePart>): readonly InstalledPackage[] {
  return packages.filter((one) => parts.has(one.part) && !one.held && isOffered(one));
}

/**
 * The order of a rolling upgrade: etcd one member after another, its leader last; then the replicas, asynchronous ones first; a switchover;
 * the former leader; at last servers that have load balancers alone. Everything else of a member's server is done with the member, so that
 * its clients are disturbed once.
 */
export function planUpgrade(
  state: ClusterState,
  servers: readonly ServerPackages[],
  parts: readonly UpgradePart[],
): readonly UpgradeStep[] {
  const chosen = new Set(parts);
  return [
    ...etcdSteps(state, servers, chosen),
    ...memberSteps(state, servers, chosen),
    ...servers.flatMap((server) => balancerStep(state, server, chosen)),
  ];
}

function etcdSteps(
  { dcs }: ClusterState,
  servers: readonly ServerPackages[],
  chosen: ReadonlySet<UpgradePart>,
): readonly UpgradeStep[] {
  const leader = dcs.kind === 'live' ? dcs.members.find((one) => one.leader === true)?.name : undefined;
  const steps = servers.flatMap((server): UpgradeStep[] => {
    const packages = chosen.has('etcd') ? wantedOf(server, new Set(['etcd'])) : [];
    const isLeader = leader !== undefined && server.etcdMembers.includes(leader);
    return packages.length === 0 ? [] : [{ kind: 'etcd', server: server.server, isLeader, packages }];
  });
  return [...steps].sort((a, b) => Number(leads(a)) - Number(leads(b)));
}

function leads(step: UpgradeStep): boolean {
  return (step.kind === 'etcd' || step.kind === 'member') && step.isLeader;
}

function memberSteps(
  state: ClusterState,
  servers: readonly ServerPackages[],
  chosen: ReadonlySet<UpgradePart>,
): readonly UpgradeStep[] {
  const own = new Set([...chosen].filter((part) => part !== 'etcd'));
  const order = restartOrder(
    { ...state, members: state.members.map(withoutPending) },
    { pendingOnly: false, role: 'any' },
  );
  const serverIds = [...new Set(order.members.flatMap((name) => serverOf(state.members, name) ?? []))];
  const steps = serverIds.flatMap((serverId): UpgradeStep[] => {
    const server = servers.find((one) => one.serverId === serverId);
    const packages = server === undefined ? [] : wantedOf(server, own);
    if (server === undefined || packages.length === 0) return [];
    const members = state.members.filter((one) => one.serverId === serverId).map(({ name }) => name);
    const isLeader = state.leader.holder !== null && members.includes(state.leader.holder);
    return [{ kind: 'member', server: server.server, members, isLeader, packages }];
  });
  const [last] = steps.filter(leads);
  const others = steps.filter((step) => !leads(step));
  if (last === undefined) return others;
  const isHandedOver = state.members.length > 1 && state.leader.holder !== null && stopsPostgres(last);
  const switchover: readonly UpgradeStep[] = isHandedOver
    ? [{ kind: 'switchover', leader: state.leader.holder ?? '' }]
    : [];
  return [...others, ...switchover, last];
}

/** What waits for a restart says nothing of the order of an upgrade. */
function withoutPending(member: Member): Member {
  return { ...member, pendingRestart: null, pendingRestartFlag: false };
}

function serverOf(members: readonly Member[], name: string): string | undefined {
  return members.find((one) => one.name === name)?.serverId ?? undefined;
}

/** Whether a step stops PostgreSQL of its members. HAProxy and PgBouncer start anew without it. */
function stopsPostgres(step: UpgradeStep): boolean {
  return step.kind === 'member' && step.packages.some(({ part }) => part === 'postgresql' || part === 'patroni');
}

function balancerStep(
  { members }: ClusterState,
  server: ServerPackages,
  chosen: ReadonlySet<UpgradePart>,
): readonly UpgradeStep[] {
  if (members.some(({ serverId }) => serverId === server.serverId)) return [];
  const packages = wantedOf(server, new Set([...chosen].filter((part) => part === 'haproxy' || part === 'pgbouncer')));
  return packages.length === 0 ? [] : [{ kind: 'balancer', server: server.server, packages }];
}

/** The parts that apt would replace anywhere, in the order in which they are shown. */
export function partsOffered(servers: readonly ServerPackages[]): readonly UpgradePart[] {
  const offered = new Set(servers.flatMap(({ packages }) => packages.filter(isOffered).map(({ part }) => part)));
  return upgradeParts.filter((part) => offered.has(part));
}
