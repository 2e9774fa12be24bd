import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Sim } from '../model/sim';
import { answerPrometheus } from './answer-prometheus';

/** Whose figures a connection is about. */
export interface SimPrometheusTarget {
  readonly sim: Sim;
  /** Brings the model up to the present. */
  readonly catchUp: () => void;
}

/** The Prometheus of every simulated cluster: one HTTP server that listens nowhere and serves the connections handed to it. */
export class PrometheusServer {
  readonly #targets = new WeakMap<object, SimPrometheusTarget>();
  readonly #open = new Set<Duplex>();
  readonly #server = createServer((request, response) => this.#receive(request, response));

  /** Serves one connection about a cluster. */
  accept(stream: Duplex, target: SimPrometheusTarget): void {
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
    target.catchUp();
    const url = new URL(request.url ?? '/', 'http://prometheus');
    const { code, body } = answerPrometheus(target.sim, url.pathname, url.searchParams);
    response.shouldKeepAlive = false;
    response.writeHead(code, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  }
}
