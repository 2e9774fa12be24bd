import { exceedsLag, standsReady } from './election';
import { syncStandbys } from './keys';
import { flagOf, syncModeOf } from './settings';
import type { Sim } from './sim';
import type { SimFailoverKey, MemberState } from './types';

/** What the leader makes of the `failover` key (patroni/ha.py, process_manual_failover_from_leader). True: step down now. */
export function considerFailoverKey(sim: Sim, leader: MemberState): boolean {
  const key = sim.failover();
  if (key === null) return false;
  if (key.scheduledAt !== null && !isTime(sim, leader, key)) return false;
  if (key.leader !== null && key.leader !== leader.name)
    return refuse(sim, leader, `leader name does not match: ${key.leader} != ${leader.name}`);
  if (key.member === leader.name) return refuse(sim, leader, 'I am already the leader, no need to failover');
  const candidates =
    key.member === null ? sim.members.filter((m) => m !== leader) : sim.members.filter((m) => m.name === key.member);
  const possible = candidates.some((member) => canTakeOver(sim, leader, member, key));
  return possible || refuse(sim, leader, 'no healthy members found, failover is not possible');
}

function isTime(sim: Sim, leader: MemberState, key: SimFailoverKey): boolean {
  const due = Date.parse(key.scheduledAt ?? '');
  if (flagOf(leader.config, 'pause')) return false;
  if (sim.now >= due)
    return (
      sim.now - due <= (sim.loopWait(leader) * 1.5) / sim.timeScale ||
      refuse(sim, leader, 'found a stale manual failover value, cleaning up')
    );
  return false;
}

function refuse(sim: Sim, leader: MemberState, reason: string): false {
  sim.log(leader, `manual failover: ${reason}`, 'WARNING');
  sim.write('failover', {});
  return false;
}

function canTakeOver(sim: Sim, leader: MemberState, member: MemberState, key: SimFailoverKey): boolean {
  if (!standsReady(sim, leader, member)) return false;
  if (key.leader === null) return true;
  if (exceedsLag(sim, member)) {
    sim.log(leader, `Member ${member.name} exceeds maximum replication lag`);
    return false;
  }
  return syncModeOf(leader.config) === 'off' || syncStandbys(sim).includes(member.name);
}
