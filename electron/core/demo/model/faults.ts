import { durations, halt, refreshStreams, setPace, isWritable } from './postgres';
import type { Sim } from './sim';
import type { MemberState } from './types';
import { wake } from './ha';

/** What a fault strikes: the whole cluster, or one member of a kind. */
export type FaultTarget = 'cluster' | 'member' | 'leader' | 'replica';

/** The faults of the demo's menu. */
export type FaultId =
  | 'crash'
  | 'power_off'
  | 'power_on'
  | 'site_lost'
  | 'lag'
  | 'partition'
  | 'dcs_down'
  | 'broken_replica'
  | 'candidate_dies'
  | 'postgres_crash'
  | 'slot_hoards'
  | 'balancer_blind'
  | 'etcd_slow'
  | 'stale_key';

/** One entry of the menu. */
export interface Fault {
  readonly id: FaultId;
  readonly label: string;
  readonly description: string;
  readonly targets: FaultTarget;
}

/** The menu, in the order it is shown. */
export const faults: readonly Fault[] = [
  {
    id: 'crash',
    targets: 'member',
    label: 'Crash a member',
    description:
      'Patroni and PostgreSQL die on one server. When it was the leader, its lock runs out and another member takes over.',
  },
  {
    id: 'postgres_crash',
    targets: 'member',
    label: 'Crash PostgreSQL',
    description: 'PostgreSQL dies. Patroni lives and starts it again, which takes a while: the log is replayed.',
  },
  {
    id: 'power_off',
    targets: 'member',
    label: 'Pull the plug',
    description: 'The whole server is gone: SSH, etcd, Patroni and PostgreSQL.',
  },
  {
    id: 'power_on',
    targets: 'member',
    label: 'Power on',
    description: 'The server boots again and joins as a replica.',
  },
  {
    id: 'site_lost',
    targets: 'cluster',
    label: 'The whole site loses power',
    description:
      'All servers of the cluster are gone at once. Where a standby cluster follows it, that one can be promoted.',
  },
  {
    id: 'lag',
    targets: 'replica',
    label: 'Slow replication',
    description: 'A replica receives far less than the leader writes; its lag grows.',
  },
  {
    id: 'partition',
    targets: 'member',
    label: 'Cut off a server',
    description: 'A server loses the network to the others and to the DCS. SSH from this computer still works.',
  },
  {
    id: 'dcs_down',
    targets: 'cluster',
    label: 'etcd without quorum',
    description:
      'etcd has no leader: nothing can be read or written there, and the primary steps down unless failsafe mode is on.',
  },
  {
    id: 'broken_replica',
    targets: 'replica',
    label: 'A replica that only looks healthy',
    description: 'It says it runs with no lag, but it stayed on the former timeline and nobody streams to it.',
  },
  {
    id: 'candidate_dies',
    targets: 'cluster',
    label: 'The next candidate dies',
    description:
      'The member that would be promoted next dies before it takes the lock; another one takes over instead.',
  },
  {
    id: 'slot_hoards',
    targets: 'cluster',
    label: 'A forgotten slot',
    description:
      'A replication slot that nobody uses has retained WAL for weeks: the disk of the primary is nearly full.',
  },
  {
    id: 'balancer_blind',
    targets: 'member',
    label: 'A load balancer that sees nobody',
    description:
      'The HAProxy on one server does not reach the REST API of Patroni any more, and turns all clients away.',
  },
  {
    id: 'etcd_slow',
    targets: 'member',
    label: 'A slow member of etcd',
    description: 'The disk below one etcd is slow: it answers late, and falls behind the others.',
  },
  {
    id: 'stale_key',
    targets: 'cluster',
    label: 'A member that left its key behind',
    description:
      'etcd has the key of a member whose server was given back long ago; nobody renews it or takes it away.',
  },
];

/** The member that a fault strikes when none is named. */
export function defaultTarget(sim: Sim, target: FaultTarget): MemberState | undefined {
  const leader = sim.member(sim.leaderName());
  if (target === 'leader' || target === 'member') return leader ?? sim.members[0];
  return [...sim.members].reverse().find((member) => member !== leader && member.power && member.agent);
}

