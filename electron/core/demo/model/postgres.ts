import { parametersAtStart, pendingParameters } from './settings';
import { OTHER_SITE, type Sim } from './sim';
import type { MemberState } from './types';

/** How long things take in a small cluster, in ms of the simulated cluster's time. */
export const durations = {
  promote: 800,
  stop: 700,
  start: 1200,
  /** The start after a crash, with the log to replay: long enough to be seen. */
  recover: 12_000,
  follow: 500,
  restart: 1800,
  reinitialize: 14_000,
  catchUp: 1500,
  wake: 40,
};

/** Whether PostgreSQL answers queries. */
export function answersQueries(member: MemberState): boolean {
  return member.power && member.state === 'running';
}

/** Whether PostgreSQL takes writes. */
export function isWritable(member: MemberState): boolean {
  return answersQueries(member) && member.role === 'primary';
}

/** Whether PostgreSQL receives WAL: a replica, or the leader of a standby cluster. */
export function isReceiver({ role }: MemberState): boolean {
  return role === 'replica' || role === 'standby_leader';
}

/** The member whose PostgreSQL takes writes and holds the newest timeline. */
function primaryOf(sim: Sim): MemberState | undefined {
  return sim.members.filter(isWritable).sort((a, b) => b.timeline - a.timeline)[0];
}

/** Looks at every replica anew: who streams from whom, on which timeline. To be called after each change of a server, a role or a state. */
export function refreshStreams(sim: Sim): void {
  for (const member of sim.members) if (!canStream(sim, member)) endStream(sim, member);
  for (let round = 0; round < sim.members.length; round += 1) {
    const ready = sim.members.filter((member) => !member.streaming && canStream(sim, member));
    if (ready.length === 0) return;
    for (const member of ready) beginStream(sim, member);
  }
}

function canStream(sim: Sim, member: MemberState): boolean {
  if (member.role === 'standby_leader') return canFollowSite(sim, member);
  const upstream = sim.member(member.follows);
  if (upstream === undefined || member.broken || !answersQueries(member) || member.role !== 'replica') return false;
  if (!answersQueries(upstream) || !sim.connected(member, upstream) || upstream.timeline < member.timeline)
    return false;
  // A standby leader serves its replicas while its own site is interrupted.
  return isWritable(upstream) || upstream.streaming || upstream.role === 'standby_leader';
}

/** A cluster that is not in the demo is always there; one that is has to have a primary that goes as far as this member. */
function canFollowSite(sim: Sim, member: MemberState): boolean {
  if (!answersQueries(member)) return false;
  const source = sim.source();
  if (source === null) return member.streaming;
  const primary = primaryOf(source);
  return primary !== undefined && !primary.partitioned && primary.timeline >= member.timeline;
}

function endStream(sim: Sim, member: MemberState): void {
  if (member.wal.kind !== 'still' && !isWritable(member)) member.wal = { kind: 'still', lsn: sim.position(member) };
  if (member.streaming && answersQueries(member))
    sim.note(
      member,
      'postgresql',
      'FATAL:  could not receive data from WAL stream: server closed the connection unexpectedly',
      'ERROR',
    );
  member.streaming = false;
}

function beginStream(sim: Sim, member: MemberState): void {
  if (member.role === 'standby_leader') return beginFollowingSite(sim, member);
  const upstream = sim.member(member.follows);
  if (upstream === undefined) return;
  member.streaming = true;
  member.timeline = upstream.timeline;
  sim.note(member, 'postgresql', `LOG:  started streaming WAL from primary on timeline ${String(member.timeline)}`);
  setPace(sim, member);
}

function beginFollowingSite(sim: Sim, member: MemberState): void {
  const source = sim.source();
  const primary = source === null ? undefined : primaryOf(source);
  if (primary === undefined) return;
  const lsn = sim.position(member);
  member.streaming = true;
  member.timeline = primary.timeline;
  member.wal = {
    kind: 'catch_up',
    upstream: OTHER_SITE,
    lsn,
    at: sim.now,
    until: sim.now + durations.catchUp / sim.timeScale,
  };
  sim.note(member, 'postgresql', `LOG:  started streaming WAL from primary on timeline ${String(member.timeline)}`);
}

