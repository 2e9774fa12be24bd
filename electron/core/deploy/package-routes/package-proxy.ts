import { bracketHost } from '../../../../shared/model/connect/host-port';
import type { PackageHost } from '../../../../shared/rules/deploy/sources/package-hosts';
import {
  Agent,
  createServer,
  request,
  type ClientRequestArgs,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream';
import { pipeline as pipelined } from 'node:stream/promises';
import { appError } from '../../../../shared/model/app-error';
import { judgeRequest, judgeTunnel } from './package-hosts';
import { mayBeReached } from './addresses';

/** What the proxy works with. */
export interface PackageProxyDeps {
  /** Nothing but these is let through. */
  readonly hosts: readonly PackageHost[];
  /** Addresses of a name, as this computer knows them. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  /** A connection from this computer; rejects when there is none. */
  readonly dial: (address: string, port: number) => Promise<Duplex>;
  /** How long a tunnel may be silent, ms; 60 s without it. */
  readonly idleMs?: number;
  /** Something else was asked for, and was not let through. */
  readonly onRefused: (asked: string, why: string) => void;
}

/** An HTTP proxy without a port of its own: it serves the streams that it is given. */
export interface PackageProxy {
  accept(stream: Duplex): void;
  /** Ends every stream. */
  close(): void;
}

/** A stream nobody uses is closed after this time, ms. */
const idleMs = 60_000;

/** The most tunnels that one server has open at a time; apt opens one for each host. */
const mostTunnels = 16;

/** Headers that concern one leg of the route alone (RFC 9110, 7.6.1). */
const oneLeg: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Makes the proxy of one server. */
export function createPackageProxy(deps: PackageProxyDeps): PackageProxy {
  return new Proxy(deps);
}

class Proxy implements PackageProxy {
  readonly #deps: PackageProxyDeps;
  readonly #server: Server;
  readonly #agent: Agent;
  readonly #streams = new Set<Duplex>();
  #tunnels = 0;

  constructor(deps: PackageProxyDeps) {
    this.#deps = deps;
    this.#agent = new DialAgent((host, port) => this.#dialHost(host, port));
    this.#server = createServer({ keepAliveTimeout: idleMs, requestTimeout: 0 }, (incoming, answer) => {
      this.#onRequest(incoming, answer);
    });
    this.#server.on('connect', (incoming: IncomingMessage, stream: Duplex, head: Buffer) => {
      void this.#onTunnel(incoming.url ?? '', stream, head);
    });
    this.#server.on('clientError', (_error, stream) => {
      stream.destroy();
    });
  }

  accept(stream: Duplex): void {
    this.#keep(stream);
    this.#server.emit('connection', stream);
  }

  close(): void {
    this.#server.close();
    this.#agent.destroy();
    for (const stream of this.#streams) stream.destroy();
  }

  #keep(stream: Duplex): void {
    this.#streams.add(stream);
    stream.on('error', () => undefined);
    stream.on('close', () => {
      this.#streams.delete(stream);
    });
  }

  #onRequest(incoming: IncomingMessage, answer: ServerResponse): void {
    const passage = judgeRequest(incoming.method ?? '', incoming.url ?? '', this.#deps.hosts);
    incoming.resume();
    if (passage.kind === 'refuse') {
      this.#deps.onRefused(passage.asked, passage.why);
      plain(answer, 403, `Not let through: ${passage.why}.`);
      return;
    }
    const { host, port } = passage.to;
    const headers = { ...passed(incoming.headers), host: hostHeader(passage.to) };
    const outgoing = request({ agent: this.#agent, host, port, method: incoming.method, path: passage.path, headers });
    outgoing.setTimeout(idleMs, () => {
      outgoing.destroy(new Error('it does not answer'));
    });
    outgoing.on('error', (error) => {
      fail(answer, `${host} could not be asked: ${error.message}`);
    });
    outgoing.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, passed(response.headers));
      pipeline(response, answer, () => undefined);
    });
    answer.on('close', () => {
      outgoing.destroy();
    });
    outgoing.end();
  }

  async #onTunnel(target: string, stream: Duplex, head: Buffer): Promise<void> {
    const passage = judgeTunnel(target, this.#deps.hosts);
    if (passage.kind === 'refuse') {
      this.#deps.onRefused(passage.asked, passage.why);
      stream.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      return;
    }
    if (this.#tunnels >= mostTunnels) {
      this.#deps.onRefused(`CONNECT ${target.slice(0, 200)}`, `${mostTunnels} tunnels are open already`);
      stream.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      return;
    }
    this.#tunnels += 1;
    await this.#tunnel(passage.to, stream, head);
    this.#tunnels -= 1;
  }

  /** Passes both ways until one side ends, or nothing passes for a while. */
  async #tunnel(to: PackageHost, stream: Duplex, head: Buffer): Promise<void> {
    try {
      const far = await this.#dial(to);
      this.#keep(far);
      stream.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) far.write(head);
      const unwatch = endWhenIdle([stream, far], this.#deps.idleMs ?? idleMs);
      await pipelined(stream, far, stream).catch(() => undefined);
      unwatch();
    } catch {
      stream.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    }
  }

  #dialHost(host: string, port: number): Promise<Duplex> {
    const known = this.#deps.hosts.find((entry) => entry.host === host && entry.port === port);
    return this.#dial(known ?? { host, port, named: false });
  }

  /** A name is looked up on this computer; what it leads to is judged before anything is sent there. */
  async #dial(to: PackageHost): Promise<Duplex> {
    const addresses = await this.#deps.resolve(to.host);
    const open = addresses.filter((address) => mayBeReached(address, to.named));
    if (open.length < addresses.length)
      this.#deps.onRefused(
        `${to.host}:${to.port}`,
        'it leads to this computer, its own link or a private network that the spec does not name',
      );
    let last: unknown = appError(
      'deploy.package_host_unknown',
      `No address of ${to.host} can be used from this computer.`,
      { target: to.host },
    );
    for (const address of open) {
      try {
        return await this.#deps.dial(address, to.port);
      } catch (thrown) {
        last = thrown;
      }
    }
    throw last;
  }
}

