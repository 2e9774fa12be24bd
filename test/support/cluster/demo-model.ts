import { makeCluster } from '../../../electron/core/demo/model/cluster';
import type { JsonObject } from '../../../electron/core/demo/model/json';
import type { Sim } from '../../../electron/core/demo/model/sim';
import type { MemberState } from '../../../electron/core/demo/model/types';
import type { SimAnswer } from '../../../electron/core/demo/rest/answer';
import { answerGet } from '../../../electron/core/demo/rest/get-routes';
import { answerWrite } from '../../../electron/core/demo/rest/write-routes';

/** When every modelled cluster of the tests begins, ms. */
const BEGIN = Date.UTC(2026, 0, 1);

/** A cluster that lives only by `sim.advance`. */
export function simulateCluster(
  options: { version?: string; members?: number; seed?: number; config?: JsonObject } = {},
): Sim {
  return makeCluster(
    {
      scope: 'orders',
      members: options.members ?? 3,
      version: options.version ?? '4.0.7',
      ...(options.config === undefined ? {} : { config: options.config }),
    },
    { index: 0, seed: options.seed ?? 1, timeScale: 1, now: BEGIN },
  );
}

/** Lets seconds pass. */
export function advanceTime(sim: Sim, seconds: number): void {
  sim.advance(sim.now + seconds * 1000);
}

/** The member of this name; throws when there is none. */
export function memberNamed(sim: Sim, name: string): MemberState {
  const member = sim.member(name);
  if (member === undefined) throw new Error(`The cluster has no member ${name}.`);
  return member;
}

/** Calls a member's REST API; a late answer is waited for as long as the call takes in the cluster's time, at most two minutes. */
export function callMember(sim: Sim, member: string, line: string, body?: JsonObject): SimAnswer {
  const [method = 'GET', path = '/'] = line.split(' ');
  const url = new URL(path, 'http://member');
  const request = {
    method,
    name: url.pathname.slice(1),
    query: url.searchParams,
    body: body === undefined ? '' : JSON.stringify(body),
    hasLength: body !== undefined,
  };
  if (method === 'GET') return answerGet(sim, memberNamed(sim, member), request);
  const answers: SimAnswer[] = [];
  answerWrite(sim, memberNamed(sim, member), request, (answer) => {
    answers.push(answer);
  });
  for (let waited = 0; answers.length === 0 && waited < 1200; waited += 1) advanceTime(sim, 0.1);
  const [answer] = answers;
  if (answer === undefined) throw new Error(`${line} was not answered within two minutes.`);
  return answer;
}

/** The answer in one line: `412 candidate does not exists`, or `empty`. */
export function statusLine(answer: SimAnswer): string {
  if (answer.kind === 'empty') return 'empty';
  return answer.kind === 'text'
    ? `${String(answer.code)} ${answer.body}`
    : `${String(answer.code)} ${JSON.stringify(answer.body)}`;
}