/** The pace of a streaming replica: slow while it lags by a fault, otherwise catching up and then level with its upstream. */
export function setPace(sim: Sim, member: MemberState): void {
  if (!member.streaming || member.follows === null) return;
  const lsn = sim.position(member);
  const upstream = member.follows;
  member.wal = member.lagging
    ? { kind: 'crawl', upstream, lsn, at: sim.now, bytesPerSecond: sim.bytesPerSecond * sim.timeScale * 0.05 }
    : { kind: 'catch_up', upstream, lsn, at: sim.now, until: sim.now + durations.catchUp / sim.timeScale };
}

/** Makes a member the primary of a new timeline. */
export function becomePrimary(sim: Sim, member: MemberState): void {
  const lsn = sim.position(member);
  member.role = 'primary';
  member.timeline += 1;
  member.follows = null;
  member.streaming = false;
  member.broken = false;
  // Who streamed from it as a standby begins anew, on its new timeline.
  for (const other of sim.members) if (other.follows === member.name) other.streaming = false;
  sim.note(member, 'postgresql', 'LOG:  received promote request');
  sim.note(member, 'postgresql', `LOG:  selected new timeline ID: ${String(member.timeline)}`);
  sim.note(member, 'postgresql', 'LOG:  database system is ready to accept connections');
  startWriting(sim, member, lsn);
}

/** Lets a member receive what another cluster writes, on the timeline that it has. */
export function becomeStandbyLeader(sim: Sim, member: MemberState): void {
  const lsn = sim.position(member);
  member.role = 'standby_leader';
  member.follows = null;
  member.broken = false;
  if (sim.source() !== null) {
    member.streaming = false;
    member.wal = { kind: 'still', lsn };
    return refreshStreams(sim);
  }
  member.streaming = true;
  sim.note(member, 'postgresql', `LOG:  started streaming WAL from primary on timeline ${String(member.timeline)}`);
  startWriting(sim, member, lsn);
}

/** Lets the workload write on a member from a position on. */
export function startWriting(sim: Sim, member: MemberState, lsn: number): void {
  member.wal = { kind: 'write', lsn, at: sim.now, bytesPerSecond: sim.bytesPerSecond * sim.timeScale };
  refreshStreams(sim);
}

/** What PostgreSQL writes when it ends so; one that crashes has no last word of its own. */
const HALT_WORDS: Readonly<
  Record<'stopped' | 'crashed' | 'stopping' | 'restarting' | 'starting', readonly HaltWord[]>
> = {
  stopped: [
    ['LOG:  received fast shutdown request', 'INFO'],
    ['LOG:  database system is shut down', 'INFO'],
  ],
  stopping: [
    ['LOG:  received fast shutdown request', 'INFO'],
    ['FATAL:  terminating connection due to administrator command', 'ERROR'],
  ],
  restarting: [['LOG:  received fast shutdown request', 'INFO']],
  starting: [],
  crashed: [],
};

type HaltWord = readonly [string, 'INFO' | 'ERROR'];

/** Stops PostgreSQL at once (a crash, or the end of a clean stop). */
export function halt(
  sim: Sim,
  member: MemberState,
  state: 'stopped' | 'crashed' | 'stopping' | 'restarting' | 'starting',
): void {
  member.wal = { kind: 'still', lsn: sim.position(member) };
  for (const [text, level] of HALT_WORDS[state]) sim.note(member, 'postgresql', text, level);
  member.state = state;
  member.streaming = false;
  refreshStreams(sim);
}

/** PostgreSQL is up again: new start time, parameters as configured now. */
export function comeUp(sim: Sim, member: MemberState, role: 'primary' | 'replica'): void {
  member.state = 'running';
  member.recovering = false;
  member.role = role;
  member.startedAt = sim.now;
  member.effective = parametersAtStart(member, role === 'primary' ? undefined : primaryOf(sim));
  member.pending = pendingParameters(member);
  if (role === 'replica') sim.note(member, 'postgresql', 'LOG:  entering standby mode');
  sim.note(
    member,
    'postgresql',
    `LOG:  database system is ready to accept ${role === 'primary' ? '' : 'read-only '}connections`,
  );
  if (role === 'primary') startWriting(sim, member, sim.position(member));
  else refreshStreams(sim);
}
