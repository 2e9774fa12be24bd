import type { ClusterState } from '../../model/cluster/cluster-state';
import type { Member } from '../../model/cluster/member';
import {
  upgradeParts,
  type InstalledPackage,
  type ServerPackages,
  type UpgradePart,
} from '../../model/upgrade/upgrade';
import { restartOrder } from '../operate/restart-order';
import { namesInWords } from '../words/wording';
import { hasProgram, isOffered } from './package-versions';

/** What a step does on one server: the packages that are put in place, and the parts that start anew with their new programs. */
export interface UpgradeWork {
  readonly server: string;
  readonly serverId: string;
  readonly packages: readonly InstalledPackage[];
  readonly restarts: readonly UpgradePart[];
}

/** One step of a rolling upgrade. */
export type UpgradeStep =
  | ({ readonly kind: 'etcd'; readonly isLeader: boolean } & UpgradeWork)
  | ({ readonly kind: 'member'; readonly members: readonly string[]; readonly isLeader: boolean } & UpgradeWork)
  | { readonly kind: 'switchover'; readonly leader: string }
  | ({ readonly kind: 'balancer' } & UpgradeWork);

/**
 * Packages of some parts that apt would replace, without those on hold, and what has to start anew: with its new program, or because a
 * process still runs the one before. Null where there is nothing to do.
 */
function workOn(server: ServerPackages, parts: ReadonlySet<UpgradePart>): UpgradeWork | null {
  const packages = server.packages.filter((one) => parts.has(one.part) && !one.held && isOffered(one));
  const renewed = packages.filter(({ name }) => hasProgram(name)).map(({ part }) => part);
  const old = (server.outdatedProcesses ?? []).filter((part) => parts.has(part));
  const restarts = upgradeParts.filter((part) => renewed.includes(part) || old.includes(part));
  if (packages.length + restarts.length === 0) return null;
  return { server: server.server, serverId: server.serverId, packages, restarts };
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
    const work = chosen.has('etcd') ? workOn(server, new Set(['etcd'])) : null;
    const isLeader = leader !== undefined && server.etcdMembers.includes(leader);
    return work === null ? [] : [{ kind: 'etcd', isLeader, ...work }];
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
    const work = server === undefined ? null : workOn(server, own);
    if (work === null) return [];
    const members = state.members.filter((one) => one.serverId === serverId).map(({ name }) => name);
    const isLeader = state.leader.holder !== null && members.includes(state.leader.holder);
    return [{ kind: 'member', members, isLeader, ...work }];
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
export function stopsPostgres(step: UpgradeStep): boolean {
  return step.kind === 'member' && step.restarts.some((part) => part === 'postgresql' || part === 'patroni');
}

function balancerStep(
  { members }: ClusterState,
  server: ServerPackages,
  chosen: ReadonlySet<UpgradePart>,
): readonly UpgradeStep[] {
  if (members.some(({ serverId }) => serverId === server.serverId)) return [];
  const work = workOn(server, new Set([...chosen].filter((part) => part === 'haproxy' || part === 'pgbouncer')));
  return work === null ? [] : [{ kind: 'balancer', ...work }];
}

/** The parts that apt would replace anywhere, or that still run an older program, in the order in which they are shown. */
export function partsOffered(servers: readonly ServerPackages[]): readonly UpgradePart[] {
  const offered = servers.flatMap(({ packages }) => packages.filter(isOffered).map(({ part }) => part));
  const old = servers.flatMap(({ outdatedProcesses }) => outdatedProcesses ?? []);
  return upgradeParts.filter((part) => offered.includes(part) || old.includes(part));
}

/** Says a step in words. */
export function stepTitle(step: UpgradeStep): string {
  switch (step.kind) {
    case 'etcd':
      return `etcd on ${step.server}${step.isLeader ? ', which leads etcd' : ''}`;
    case 'switchover':
      return `${step.leader} hands over to a replica`;
    case 'balancer':
      return `Load balancers on ${step.server}`;
    case 'member':
      return `${namesInWords(step.members)} on ${step.server}${step.isLeader ? ', which led before' : ''}`;
  }
}