/** The faults that are at work now: those of the cluster, then those of each member. */
export function activeFaults(sim: Sim): readonly { readonly id: FaultId; readonly member: string | null }[] {
  const ofCluster = [
    sim.dcs.down ? 'dcs_down' : null,
    sim.candidateDies ? 'candidate_dies' : null,
    sim.slotHoards ? 'slot_hoards' : null,
    sim.read(leftKey(sim)) === null ? null : 'stale_key',
  ] as const;
  return [
    ...ofCluster.flatMap((id) => (id === null ? [] : [{ id, member: null }])),
    ...sim.members.flatMap((member) => faultsOf(member).map((id) => ({ id, member: member.name }))),
  ];
}

function faultsOf(member: MemberState): readonly FaultId[] {
  if (!member.power) return ['power_off'];
  const found: readonly (FaultId | null)[] = [
    member.agent ? null : 'crash',
    member.agent && member.recovering ? 'postgres_crash' : null,
    member.lagging ? 'lag' : null,
    member.partitioned ? 'partition' : null,
    member.broken ? 'broken_replica' : null,
    member.balancerBlind ? 'balancer_blind' : null,
    member.etcdSlow ? 'etcd_slow' : null,
  ];
  return found.filter((id) => id !== null);
}

/** Lets a fault happen now. */
export function injectFault(sim: Sim, id: FaultId, member: MemberState | undefined): void {
  const before = sim.dcs.quorum();
  if (id === 'dcs_down') loseQuorum(sim);
  else if (id === 'candidate_dies') sim.candidateDies = true;
  else if (id === 'slot_hoards') sim.slotHoards = true;
  else if (id === 'stale_key') leaveKey(sim);
  else if (id === 'site_lost') for (const one of sim.members) strike(sim, 'power_off', one);
  else if (member !== undefined) strike(sim, id, member);
  if (sim.dcs.quorum() !== before) sim.dcs.quorumChanged(sim.now);
  refreshStreams(sim);
}

function leftKey({ spec }: Sim): string {
  return `members/${spec.scope}-retired`;
}

/** Without a lease, as nobody but a person or a restore writes it; its address is nobody's. */
function leaveKey(sim: Sim): void {
  sim.write(leftKey(sim), {
    conn_url: 'postgres://192.0.2.77:5432/postgres',
    api_url: 'http://192.0.2.77:8008/patroni',
    state: 'running',
    role: 'replica',
    version: sim.spec.version,
    xlog_location: 67_108_864,
    timeline: 1,
  });
}

function loseQuorum(sim: Sim): void {
  sim.dcs.down = true;
  for (const member of sim.members)
    if (member.hasEtcd) sim.note(member, 'etcd', 'leader failed to send out heartbeat on time; no leader', 'WARNING');
}

function strike(
  sim: Sim,
  id: Exclude<FaultId, 'dcs_down' | 'candidate_dies' | 'slot_hoards' | 'stale_key' | 'site_lost'>,
  member: MemberState,
): void {
  switch (id) {
    case 'crash':
      return crash(sim, member);
    case 'postgres_crash': {
      if (member.state !== 'running') return;
      sim.note(member, 'postgresql', 'LOG:  server process (PID 1240) was terminated by signal 9: Killed', 'ERROR');
      halt(sim, member, 'crashed');
      member.recovering = true;
      sim.log(member, 'Postgresql is not running.', 'ERROR');
      return wake(sim, member, 1500);
    }
    case 'power_off': {
      // The plug leaves no time for a last line.
      member.power = false;
      crash(sim, member);
      return;
    }
    case 'power_on':
      return powerOn(sim, member);
    case 'lag': {
      member.lagging = true;
      return setPace(sim, member);
    }
    case 'partition': {
      member.partitioned = true;
      return;
    }
    case 'broken_replica':
      return breakReplica(sim, member);
    case 'balancer_blind':
      member.balancerBlind = true;
      return;
    case 'etcd_slow':
      member.etcdSlow = member.hasEtcd;
      return;
  }
}

