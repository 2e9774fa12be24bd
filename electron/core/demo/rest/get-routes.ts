import { parseJson } from '../model/json';
import { answersQueries, isWritable } from '../model/postgres';
import { flagOf } from '../model/settings';
import type { Sim } from '../model/sim';
import type { MemberState } from '../model/types';
import { atLeast } from '../model/version';
import { empty, json, textAnswer } from './answer';
import type { SimAnswer, RestRequest } from './answer';
import { clusterView } from './cluster-view';
import { metrics } from './metrics';
import { healthCheck, patroniStatus } from './patroni-status';

/** Every GET of Patroni's REST API (patroni/api.py). Paths that it does not know are health checks that say no. */
export function answerGet(sim: Sim, member: MemberState, request: RestRequest): SimAnswer {
  switch (request.name) {
    case 'patroni':
      return json(200, patroniStatus(sim, member));
    case 'cluster':
      return sim.dcsReachable(member) ? json(200, clusterView(sim)) : empty;
    case 'history':
      return json(200, parseJson(sim.read('history') ?? '[]') ?? []);
    case 'config':
      return config(sim);
    case 'failsafe':
      return failsafe(sim, member, request);
    case 'metrics':
      return { kind: 'text', code: 200, body: metrics(sim, member), headers: { 'Content-Type': 'text/plain' } };
    case 'liveness':
      return verdict(isAlive(sim, member));
    case 'readiness':
      return verdict(isReady(sim, member));
    default:
      return json(healthCheck(sim, member, request.name, request.query) ? 200 : 503, patroniStatus(sim, member));
  }
}

function config(sim: Sim): SimAnswer {
  return sim.read('config') === null ? textAnswer(502, '') : json(200, sim.config());
}

function verdict(good: boolean): SimAnswer {
  return textAnswer(good ? 200 : 503, '');
}

function failsafe(sim: Sim, member: MemberState, request: RestRequest): SimAnswer {
  if (!atLeast(sim.spec.version, '3.0.0')) return json(503, patroniStatus(sim, member));
  const known = sim.readObject('failsafe');
  return known === null || request.method !== 'GET' ? textAnswer(502, '') : json(200, known);
}

function isAlive(sim: Sim, member: MemberState): boolean {
  if (flagOf(member.config, 'pause')) return true;
  const ttl = Number(member.config.ttl ?? 30) * 1000 * (isWritable(member) ? 1 : 2);
  return (sim.now - member.lastDcs) * sim.timeScale < ttl + sim.loopWait(member);
}

function isReady(sim: Sim, member: MemberState): boolean {
  if (isWritable(member)) return true;
  if (!atLeast(sim.spec.version, '4.1.0')) return answersQueries(member) || sim.leaderName() === member.name;
  return member.streaming;
}