/** The host that was judged, whatever the request itself says. */
function hostHeader({ host, port }: PackageHost): string {
  return port === 80 ? bracketHost(host) : `${bracketHost(host)}:${port}`;
}

/** Ends both streams when nothing passes for that long, ms; returns its undo. */
function endWhenIdle(streams: readonly Duplex[], limitMs: number): () => void {
  const end = (): void => {
    for (const stream of streams) stream.destroy();
  };
  let timer = setTimeout(end, limitMs);
  const passing = (): void => {
    clearTimeout(timer);
    timer = setTimeout(end, limitMs);
  };
  for (const stream of streams) stream.on('data', passing);
  return () => {
    clearTimeout(timer);
    for (const stream of streams) stream.off('data', passing);
  };
}

function passed(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !oneLeg.has(name)));
}

function plain(answer: ServerResponse, status: number, text: string): void {
  answer.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(text) });
  answer.end(text);
}

/** Half an answer is cut off, so that nobody takes it for a whole one. */
function fail(answer: ServerResponse, text: string): void {
  if (answer.headersSent) answer.destroy();
  else plain(answer, 502, text);
}

type Done = ((error: Error | null, stream: Duplex) => void) | undefined;

/** Opens connections by `dial` and keeps them for the next request to the same host. */
class DialAgent extends Agent {
  readonly #dial: (host: string, port: number) => Promise<Duplex>;

  constructor(dial: (host: string, port: number) => Promise<Duplex>) {
    super({ keepAlive: true, maxSockets: 8 });
    this.#dial = dial;
  }

  override createConnection(options: ClientRequestArgs, done?: Done): undefined {
    const failed = done as ((error: Error) => void) | undefined;
    this.#dial(options.host ?? '', Number(options.port)).then(
      (stream) => done?.(null, stream),
      (thrown: unknown) => {
        failed?.(thrown instanceof Error ? thrown : new Error(String(thrown)));
      },
    );
  }
}
