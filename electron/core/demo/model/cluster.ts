import { slotName } from '../../../../shared/rules/cluster/slot-name';
import { SimDcs } from './dcs';
import type { JsonObject } from './json';
import { patched } from './json';
import { touchMember, writeLeaderKeys } from './keys';
import { becomeStandbyLeader, refreshStreams, startWriting } from './postgres';
import { desiredParameters, freshConfig } from './settings';
import { Sim } from './sim';
import type { DemoClusterSpec, SimHistoryRow, MemberState } from './types';
import { wake, watchDcs } from './ha';

/** What a cluster needs beside its spec. `index` is the cluster's place in the fleet and gives its addresses; times are ms. */
export interface ClusterPlace {
  readonly index: number;
  readonly seed: number;
  readonly timeScale: number;
  readonly now: number;
  /** The etcd of a worker group of Citus, which is that of its coordinator; every other cluster has one of its own. */
  readonly dcs?: SimDcs | undefined;
  /** All clusters that there are by now. */
  readonly fleet?: (() => readonly Sim[]) | undefined;
}

const START_LSN = 83_886_080;
const HOUR = 3_600_000;
/** Behind all members. */
const BALANCER_INDEX = 60;

/** A cluster that has been running for a while: the first member leads on timeline 3, the others stream. */
export function makeCluster(spec: DemoClusterSpec, place: ClusterPlace): Sim {
  const source = sourceOf(spec, place);
  const config = patched(freshConfig, {
    ...spec.config,
    ...(source === undefined ? {} : standbySection(spec, source)),
  });
  const members = Array.from({ length: spec.members }, (_, i) => makeMember(spec, place, i, config));
  const dcs = place.dcs ?? new SimDcs(members.filter((member) => member.hasEtcd));
  const sim = new Sim({
    spec,
    members,
    dcs,
    seed: place.seed,
    timeScale: place.timeScale,
    startAt: place.now,
    systemIdentifier:
      source?.systemIdentifier ?? String(7_400_000_000_000_000_000n + BigInt(place.seed >>> 0) * 1_000_003n),
    fleet: place.fleet,
  });
  if (source !== undefined) keepSlot(source, spec);
  sim.write('initialize', sim.systemIdentifier);
  sim.write('config', config);
  sim.write('history', source === undefined ? pastOf(sim) : (source.read('history') ?? '[]'));
  startUp(sim);
  watchDcs(sim);
  return sim;
}

function sourceOf({ standbyOf }: DemoClusterSpec, { fleet }: ClusterPlace): Sim | undefined {
  return standbyOf === undefined ? undefined : fleet?.().find(({ spec }) => spec.scope === standbyOf);
}

function standbySection({ scope }: DemoClusterSpec, source: Sim): JsonObject {
  const host = source.members.map(({ ip }) => ip).join(',');
  return { standby_cluster: { host, port: source.spec.ports?.postgres ?? 5432, primary_slot_name: slotName(scope) } };
}

/** The followed cluster keeps WAL for the one that follows. */
function keepSlot(source: Sim, { scope }: DemoClusterSpec): void {
  source.write('config', patched(source.config(), { slots: { [slotName(scope)]: { type: 'physical' } } }));
}

/** Names a cluster among those of the demo: its scope, and the group where it is one of Citus. */
export function demoKey({ scope, citusGroup }: Pick<DemoClusterSpec, 'scope' | 'citusGroup'>): string {
  return citusGroup === undefined ? scope : `${scope}-${citusGroup}`;
}

/** The server of its own that runs a load balancer for a cluster; `index` is the cluster's place in the fleet. */
export function makeBalancerServer(spec: DemoClusterSpec, index: number, now: number): MemberState {
  return stoppedMember(`${demoKey(spec)}-lb`, BALANCER_INDEX, addressOf(index, BALANCER_INDEX), now);
}

/** The address of a member in the demo's own network, which no real socket is ever opened to. */
function addressOf(clusterIndex: number, memberIndex: number): string {
  return `10.${99 + Math.floor(clusterIndex / 250)}.${(clusterIndex % 250) + 1}.${memberIndex + 11}`;
}

function makeMember(spec: DemoClusterSpec, place: ClusterPlace, index: number, config: JsonObject): MemberState {
  const etcdSize = spec.members >= 5 ? 5 : 3;
  const hasEtcd = place.dcs === undefined && index < etcdSize;
  return {
    ...stoppedMember(
      spec.names?.[index] ?? `${demoKey(spec)}-${index + 1}`,
      index,
      addressOf(place.index, index),
      place.now,
    ),
    hasEtcd,
    etcdStopped: false,
    agent: true,
    state: 'running',
    role: 'replica',
    timeline: 3,
    wal: { kind: 'still', lsn: START_LSN },
    startedAt: place.now - 26 * HOUR - index * 61_000,
    config,
    effective: desiredParameters(config),
  };
}

/** A server with power on which nothing of a cluster runs. */
export function stoppedMember(name: string, index: number, ip: string, now: number): MemberState {
  return {
    name,
    index,
    ip,
    hasEtcd: false,
    etcdStopped: true,
    tags: {},
    ownFile: null,
    ownParameters: {},
    rolePasswords: {},
    power: true,
    agent: false,
    recovering: false,
    partitioned: false,
    lagging: false,
    broken: false,
    balancerBlind: false,
    frozen: false,
    etcdSlow: false,
    state: 'stopped',
    role: 'uninitialized',
    timeline: 0,
    wal: { kind: 'still', lsn: 0 },
    follows: null,
    streaming: false,
    startedAt: now,
    work: null,
    lease: null,
    etcdOn: null,
    lastDcs: now,
    failsafe: false,
    config: {},
    effective: {},
    pending: {},
    scheduledRestart: null,
    loop: null,
    endedSessions: new Set(),
    log: [],
  };
}

function pastOf(sim: Sim): SimHistoryRow[] {
  const when = (hoursAgo: number): string =>
    new Date(sim.now - hoursAgo * HOUR).toISOString().replace('Z', '000+00:00');
  const name = (index: number): string => sim.members[index]?.name ?? '';
  return [
    [1, 25_165_984, 'no recovery target specified', when(240), name(1)],
    [2, 58_720_416, 'no recovery target specified', when(26), name(0)],
  ];
}

function startUp(sim: Sim): void {
  const leader = sim.members[0];
  if (leader === undefined) return;
  for (const member of sim.members) if (member !== leader) member.follows = leader.name;
  if (sim.source() === null) {
    leader.role = 'primary';
    startWriting(sim, leader, START_LSN);
  } else becomeStandbyLeader(sim, leader);
  refreshStreams(sim);
  for (const member of sim.members) {
    if (member.follows !== null) member.wal = { kind: 'follow', upstream: member.follows };
  }
  for (const member of sim.members) touchMember(sim, member);
  sim.write('leader', leader.name, leader.lease ?? '0');
  writeLeaderKeys(sim, leader);
  // Loops of real members are not in step; nor are those of many clusters with each other.
  for (const member of sim.members) wake(sim, member, sim.random() * sim.loopWait(member));
}
