import { busy, wake } from './ha';
import type { JsonObject } from './json';
import { leaseOf, writeLeaderKeys } from './keys';
import { copyData } from './operations';
import { comeUp, durations } from './postgres';
import { desiredParameters } from './settings';
import type { Sim } from './sim';
import type { MemberState } from './types';

/** Where the log of a fresh PostgreSQL stands after initdb, in bytes. */
const FIRST_LSN = 24_117_248;

/** How long initdb takes, and how long the copy of a database without data, ms of the simulated cluster's time. */
const INITDB_MS = 2_500;
const COPY_MS = 2_500;
/** How often a member without data looks for a leader to copy from, ms. */
const LOOK_MS = 400;

/**
 * Patroni starts on a server without data. The first one makes the cluster with this dynamic configuration; the others copy from it
 * (patroni/ha.py, bootstrap and post_bootstrap). `made` is called when the cluster has its first primary.
 */
export function bootstrapMember(sim: Sim, member: MemberState, config: JsonObject, made: () => void): void {
  member.agent = true;
  member.config = config;
  member.effective = desiredParameters(config);
  if (sim.read('initialize') === null && sim.dcsReachable(member)) makeCluster(sim, member, config, made);
  else awaitLeader(sim, member);
  wake(sim, member, 20);
}

function makeCluster(sim: Sim, member: MemberState, config: JsonObject, made: () => void): void {
  sim.write('initialize', '');
  sim.log(member, 'trying to bootstrap a new cluster');
  member.state = 'initializing new cluster';
  busy(sim, member, 'start', INITDB_MS, () => {
    member.state = 'starting';
    busy(sim, member, 'start', durations.start, () => {
      member.timeline = 1;
      member.wal = { kind: 'still', lsn: FIRST_LSN };
      sim.write('initialize', sim.systemIdentifier);
      sim.write('config', config);
      sim.write('leader', member.name, leaseOf(sim, member));
      comeUp(sim, member, 'primary');
      writeLeaderKeys(sim, member);
      sim.log(member, 'initialized a new cluster');
      made();
    });
  });
}

function awaitLeader(sim: Sim, member: MemberState): void {
  sim.log(member, 'waiting for leader to bootstrap');
  busy(sim, member, 'reinitialize', LOOK_MS, () => {
    const leader = sim.member(sim.leaderName());
    if (leader?.state !== 'running') return awaitLeader(sim, member);
    member.state = 'creating replica';
    sim.log(member, `trying to bootstrap from leader '${leader.name}'`);
    copyData(sim, member, COPY_MS);
  });
}