function crash(sim: Sim, member: MemberState): void {
  sim.note(member, 'systemd', 'patroni.service: Main process exited, code=killed, status=9/KILL', 'WARNING');
  sim.note(member, 'systemd', "patroni.service: Failed with result 'signal'.", 'WARNING');
  halt(sim, member, 'crashed');
  member.recovering = false;
  member.agent = false;
  member.work = null;
  member.scheduledRestart = null;
}

/** Patroni is stopped cleanly: its PostgreSQL stops with it, and a leader gives its lock back. */
export function stopPatroni(sim: Sim, member: MemberState): void {
  if (!member.agent) return;
  sim.log(member, 'received SIGTERM, shutting down');
  const led = sim.leaderName() === member.name;
  halt(sim, member, 'stopped');
  member.agent = false;
  member.work = null;
  member.lease = null;
  if (!sim.dcsReachable(member)) return;
  sim.remove(`members/${member.name}`);
  if (!led) return;
  sim.remove('leader');
  for (const other of sim.members) if (other !== member) wake(sim, other, durations.wake);
}

/** Patroni is started by systemd. */
export function startPatroni(sim: Sim, member: MemberState): void {
  if (member.agent) return;
  sim.log(member, 'started by systemd');
  powerOn(sim, member);
}

/** etcd on one server is stopped or started. */
export function setEtcd(sim: Sim, member: MemberState, stopped: boolean): void {
  const before = sim.dcs.quorum();
  member.etcdStopped = stopped;
  sim.note(member, 'etcd', stopped ? 'closed etcd server' : 'ready to serve client requests');
  if (sim.dcs.quorum() !== before) sim.dcs.quorumChanged(sim.now);
}

function powerOn(sim: Sim, member: MemberState): void {
  const booted = !member.power;
  member.power = true;
  if (booted && member.hasEtcd) sim.note(member, 'etcd', 'starting an etcd server');
  if (member.agent) return;
  sim.note(member, 'systemd', 'Started patroni.service - Runners to orchestrate a high-availability PostgreSQL.');
  member.agent = true;
  member.lease = null;
  wake(sim, member, 500);
}

/** The Patroni of a member is stopped by a signal, or goes on. */
export function setFrozen(sim: Sim, member: MemberState, frozen: boolean): void {
  if (member.frozen === frozen) return;
  member.frozen = frozen;
  if (!frozen) wake(sim, member, 20);
}

/** The network of a member's server is there again. */
export function joinNetwork(sim: Sim, member: MemberState): void {
  if (!member.partitioned) return;
  const before = sim.dcs.quorum();
  member.partitioned = false;
  if (sim.dcs.quorum() !== before) sim.dcs.quorumChanged(sim.now);
  refreshStreams(sim);
  wake(sim, member, 20);
}

/** The server of a member restarts: Patroni stops in order, and is back after a while. */
export function reboot(sim: Sim, member: MemberState): void {
  stopPatroni(sim, member);
  sim.after(6000, () => startPatroni(sim, member));
}

function breakReplica(sim: Sim, member: MemberState): void {
  if (isWritable(member)) return;
  const lsn = sim.position(member);
  member.broken = true;
  member.timeline = Math.max(1, (sim.member(sim.leaderName())?.timeline ?? member.timeline) - 1);
  refreshStreams(sim);
  member.wal = { kind: 'still', lsn };
  wake(sim, member, 20);
}

/** Takes every fault away. */
export function healFaults(sim: Sim): void {
  const before = sim.dcs.quorum();
  sim.dcs.down = false;
  sim.candidateDies = false;
  sim.slotHoards = false;
  sim.remove(leftKey(sim));
  for (const member of sim.members) {
    member.partitioned = false;
    member.etcdStopped = false;
    member.lagging = false;
    member.broken = false;
    member.balancerBlind = false;
    member.frozen = false;
    member.etcdSlow = false;
    powerOn(sim, member);
    setPace(sim, member);
  }
  if (sim.dcs.quorum() !== before) sim.dcs.quorumChanged(sim.now);
  refreshStreams(sim);
  for (const member of sim.members) wake(sim, member, 300 * sim.random());
}
