import { leaseOf, optime, syncStandbys } from './keys';
import { answersQueries, isWritable } from './postgres';
import { flagOf, numberOf, syncModeOf } from './settings';
import type { Sim } from './sim';
import type { MemberState } from './types';

/** Takes the lock for a member that may lead; the requested failover is done with it. */
export function takeLock(sim: Sim, member: MemberState): void {
  const failover = sim.failover();
  sim.store.transact(() => {
    sim.write('leader', member.name, leaseOf(sim, member));
    if (failover !== null) sim.write('failover', {});
  });
}

/** Whether a member may take the lock while nobody holds it (patroni/ha.py, is_healthiest_node and manual_failover_process_no_leader). */
export function mayLead(sim: Sim, member: MemberState): boolean {
  if (!answersQueries(member)) return false;
  if (flagOf(member.config, 'pause')) return isWritable(member) || sim.failover()?.member === member.name;
  const failover = sim.failover();
  if (failover !== null) {
    const requested = sim.member(failover.member);
    if (requested === member) return true;
    if (requested !== undefined && standsReady(sim, member, requested)) return false;
    if (failover.leader === member.name) return false;
  }
  return !isBarred(member) && inSync(sim, member) && isHealthiest(sim, member);
}

/** Whether a member's tags keep it from ever leading. */
export function isBarred(member: MemberState): boolean {
  return member.tags.nofailover === true || member.tags.failover_priority === 0;
}

/** Whether another member answers and could take the lock. */
export function standsReady(sim: Sim, viewer: MemberState, other: MemberState): boolean {
  return other.agent && answersQueries(other) && sim.connected(viewer, other) && !isBarred(other);
}

function inSync(sim: Sim, member: MemberState): boolean {
  if (syncModeOf(member.config) === 'off' || sim.read('sync') === null) return true;
  return sim.readObject('sync')?.leader === member.name || syncStandbys(sim).includes(member.name);
}

/** Nobody who answers is ahead, and not too much is missing (patroni/ha.py, _is_healthiest_node). */
function isHealthiest(sim: Sim, member: MemberState): boolean {
  const position = sim.position(member);
  if (exceedsLag(sim, member)) {
    sim.log(member, 'My wal position exceeds maximum replication lag', 'WARNING');
    return false;
  }
  return sim.members.every(
    (other) =>
      other === member || !standsReady(sim, member, other) || !inSync(sim, other) || sim.position(other) <= position,
  );
}

/** Whether more is missing on a member than maximum_lag_on_failover lets pass, in bytes. */
export function exceedsLag(sim: Sim, member: MemberState): boolean {
  return optime(sim) - sim.position(member) > numberOf(member.config, 'maximum_lag_on_failover', 1_048_576);
}
