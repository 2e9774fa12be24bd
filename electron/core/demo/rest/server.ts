import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpOnStreams } from '../http/http-on-streams';
import type { Sim } from '../model/sim';
import type { MemberState } from '../model/types';
import type { SimAnswer, RestRequest } from './answer';
import { answerGet } from './get-routes';
import { answerWrite } from './write-routes';

/** Who answers on a connection. */
export interface SimRestTarget {
  readonly sim: Sim;
  readonly member: MemberState;
  /** Brings the model up to the present. */
  readonly catchUp: () => void;
}

const MOST_BODY_BYTES = 1_048_576;

/** The REST API of every simulated Patroni. */
export function createRestServer(): HttpOnStreams<SimRestTarget> {
  return new HttpOnStreams(receive);
}

function receive(target: SimRestTarget, request: IncomingMessage, response: ServerResponse): void {
  let size = 0;
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) request.socket.destroy();
    else chunks.push(chunk);
  });
  request.on('end', () => {
    target.catchUp();
    answer(target, toRestRequest(request, Buffer.concat(chunks).toString('utf8')), (reply) =>
      send(request, response, reply),
    );
  });
}

function answer({ sim, member }: SimRestTarget, request: RestRequest, reply: (answer: SimAnswer) => void): void {
  if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) reply(answerGet(sim, member, request));
  else answerWrite(sim, member, request, reply);
}

function toRestRequest(request: IncomingMessage, body: string): RestRequest {
  const url = new URL(request.url ?? '/', 'http://member');
  return {
    method: request.method ?? 'GET',
    name: url.pathname.split('/')[1] ?? '',
    query: url.searchParams,
    body,
    hasLength: request.headers['content-length'] !== undefined,
  };
}

function send(request: IncomingMessage, response: ServerResponse, answer: SimAnswer): void {
  if (answer.kind === 'empty') return void request.socket.destroy();
  const body = answer.kind === 'json' ? JSON.stringify(answer.body) : answer.body;
  const type = answer.kind === 'json' ? 'application/json' : 'text/html';
  response.shouldKeepAlive = false;
  response.writeHead(answer.code, {
    Server: 'BaseHTTP/0.6 Python/3.13.5',
    'Content-Type': type,
    ...(answer.kind === 'text' ? answer.headers : {}),
  });
  response.end(request.method === 'GET' || !['HEAD', 'OPTIONS'].includes(request.method ?? '') ? body : undefined);
}
