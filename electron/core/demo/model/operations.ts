import type { JsonObject } from './json';
import { touchMember } from './keys';
import { comeUp, durations, halt, answersQueries, isWritable } from './postgres';
import type { Sim } from './sim';
import type { MemberState } from './types';
import { atLeast, primaryRole } from './version';
import { busy, wake } from './ha';

/** What an operation on one member came to: the status and the text of Patroni's answer. */
export interface OperationResult {
  readonly code: number;
  readonly text: string;
}

/** Restarts PostgreSQL on a member; `done` is called when it is up again (patroni/ha.py, restart). */
export function restart(
  sim: Sim,
  member: MemberState,
  filter: JsonObject,
  serverVersion: number,
  done: (result: OperationResult) => void,
): void {
  if (member.work !== null) return done({ code: 503, text: `${workName(member)} already in progress` });
  if (!meetsConditions(sim, member, filter, serverVersion))
    return done({ code: 503, text: 'restart conditions are not satisfied' });
  const role = isWritable(member) ? 'primary' : 'replica';
  sim.log(member, 'restart initiated');
  halt(sim, member, 'restarting');
  touchSoon(sim, member);
  const { scheduledRestart } = member;
  busy(sim, member, 'restart', durations.restart, () => {
    comeUp(sim, member, role);
    if (scheduledRestart !== null && scheduledRestart === member.scheduledRestart) member.scheduledRestart = null;
    done({ code: 200, text: 'restarted successfully' });
  });
}

function workName(member: MemberState): string {
  return member.work === 'demote' || member.work === 'start' || member.work === 'dcs'
    ? 'restart'
    : (member.work ?? 'restart');
}

/** Patroni's restart filter; `restart_pending` counts by its presence (patroni/ha.py, restart_matches). */
function meetsConditions(sim: Sim, member: MemberState, filter: JsonObject, serverVersion: number): boolean {
  const own = member.role === 'primary' ? primaryRole(sim.spec.version) : member.role;
  if (typeof filter.role === 'string' && filter.role !== own) return false;
  if (typeof filter.postgres_version === 'string' && serverVersion >= numericVersion(filter.postgres_version))
    return false;
  return !('restart_pending' in filter) || Object.keys(member.pending).length > 0;
}

function numericVersion(text: string): number {
  const [major = 0, minor = 0] = text.split('.').map(Number);
  return major * 10_000 + minor;
}

/** A state that lasts shorter than a loop is seen in the DCS only because work that ends wakes the loop; its start does too. */
function touchSoon(sim: Sim, member: MemberState): void {
  sim.after(20, () => {
    if (member.power && member.agent && sim.dcsReachable(member)) touchMember(sim, member);
  });
}

/** Plans a restart. It runs at its time unless PostgreSQL was started anew meanwhile or the cluster is paused. */
export function scheduleMemberRestart(
  sim: Sim,
  member: MemberState,
  fields: JsonObject,
  at: number,
  serverVersion: number,
): boolean {
  if (member.scheduledRestart !== null) return false;
  const plan = { at, fields };
  const { startedAt } = member;
  member.scheduledRestart = plan;
  wake(sim, member, 20);
  sim.at(at, () => {
    if (member.scheduledRestart !== plan || !member.power || !member.agent || sim.paused()) return;
    member.scheduledRestart = null;
    if (member.startedAt === startedAt) restart(sim, member, fields, serverVersion, () => undefined);
  });
  return true;
}

/** Throws the data of a replica away and copies it anew (patroni/ha.py, reinitialize). The answer comes at once; the work goes on. */
export function reinitializeMember(sim: Sim, member: MemberState, force: boolean): OperationResult {
  const leader = sim.leaderName();
  if (leader === null) return { code: 503, text: 'Cluster has no leader, can not reinitialize' };
  if (leader === member.name) return { code: 503, text: 'I am the leader, can not reinitialize' };
  if (member.work !== null && !(force && member.work === 'reinitialize'))
    return { code: 503, text: `${workName(member)} already in progress` };
  sim.log(member, 'reinitialize started');
  member.follows = null;
  member.broken = false;
  halt(sim, member, 'stopping');
  member.work = null;
  busy(sim, member, 'reinitialize', durations.stop, () => copyData(sim, member));
  return { code: 200, text: 'reinitialize started' };
}

/** Copies the leader's data to a member that has none; `ms` is how long that takes. It begins anew where the leader is lost. */
export function copyData(sim: Sim, member: MemberState, ms: number = durations.reinitialize): void {
  member.state = 'creating replica';
  member.role = atLeast(sim.spec.version, '3.0.0') ? 'uninitialized' : 'replica';
  member.wal = { kind: 'still', lsn: 0 };
  member.timeline = 0;
  sim.log(member, `trying to bootstrap from leader '${sim.leaderName() ?? ''}'`);
  busy(sim, member, 'reinitialize', ms, () => {
    const leader = sim.member(sim.leaderName());
    if (leader === undefined || !answersQueries(leader) || !sim.connected(member, leader))
      return copyData(sim, member, ms);
    member.state = 'starting';
    member.role = 'replica';
    member.timeline = leader.timeline;
    member.wal = { kind: 'still', lsn: sim.position(leader) };
    member.follows = leader.name;
    sim.log(member, 'replica has been created using basebackup');
    busy(sim, member, 'start', durations.start, () => comeUp(sim, member, 'replica'));
  });
}
