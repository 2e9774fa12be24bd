import { leaseOf, readConfig, touchMember, wakeDelay, writeHistory, writeLeaderKeys } from './keys';
import { mayLead, takeLock } from './election';
import { considerFailoverKey } from './handover';
import {
  becomePrimary,
  becomeStandbyLeader,
  comeUp,
  durations,
  halt,
  answersQueries,
  isWritable,
  refreshStreams,
} from './postgres';
import { flagOf, numberOf } from './settings';
import type { Sim } from './sim';
import type { MemberState } from './types';

/** Lets a member's loop run after `ms`, unless it runs earlier anyway. */
export function wake(sim: Sim, member: MemberState, ms: number): void {
  const at = sim.now + ms / sim.timeScale;
  if (member.loop !== null && !member.loop.cancelled && member.loop.at <= at) return;
  if (member.loop !== null) member.loop.cancelled = true;
  member.loop = sim.at(at, () => runLoop(sim, member));
}

/** One turn of a member's loop (patroni/ha.py, run_cycle). The next one is due in loop_wait. */
function runLoop(sim: Sim, member: MemberState): void {
  member.loop = null;
  if (!member.power || !member.agent || member.frozen) return;
  if (sim.dcsReachable(member)) withDcs(sim, member);
  else withoutDcs(sim, member);
  wake(sim, member, sim.loopWait(member));
}

function withDcs(sim: Sim, member: MemberState): void {
  leaseOf(sim, member);
  readConfig(sim, member);
  member.lastDcs = sim.now;
  member.failsafe = false;
  if (member.work === null) decide(sim, member);
  touchMember(sim, member);
}

function decide(sim: Sim, member: MemberState): void {
  const leader = sim.leaderName();
  if (leader === null) {
    if (!startIfDown(sim, member, 'replica') && mayLead(sim, member)) seize(sim, member);
  } else if (leader === member.name) {
    lead(sim, member);
  } else {
    obey(sim, member, leader);
  }
}

function seize(sim: Sim, member: MemberState): void {
  if (sim.candidateDies) return die(sim, member);
  takeLock(sim, member);
  if (sim.followsOther()) becomeStandbyLeader(sim, member);
  else promote(sim, member);
}

function lead(sim: Sim, member: MemberState): void {
  if (startIfDown(sim, member, member.role === 'primary' ? 'primary' : 'replica')) return;
  if (sim.followsOther()) return leadStandby(sim, member);
  if (!isWritable(member)) return promote(sim, member);
  writeLeaderKeys(sim, member);
  sim.log(member, `no action. I am (${member.name}), the leader with the lock`);
  if (considerFailoverKey(sim, member)) stepDown(sim, member);
}

/** The leader of a standby cluster keeps the lock and receives; one that was a primary stops first. */
function leadStandby(sim: Sim, member: MemberState): void {
  if (isWritable(member)) return demote(sim, member);
  if (member.role !== 'standby_leader') becomeStandbyLeader(sim, member);
  else refreshStreams(sim);
  writeLeaderKeys(sim, member);
  sim.log(member, `no action. I am (${member.name}), the standby leader with the lock`);
  if (considerFailoverKey(sim, member)) stepDown(sim, member);
}

function obey(sim: Sim, member: MemberState, leader: string): void {
  if (isWritable(member)) return demote(sim, member);
  if (startIfDown(sim, member, 'replica')) return;
  if (member.role === 'standby_leader') member.role = 'replica';
  if (member.follows !== leader && !member.broken) {
    member.follows = leader;
    sim.after(durations.follow, () => refreshStreams(sim));
  }
  sim.log(member, `no action. I am (${member.name}), a secondary, and following a leader (${leader})`);
}

function startIfDown(sim: Sim, member: MemberState, role: 'primary' | 'replica'): boolean {
  if (answersQueries(member)) return false;
  if (member.state !== 'crashed' && member.state !== 'stopped') return true;
  if (flagOf(member.config, 'pause')) return true;
  start(sim, member, role);
  return true;
}

/** Starts PostgreSQL in a role; the loop runs again when it is up. */
function start(sim: Sim, member: MemberState, role: 'primary' | 'replica'): void {
  if (role === 'replica') member.role = 'replica';
  member.state = 'starting';
  sim.log(
    member,
    role === 'replica' ? 'starting as a secondary' : 'starting as readonly because i had the session lock',
  );
  const ms = member.recovering ? durations.recover : durations.start;
  busy(sim, member, 'start', ms, () => comeUp(sim, member, role));
}

