import { Agent as HttpAgent, type ClientRequestArgs } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

/** How a stream to host:port is opened, e.g. `remote.dial`. */
export type Dial = (host: string, port: number, timeoutMs: number) => Promise<Duplex>;

type Done = ((error: Error | null, stream: Duplex) => void) | undefined;

/** What TLS needs beside the stream; nothing here falls back to the system's trust when a CA is given. */
export type TunnelTls = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'checkServerIdentity' | 'servername'
>;

/**
 * An agent whose requests go through `dial`, so without a local port. Connections are not kept: Patroni closes
 * each one itself. A socket option such as an idle timeout has no meaning on a tunnel: bound a request by an
 * AbortSignal. Use with `http.request`.
 */
export function createTunnelAgent(dial: Dial, dialTimeoutMs: number): HttpAgent {
  return new TunnelAgent(dial, dialTimeoutMs);
}

/** The same for `https.request`. The certificate is checked against the host of the request, or `servername` where given. */
export function createTunnelTlsAgent(dial: Dial, dialTimeoutMs: number, tls: TunnelTls): HttpsAgent {
  return new TunnelTlsAgent(dial, dialTimeoutMs, tls);
}

function open(dial: Dial, timeoutMs: number, options: ClientRequestArgs): Promise<Duplex> {
  return dial(options.host ?? 'localhost', Number(options.port), timeoutMs);
}

/** Node's type of `done` wants a stream in every case, but an error comes without one. */
function fail(done: Done, thrown: unknown): void {
  const report = done as ((error: Error) => void) | undefined;
  report?.(thrown instanceof Error ? thrown : new Error(String(thrown)));
}

class TunnelAgent extends HttpAgent {
  readonly #dial: Dial;
  readonly #timeoutMs: number;

  constructor(dial: Dial, timeoutMs: number) {
    super({ keepAlive: false });
    this.#dial = dial;
    this.#timeoutMs = timeoutMs;
  }

  override createConnection(options: ClientRequestArgs, done?: Done): undefined {
    open(this.#dial, this.#timeoutMs, options).then(
      (stream) => done?.(null, stream),
      (error: unknown) => {
        fail(done, error);
      },
    );
  }
}

class TunnelTlsAgent extends HttpsAgent {
  readonly #dial: Dial;
  readonly #timeoutMs: number;
  readonly #tls: TunnelTls;

  constructor(dial: Dial, timeoutMs: number, tls: TunnelTls) {
    super({ keepAlive: false });
    this.#dial = dial;
    this.#timeoutMs = timeoutMs;
    this.#tls = tls;
  }

  override createConnection(options: ClientRequestArgs, done?: Done): undefined {
    open(this.#dial, this.#timeoutMs, options).then(
      (stream) => done?.(null, this.#secure(stream, options.host ?? 'localhost')),
      (error: unknown) => {
        fail(done, error);
      },
    );
  }

  /** An IP address is no server name (RFC 6066), yet the certificate is still checked against it. */
  #secure(stream: Duplex, host: string): Duplex {
    const servername = this.#tls.servername ?? (isIP(host) === 0 ? host : '');
    return connectTls({ ...this.#tls, socket: stream, host, servername });
  }
}
