import { isBarred, standsReady } from '../model/election';
import { wake } from '../model/ha';
import type { JsonObject } from '../model/json';
import { syncStandbys } from '../model/keys';
import { flagOf, numberOf, syncModeOf } from '../model/settings';
import type { Sim } from '../model/sim';
import type { MemberState } from '../model/types';
import { atLeast } from '../model/version';
import { empty, textAnswer } from './answer';
import type { SimAnswer } from './answer';
import { parseSchedule } from './schedule';

/** Which of the two was asked for (patroni/api.py, do_POST_failover). Since 3.2.0 `failover` with a leader becomes a switchover. */
export type HandoverAction = 'switchover' | 'failover';

interface HandoverRequest {
  readonly action: HandoverAction;
  readonly leader: string | null;
  readonly candidate: string | null;
  readonly scheduledAt: string | null;
  /** ms, for a scheduled one. */
  readonly at: number | null;
}

/** POST /switchover and /failover: checks, writes the `failover` key, and answers when the end is known. */
export function handover(
  sim: Sim,
  member: MemberState,
  action: HandoverAction,
  body: JsonObject,
  reply: (answer: SimAnswer) => void,
): void {
  const request = readRequest(sim, action, body);
  if ('code' in request) return reply(textAnswer(request.code, request.text));
  const reason = request.at === null ? whyNot(sim, member, request) : null;
  if (reason !== null) return reply(textAnswer(412, reason));
  if (losesWrite(sim, member))
    return void sim.at(sim.now + CONNECT_TIMEOUT_MS, () => {
      reply(textAnswer(503, `failed to write ${keyNamed(sim, request.action)} key into DCS`));
    });
  const oldLeader = sim.leaderName();
  sim.write('failover', {
    ...(request.leader === null ? {} : { leader: request.leader }),
    ...(request.candidate === null ? {} : { member: request.candidate }),
    ...(request.scheduledAt === null ? {} : { scheduled_at: request.scheduledAt }),
  });
  wake(sim, member, 10);
  if (request.at === null) return poll(sim, member, request, oldLeader, 0, reply);
  wakeLeaderAt(sim, request.at);
  reply(textAnswer(202, `${titleOf(request.action)} scheduled`));
}

/**
 * How long Patroni tries to reach one of three members of etcd when it writes (patroni/dcs/etcd.py,
 * _calculate_timeouts: half of a third of retry_timeout).
 */
const CONNECT_TIMEOUT_MS = 1700;

/**
 * A write is tried with one member of etcd; where that one is gone it is lost, and the next goes to another
 * (patroni/dcs/etcd.py, _do_http_request).
 */
function losesWrite(sim: Sim, member: MemberState): boolean {
  const isGone = member.etcdOn !== null && sim.member(member.etcdOn)?.power === false;
  if (isGone) member.etcdOn = null;
  return isGone;
}

/** Before 3.2 the answer named the action. */
function keyNamed(sim: Sim, action: HandoverAction): HandoverAction {
  return atLeast(sim.spec.version, '3.2.0') ? 'failover' : action;
}

function wakeLeaderAt(sim: Sim, at: number): void {
  sim.at(at, () => {
    const leader = sim.member(sim.leaderName());
    if (leader !== undefined) wake(sim, leader, 0);
  });
}

function readRequest(
  sim: Sim,
  action: HandoverAction,
  body: JsonObject,
): HandoverRequest | { code: number; text: string } {
  const name = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
  const leader = name(body.leader);
  const candidate = name(body.candidate) ?? name(body.member);
  const scheduledAt = name(body.scheduled_at);
  const strict = atLeast(sim.spec.version, '3.2.0');
  const refused = strict
    ? refusal(sim, action, leader, candidate, scheduledAt)
    : oldRefusal(sim, action, leader, candidate, scheduledAt);
  if (refused !== null) return { code: 400, text: refused };
  const final = strict && action === 'failover' && leader !== null ? 'switchover' : action;
  if (scheduledAt === null) return { action: final, leader, candidate, scheduledAt, at: null };
  const schedule = parseSchedule(scheduledAt, action, sim.now);
  return 'at' in schedule ? { action: final, leader, candidate, scheduledAt, at: schedule.at } : schedule;
}

