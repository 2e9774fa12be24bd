import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Answers one request that came on a connection about `target`. */
type AnswerHttp<Target> = (target: Target, request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server that listens nowhere and serves the connections handed to it, each about a target of its own. */
export class HttpOnStreams<Target> {
  readonly #targets = new WeakMap<object, Target>();
  readonly #open = new Set<Duplex>();
  readonly #server;

  constructor(answer: AnswerHttp<Target>) {
    this.#server = createServer((request, response) => {
      const target = this.#targets.get(request.socket);
      if (target === undefined) request.socket.destroy();
      else answer(target, request, response);
    });
  }

  /** Serves one connection about a target. */
  accept(stream: Duplex, target: Target): void {
    this.#targets.set(stream, target);
    this.#open.add(stream);
    stream.on('close', () => this.#open.delete(stream));
    stream.on('error', () => undefined);
    this.#server.emit('connection', stream);
  }

  /** Ends all connections. */
  close(): void {
    for (const stream of this.#open) stream.destroy();
    this.#server.close();
  }
}