/** Runs a piece of work that takes time; nothing comes of it when the member dies meanwhile. */
export function busy(
  sim: Sim,
  member: MemberState,
  work: NonNullable<MemberState['work']>,
  ms: number,
  done: () => void,
): void {
  member.work = work;
  sim.after(ms, () => {
    if (!member.power || !member.agent || member.work !== work) return;
    member.work = null;
    done();
    wake(sim, member, 20);
  });
}

function promote(sim: Sim, member: MemberState): void {
  sim.log(member, 'promoted self to leader by acquiring session lock');
  member.role = 'promoted';
  busy(sim, member, 'promote', durations.promote, () => {
    if (sim.leaderName() !== member.name) {
      member.role = 'replica';
      return;
    }
    const lsn = sim.position(member);
    becomePrimary(sim, member);
    writeHistory(sim, member, lsn);
  });
}

function die(sim: Sim, member: MemberState): void {
  sim.candidateDies = false;
  sim.note(member, 'systemd', 'patroni.service: Main process exited, code=killed, status=9/KILL', 'WARNING');
  member.agent = false;
  halt(sim, member, 'crashed');
}

/** The old leader gives the lock away in order: stop, release, start again as a replica (patroni/ha.py, demote "graceful"). */
function stepDown(sim: Sim, member: MemberState): void {
  sim.log(member, 'manual failover: demoting myself');
  halt(sim, member, 'stopping');
  busy(sim, member, 'demote', durations.stop, () => {
    member.state = 'stopped';
    member.role = 'demoted';
    if (sim.dcsReachable(member) && sim.leaderName() === member.name) sim.remove('leader');
    busy(sim, member, 'demote', 2000, () => start(sim, member, 'replica'));
    if (sim.dcsReachable(member)) touchMember(sim, member);
  });
}

/** A primary that finds another leader: stop at once, rewind, start as a replica. */
function demote(sim: Sim, member: MemberState): void {
  sim.log(member, 'demoting self because i do not have the lock and i was a leader', 'WARNING');
  halt(sim, member, 'stopping');
  busy(sim, member, 'demote', durations.stop, () => start(sim, member, 'replica'));
}

function withoutDcs(sim: Sim, member: MemberState): void {
  if (!isWritable(member) || member.work !== null || flagOf(member.config, 'pause')) return;
  sim.log(member, 'DCS is not accessible', 'ERROR');
  if (failsafeHolds(sim, member)) {
    member.failsafe = true;
    return;
  }
  busy(sim, member, 'dcs', numberOf(member.config, 'retry_timeout', 10) * 1000, () => {
    if (sim.dcsReachable(member) || failsafeHolds(sim, member)) return;
    sim.log(member, 'demoting self because DCS is not accessible and I was a leader', 'WARNING');
    halt(sim, member, 'stopping');
    busy(sim, member, 'demote', durations.stop, () => start(sim, member, 'replica'));
  });
}

function failsafeHolds(sim: Sim, member: MemberState): boolean {
  if (!flagOf(member.config, 'failsafe_mode')) return false;
  return sim.members.every((other) => other === member || (sim.connected(member, other) && other.agent));
}

/**
 * Wakes who watches the DCS: everybody for the leader and the configuration, the replicas for the leader's status
 * (patroni/dcs/etcd3.py, _process_event).
 */
export function watchDcs(sim: Sim): () => void {
  return sim.store.onChange(({ events }) => {
    for (const event of events) {
      const key = Buffer.from(event.kv.key, 'latin1').toString('utf8');
      if (!key.startsWith(sim.prefix)) continue;
      const name = key.slice(sim.prefix.length);
      const sameValue = event.previous !== null && event.type === 'put' && event.previous.value.equals(event.kv.value);
      if (!sameValue && ['leader', 'config', 'status'].includes(name)) wakeWatchers(sim, name);
    }
  });
}

function wakeWatchers(sim: Sim, name: string): void {
  const leader = sim.leaderName();
  for (const member of sim.members) {
    const watches = name === 'config' || member.name !== leader;
    if (watches && member.agent && sim.dcsReachable(member)) wake(sim, member, wakeDelay(sim));
  }
}