function refusal(
  sim: Sim,
  action: HandoverAction,
  leader: string | null,
  candidate: string | null,
  scheduledAt: string | null,
): string | null {
  const paused = flagOf(sim.config(), 'pause');
  const onesided = missingSide(action, leader, candidate);
  if (onesided !== null) return onesided;
  if (action === 'failover' && scheduledAt !== null) return "Failover can't be scheduled";
  if (paused && scheduledAt !== null) return "Can't schedule switchover in the paused state";
  if (paused && candidate === null) return 'Switchover is possible only to a specific candidate in a paused state';
  return leader !== null && leader === candidate ? 'Switchover target and source are the same' : null;
}

/** The checks before 3.2.0: a failover could be scheduled, and a switchover to the leader itself was not noticed here. */
function oldRefusal(
  sim: Sim,
  action: HandoverAction,
  leader: string | null,
  candidate: string | null,
  scheduledAt: string | null,
): string | null {
  const paused = flagOf(sim.config(), 'pause');
  const title = titleOf(action);
  const onesided = missingSide(action, leader, candidate);
  if (onesided !== null) return onesided;
  if (scheduledAt !== null && leader === null) return `Scheduled ${action} is possible only from a specific leader`;
  if (paused && scheduledAt !== null) return `Can't schedule ${action} in the paused state`;
  return paused && candidate === null ? `${title} is possible only to a specific candidate in a paused state` : null;
}

function missingSide(action: HandoverAction, leader: string | null, candidate: string | null): string | null {
  if (action === 'failover' && candidate === null) return 'Failover could be performed only to a specific candidate';
  return action === 'switchover' && leader === null
    ? 'Switchover could be performed only from a specific leader'
    : null;
}

function titleOf(action: HandoverAction): string {
  return action === 'switchover' ? 'Switchover' : 'Failover';
}

function whyNot(sim: Sim, member: MemberState, { action, leader, candidate }: HandoverRequest): string | null {
  const current = sim.leaderName();
  const mode = syncModeOf(sim.config());
  if (leader !== null && current !== leader) return 'leader name does not match';
  if (candidate !== null && action === 'switchover' && mode === 'on' && !syncStandbys(sim).includes(candidate))
    return 'candidate name does not match with sync_standby';
  const known = sim.members.filter((m) => sim.read(`members/${m.name}`) !== null);
  const anybody = (name: string): boolean => (mode === 'off' ? name !== current : syncStandbys(sim).includes(name));
  const possible = known.filter((m) => (candidate === null ? anybody(m.name) : m.name === candidate));
  if (possible.length === 0) return missing(action, candidate, mode);
  return possible.some((m) => standsReady(sim, member, m) && !isBarred(m))
    ? null
    : `${action} is not possible: no good candidates have been found`;
}

function missing(action: HandoverAction, candidate: string | null, mode: 'off' | 'on' | 'quorum'): string {
  if (candidate !== null) return 'candidate does not exists';
  return mode === 'off'
    ? `${action} is not possible: cluster does not have members except leader`
    : `${action} is not possible: can not find sync_standby`;
}

/** Looks once a second who leads, as the member that was asked does (patroni/api.py, poll_failover_result). */
function poll(
  sim: Sim,
  member: MemberState,
  request: HandoverRequest,
  oldLeader: string | null,
  turn: number,
  reply: (answer: SimAnswer) => void,
): void {
  const turns = 2 * Math.max(10, numberOf(sim.config(), 'loop_wait', 10));
  const title = titleOf(request.action);
  if (turn >= turns) return reply(textAnswer(503, `${title} status unknown`));
  sim.after(1000, () => {
    if (!member.power || !member.agent) return reply(empty);
    if (!sim.dcsReachable(member)) return poll(sim, member, request, oldLeader, turn + 1, reply);
    const leader = sim.leaderName();
    if (leader !== null && leader !== oldLeader) return reply(textAnswer(200, outcome(request, leader)));
    if (sim.failover() === null) return reply(textAnswer(503, `${title} failed`));
    poll(sim, member, request, oldLeader, turn + 1, reply);
  });
}

function outcome(request: HandoverRequest, leader: string): string {
  const verb = request.action === 'switchover' ? 'switched' : 'failed';
  if (request.candidate === null || request.candidate === leader) return `Successfully ${verb} over to "${leader}"`;
  return `${verb === 'switched' ? 'Switched' : 'Failed'} over to "${leader}" instead of "${request.candidate}"`;
}
