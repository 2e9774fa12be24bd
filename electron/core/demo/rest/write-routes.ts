import { isObject, parseJson, patched } from '../model/json';
import type { Json, JsonObject } from '../model/json';
import { wake } from '../model/ha';
import { reinitializeMember, restart, scheduleMemberRestart } from '../model/operations';
import { reloadOwnFile } from '../model/own-file';
import { flagOf } from '../model/settings';
import type { Sim } from '../model/sim';
import type { MemberState } from '../model/types';
import { atLeast } from '../model/version';
import { empty, json, textAnswer } from './answer';
import type { SimAnswer, RestRequest } from './answer';
import { serverVersion } from './patroni-status';
import { parseSchedule } from './schedule';
import { handover } from './switchover';

type Reply = (answer: SimAnswer) => void;

/** Every writing call of Patroni's REST API. `reply` is called once, for some calls much later (patroni/api.py). */
export function answerWrite(sim: Sim, member: MemberState, request: RestRequest, reply: Reply): void {
  const required = (use: (body: JsonObject) => void): void => withBody(request, false, reply, use);
  const optional = (use: (body: JsonObject) => void): void => withBody(request, true, reply, use);
  switch (`${request.method} ${request.name}`) {
    case 'PATCH config':
      return required((body) => patchConfig(sim, member, body, reply));
    case 'PUT config':
      return required((body) => putConfig(sim, member, body, reply));
    case 'POST reload':
      reloadOwnFile(sim, member);
      return reply(textAnswer(202, 'reload scheduled'));
    case 'POST restart':
      return optional((body) => postRestart(sim, member, body, reply));
    case 'DELETE restart':
      return deleteRestart(sim, member, reply);
    case 'POST reinitialize':
      return optional((body) => postReinitialize(sim, member, body, reply));
    case 'POST switchover':
      return required((body) => postHandover(sim, member, 'switchover', body, reply));
    case 'POST failover':
      return required((body) => postHandover(sim, member, 'failover', body, reply));
    case 'DELETE switchover':
      return deleteSwitchover(sim, member, reply);
    default:
      return reply(textAnswer(501, `Unsupported method ('${request.method}')`));
  }
}

/** Hands the body on as an object, or gives Patroni's answer to one that is none. */
function withBody(request: RestRequest, optional: boolean, reply: Reply, use: (body: JsonObject) => void): void {
  if (!request.hasLength && !optional) return reply(textAnswer(411, 'Length Required'));
  const body = request.body === '' && optional ? {} : parseJson(request.body);
  if (!isObject(body) || (!optional && Object.keys(body).length === 0)) return reply(textAnswer(400, 'Bad Request'));
  use(body);
}

function patchConfig(sim: Sim, member: MemberState, body: JsonObject, reply: Reply): void {
  if (!sim.dcsReachable(member)) return reply(empty);
  if (sim.read('config') === null) return reply(textAnswer(503, ''));
  const config = patched(sim.config(), body);
  sim.write('config', config);
  wake(sim, member, 10);
  reply(json(200, config));
}

function putConfig(sim: Sim, member: MemberState, body: JsonObject, reply: Reply): void {
  if (!sim.dcsReachable(member)) return reply(empty);
  sim.write('config', body);
  reply(json(200, body));
}

function postRestart(sim: Sim, member: MemberState, body: JsonObject, reply: Reply): void {
  if (!sim.dcsReachable(member)) return reply(empty);
  if ('schedule' in body && flagOf(sim.config(), 'pause'))
    return reply(textAnswer(500, "Can't schedule restart in the paused state"));
  const wrong = wrongFilter(sim, body);
  if (wrong !== null) return reply(textAnswer(400, wrong));
  if ('schedule' in body) return planRestart(sim, member, body, reply);
  restart(sim, member, body, serverVersion(sim), ({ code, text: answer }) => reply(textAnswer(code, answer)));
}

/** The first thing that is wrong with a restart's filter, in the order of its keys. */
function wrongFilter(sim: Sim, body: JsonObject): string | null {
  for (const [key, value] of Object.entries(body)) {
    const wrong = wrongCondition(sim, key, value);
    if (wrong !== null) return wrong;
  }
  return null;
}

function wrongCondition(sim: Sim, key: string, value: Json): string | null {
  const recent = atLeast(sim.spec.version, '4.0.0');
  switch (key) {
    case 'schedule':
    case 'restart_pending':
      return null;
    case 'role': {
      if (
        (recent ? ['primary', 'standby_leader', 'replica'] : ['master', 'primary', 'replica']).includes(String(value))
      )
        return null;
      return recent
        ? 'PostgreSQL role should be either primary, standby_leader, or replica'
        : 'PostgreSQL role should be either primary or replica';
    }
    case 'postgres_version':
      return /^\d+(\.\d+){1,2}$/.test(String(value)) ? null : `Invalid PostgreSQL version: ${String(value)}`;
    case 'timeout':
      return Number(value) > 0 ? null : 'Timeout should be a positive number of seconds';
    default:
      return `Unknown filter for the scheduled restart: ${key}`;
  }
}

function planRestart(sim: Sim, member: MemberState, body: JsonObject, reply: Reply): void {
  const schedule = parseSchedule(body.schedule, 'restart', sim.now);
  if ('code' in schedule) return reply(textAnswer(schedule.code, schedule.text));
  const planned = scheduleMemberRestart(sim, member, body, schedule.at, serverVersion(sim));
  reply(planned ? textAnswer(202, 'Restart scheduled') : textAnswer(409, 'Another restart is already scheduled'));
}

function deleteRestart(sim: Sim, member: MemberState, reply: Reply): void {
  if (member.scheduledRestart === null) return reply(textAnswer(404, 'no restarts are scheduled'));
  member.scheduledRestart = null;
  wake(sim, member, 20);
  reply(textAnswer(200, 'scheduled restart deleted'));
}

function postReinitialize(sim: Sim, member: MemberState, body: JsonObject, reply: Reply): void {
  if (!sim.dcsReachable(member)) return reply(empty);
  const { code, text: answer } = reinitializeMember(sim, member, body.force === true);
  reply(textAnswer(code, answer));
}

function postHandover(
  sim: Sim,
  member: MemberState,
  action: 'switchover' | 'failover',
  body: JsonObject,
  reply: Reply,
): void {
  if (!sim.dcsReachable(member)) return reply(empty);
  handover(sim, member, action, body, reply);
}

function deleteSwitchover(sim: Sim, member: MemberState, reply: Reply): void {
  if (!sim.dcsReachable(member)) return reply(empty);
  const failover = sim.failover();
  if (failover === null || failover.scheduledAt === null) return reply(textAnswer(404, 'no switchover is scheduled'));
  sim.write('failover', {});
  reply(textAnswer(200, 'scheduled switchover deleted'));
}
