import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
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

/** The REST API of every simulated Patroni: one HTTP server that listens nowhere and serves the connections handed to it. */
export class RestServer {
  readonly #targets = new WeakMap<object, SimRestTarget>();
  readonly #open = new Set<Duplex>();
  readonly #server = createServer((request, response) => this.#receive(request, response));

  /** Serves one connection in the name of a member. */
  accept(stream: Duplex, target: SimRestTarget): void {
    this.#targets.set(stream, target);
    this.#open.add(stream);
    stream.on('close', () => this.#open.delete(stream));
    stream.on('error', () => undefined);
    this.#server.emit('connection', stream);
  }

  close(): void {
    for (const stream of this.#open) stream.destroy();
    this.#server.close();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const target = this.#targets.get(request.socket);
    if (target === undefined) return void request.socket.destroy();
    let size = 0;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_BODY_BYTES) request.socket.destroy();
      else chunks.push(chunk);
    });
    request.on('end', () => {
      target.catchUp();
      this.#route(target, toRestRequest(request, Buffer.concat(chunks).toString('utf8')), (answer) =>
        send(request, response, answer),
      );
    });
  }

  #route({ sim, member }: SimRestTarget, request: RestRequest, reply: (answer: SimAnswer) => void): void {
    if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) reply(answerGet(sim, member, request));
    else answerWrite(sim, member, request, reply);
  }
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
