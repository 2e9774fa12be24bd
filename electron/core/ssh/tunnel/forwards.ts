import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { callWithin, settleWithin } from '../../platform/wait';
import { AppError, appError } from '../../../../shared/model/app-error';
import { lostError, type ConnectionTarget } from '../errors';

/** What ssh2 reports about a channel that was not opened (RFC 4254, 5.1). */
const PROHIBITED = 1;

function dialError(to: ConnectionTarget, target: string, thrown: unknown): AppError {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const reason = typeof thrown === 'object' && thrown !== null && 'reason' in thrown ? thrown.reason : undefined;
  if (reason === undefined && /no response from server|not connected/i.test(text))
    return lostError(to, `before ${target} was reached`, thrown);
  const said = text.replace(/^\(SSH\) Channel open failure:\s*/, '');
  if (reason === PROHIBITED) {
    return appError('ssh.dial_prohibited', `${to.name} does not allow a tunnel to ${target}: ${said}.`, {
      target: to.name,
      hint: 'Set AllowTcpForwarding (and PermitOpen) in its sshd_config.',
    });
  }
  if (/unknown|resolve|not known|no address/i.test(said)) {
    return appError('ssh.dial_unresolved', `${to.name} finds no address for ${target}.`, {
      target: to.name,
      hint: 'The name must be known on that server.',
    });
  }
  if (/timed out|no route|unreachable/i.test(said)) {
    return appError('ssh.dial_timeout', `${target} does not answer when reached from ${to.name}: ${said}.`, {
      target: to.name,
      retryable: true,
      hint: 'A firewall between them, or the host is down.',
    });
  }
  return appError('ssh.dial_refused', `${target} refuses the connection from ${to.name}: ${said}.`, {
    target: to.name,
    retryable: true,
    hint: 'Check that the service runs and listens on that address.',
  });
}

/** Opens a TCP stream from the server to host:port through the connection. */
export function openForward(
  client: Client,
  to: ConnectionTarget,
  host: string,
  port: number,
  timeoutMs: number,
): Promise<Duplex> {
  const target = `${host}:${port}`;
  return callWithin(
    {
      timeoutMs,
      onTimeout: () =>
        appError(
          'ssh.dial_timeout',
          `${target} did not answer ${to.name} within ${Math.round(timeoutMs / 100) / 10} s.`,
          { target: to.name, retryable: true, hint: 'A firewall between them, or the host is down.' },
        ),
      accept: (channel: ClientChannel): Duplex => asSocket(channel),
      discard: (channel) => {
        channel
          .on('error', () => undefined)
          .resume()
          .destroy();
      },
    },
    (done) => {
      client.forwardOut('127.0.0.1', 0, host, port, done);
    },
  ).catch((thrown: unknown) => {
    throw thrown instanceof AppError ? thrown : dialError(to, target, thrown);
  });
}

/**
 * A forward in the manners of a socket: it closes when the far end does, an error without a listener does not
 * end the process, and the socket options that http and tls set are there (they mean nothing on a channel).
 */
function asSocket<T extends Duplex>(stream: T): T {
  stream.on('error', () => undefined);
  const close = (): T => closeOnce(stream);
  stream.on('end', close);
  const same = (): T => stream;
  return Object.assign(stream, {
    setNoDelay: same,
    setKeepAlive: same,
    ref: same,
    unref: same,
    setTimeout: same,
    ...(isChannel(stream) ? { destroy: close } : {}),
  });
}

/**
 * Closes a channel with one message: ended first, it would say that nothing follows and be closed with a second one. Its own `destroy`
 * ends it each time it is called, for which Node makes an error with its whole stack.
 */
function closeOnce<T extends Duplex>(stream: T): T {
  if (isChannel(stream)) stream.close();
  if (!stream.writableEnded) stream.end();
  return stream;
}

function isChannel(stream: Duplex): stream is Duplex & { close(): void } {
  return 'close' in stream && typeof stream.close === 'function';
}

/** Remote forwards of one connection: which port leads to whom. */
export class RemoteForwards {
  readonly #routes = new Map<number, (stream: Duplex) => void>();
  readonly #client: Client;
  readonly #to: ConnectionTarget;

  constructor(client: Client, to: ConnectionTarget) {
    this.#client = client;
    this.#to = to;
    client.on('tcp connection', (details, accept, reject) => {
      const onStream = this.#routes.get(details.destPort);
      if (onStream === undefined) reject();
      else onStream(asSocket(accept()));
    });
  }

  /** Listens on the server's loopback; port 0 lets the server choose. Answers the port. */
  listen(port: number, onStream: (stream: Duplex) => void, timeoutMs: number): Promise<number> {
    const refused = (cause?: unknown): AppError =>
      appError('ssh.listen_refused', `${this.#to.name} does not open a port back to this computer.`, {
        target: this.#to.name,
        cause,
        hint: 'Set AllowTcpForwarding to yes (or remote) in its sshd_config.',
      });
    return callWithin(
      {
        timeoutMs,
        onTimeout: refused,
        accept: (bound: number | undefined): number => {
          const actual = bound === undefined || bound === 0 ? port : bound;
          this.#routes.set(actual, onStream);
          return actual;
        },
        discard: () => undefined,
      },
      (done) => {
        try {
          this.#client.forwardIn('127.0.0.1', port, (error, bound) => {
            done(error === undefined ? undefined : refused(error), bound);
          });
        } catch (thrown) {
          throw lostError(this.#to, 'before a port was opened', thrown);
        }
      },
    );
  }

  /** Closes a port again; a lost connection has closed it already. */
  async close(port: number, timeoutMs: number): Promise<void> {
    this.#routes.delete(port);
    const closed = new Promise<void>((done) => {
      try {
        this.#client.unforwardIn('127.0.0.1', port, () => {
          done();
        });
      } catch {
        done();
      }
    });
    await settleWithin(timeoutMs, closed);
  }
}
