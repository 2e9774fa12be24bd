import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import type { AppError, ErrorCode } from '../../../shared/model/app-error';
import { AppError as AppErrorClass, appError } from '../../../shared/model/app-error';
import type { RestAnswer } from './patroni-client';

/** TLS material with secrets already read. */
export interface RestTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName: string;
  readonly insecure: boolean;
}

/** Opens a byte stream to host:port by whatever way leads to the member. */
export type Dial = (host: string, port: number, timeoutMs: number) => Promise<Duplex>;

/** One HTTP exchange. */
export interface Exchange {
  readonly member: string;
  readonly host: string;
  readonly port: number;
  readonly tls: RestTls | null;
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
  /** Sent as it is; only with writes. */
  readonly authorization: string | null;
  /** For the whole exchange, dialling included. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | null;
  /** False: the status line is enough and the body is not read. */
  readonly wantsBody: boolean;
}

/** A failure with whether the request may have reached Patroni. */
export interface Failure {
  readonly error: AppError;
  readonly sent: boolean;
}
/** How an exchange ended. Nothing is thrown: whether a request may have been carried out decides what comes next. */
export type Outcome =
  { readonly kind: 'answer'; readonly answer: RestAnswer } | { readonly kind: 'failure'; readonly failure: Failure };

const LARGEST_BODY = 2 * 1024 * 1024;

/** An error of this member's REST API, with its address in the text. */
export function restError(
  code: ErrorCode,
  one: Pick<Exchange, 'member' | 'host' | 'port'>,
  what: string,
  hint: string,
  cause?: unknown,
): AppError {
  const where = `Patroni's REST API of ${one.member} (${one.host}:${String(one.port)})`;
  return appError(code, `${where} ${what}`, {
    target: one.member,
    hint,
    retryable: code !== 'rest.tls' && code !== 'rest.unauthorized',
    ...(cause === undefined ? {} : { cause }),
  });
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

/** What a failed connection means; SSH's own errors stay what they are. */
function connectionError(one: Exchange, thrown: unknown): AppError {
  if (thrown instanceof AppErrorClass) {
    if (thrown.code === 'ssh.dial_refused') return refused(one, thrown);
    return thrown.code === 'ssh.dial_timeout' ? timedOut(one, thrown) : thrown;
  }
  switch (codeOf(thrown)) {
    case 'ECONNREFUSED':
      return refused(one, thrown);
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return timedOut(one, thrown);
    default:
      return restError('rest.unreachable', one, 'cannot be reached.', 'Check its address and the network.', thrown);
  }
}

const refused = (one: Exchange, cause: unknown): AppError =>
  restError(
    'rest.refused',
    one,
    'refuses the connection.',
    'See whether Patroni runs on this server and where its restapi listens.',
    cause,
  );
const timedOut = (one: Exchange, cause?: unknown): AppError =>
  restError(
    'rest.timeout',
    one,
    'did not answer in time.',
    'See whether the server is overloaded, frozen or behind a firewall.',
    cause,
  );

/** TLS 1.3 lets the client finish before the server has looked at its certificate: the refusal comes as an alert, and nothing was read before it. */
function isRefusedHandshake(thrown: unknown): boolean {
  return /^ERR_SSL_.*ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE|ACCESS_DENIED)/.test(
    codeOf(thrown),
  );
}

function tlsError(one: Exchange, thrown: Error): AppError {
  return restError(
    'rest.tls',
    one,
    `could not be spoken to over TLS: ${thrown.message}.`,
    'Check the certificate authority, the client certificate and the name in the server certificate.',
    thrown,
  );
}

function encrypt(one: Exchange, tls: RestTls, socket: Duplex): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const secure = tlsConnect({
      socket,
      rejectUnauthorized: !tls.insecure,
      ALPNProtocols: ['http/1.1'],
      ...(/^[\d.]+$|:/.test(tls.serverName)
        ? { host: tls.serverName }
        : { servername: tls.serverName, host: tls.serverName }),
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.cert === undefined ? {} : { cert: tls.cert }),
      ...(tls.key === undefined ? {} : { key: tls.key }),
    });
    secure.once('secureConnect', () => {
      resolve(secure);
    });
    secure.on('error', (thrown) => {
      reject(tlsError(one, thrown));
    });
  });
}

async function openSocket(one: Exchange, dial: Dial, hold: (socket: Duplex) => void): Promise<Duplex> {
  let socket: Duplex;
  try {
    socket = await dial(one.host, one.port, one.timeoutMs);
  } catch (thrown) {
    throw connectionError(one, thrown);
  }
  hold(socket);
  return one.tls === null ? socket : encrypt(one, one.tls, socket);
}

function headers(one: Exchange): Record<string, string> {
  return {
    Accept: 'application/json',
    Connection: 'close',
    ...(one.body === null
      ? {}
      : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(one.body)) }),
    ...(one.authorization === null ? {} : { Authorization: one.authorization }),
  };
}

function readBody(one: Exchange, reply: IncomingMessage): Promise<RestAnswer> {
  const status = reply.statusCode ?? 0;
  return new Promise((resolve, reject) => {
    if (!one.wantsBody) return void resolve({ status, body: '' });
    const chunks: Buffer[] = [];
    let size = 0;
    reply.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LARGEST_BODY)
        reject(
          restError(
            'rest.too_large',
            one,
            'sends more than 2 MiB in one answer.',
            'Something else than Patroni may be listening there.',
          ),
        );
      else chunks.push(chunk);
    });
    reply.on('end', () => {
      resolve({ status, body: Buffer.concat(chunks).toString('utf8') });
    });
    reply.on('error', (thrown) => {
      reject(
        restError(
          'rest.not_json',
          one,
          'broke off in the middle of an answer.',
          'Try again; look at the Patroni log when it stays so.',
          thrown,
        ),
      );
    });
  });
}

function emptyReply(one: Exchange, thrown: unknown): AppError {
  if (thrown instanceof Error && codeOf(thrown).startsWith('ERR_SSL_')) return tlsError(one, thrown);
  const nothing = codeOf(thrown) === 'ECONNRESET' || (thrown instanceof Error && /socket hang up/.test(thrown.message));
  if (nothing)
    return restError(
      'rest.empty_reply',
      one,
      'closed the connection without an answer.',
      'Patroni does this when it cannot reach its DCS: look at etcd.',
      thrown,
    );
  if (codeOf(thrown).startsWith('HPE_'))
    return restError(
      'rest.not_http',
      one,
      'does not speak HTTP.',
      'Check the port: something else may be listening there, or it wants TLS.',
      thrown,
    );
  return restError('rest.unreachable', one, 'lost the connection.', 'Try again.', thrown);
}

/** `unread` is called when the server refused the handshake, so that it has read nothing. */
function send(one: Exchange, socket: Duplex, unread: () => void): Promise<RestAnswer> {
  return new Promise((resolve, reject) => {
    const options = {
      createConnection: () => socket,
      host: one.host,
      port: one.port,
      method: one.method,
      path: one.path,
      headers: headers(one),
      maxHeaderSize: 65_536,
    };
    const request = httpRequest(options, (reply) => {
      readBody(one, reply).then(resolve, reject);
    });
    request.on('error', (thrown) => {
      if (isRefusedHandshake(thrown)) unread();
      reject(emptyReply(one, thrown));
    });
    request.end(one.body ?? undefined);
  });
}

/**
 * Makes one HTTP exchange over its own connection (Patroni closes each one) and never follows a redirect.
 * Never rejects: a failure says whether the request may have been sent. The socket is gone when it resolves.
 */
export async function exchange(one: Exchange, dial: Dial): Promise<Outcome> {
  const state: { sent: boolean; over: boolean; socket: Duplex | null } = { sent: false, over: false, socket: null };
  const work = async (): Promise<RestAnswer> => {
    const socket = await openSocket(one, dial, (opened) => {
      state.socket = opened;
      opened.on('error', () => undefined);
      if (state.over) opened.destroy();
    });
    if (state.over) throw timedOut(one);
    state.sent = true;
    return send(one, socket, () => {
      state.sent = false;
    });
  };
  try {
    return { kind: 'answer', answer: await withLimit(one, work) };
  } catch (thrown) {
    const error = thrown instanceof AppErrorClass ? thrown : connectionError(one, thrown);
    return { kind: 'failure', failure: { error, sent: state.sent } };
  } finally {
    state.over = true;
    state.socket?.destroy();
  }
}

function withLimit<T>(one: Exchange, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      end();
      reject(timedOut(one));
    }, one.timeoutMs);
    const abort = (): void => {
      end();
      reject(
        restError(
          'rest.cancelled',
          one,
          'was no longer waited for.',
          'Look at the state of the cluster before asking again.',
        ),
      );
    };
    const end = (): void => {
      clearTimeout(timer);
      one.signal?.removeEventListener('abort', abort);
    };
    if (one.signal?.aborted === true) return abort();
    one.signal?.addEventListener('abort', abort, { once: true });
    work().then(
      (value) => {
        end();
        resolve(value);
      },
      (thrown: unknown) => {
        end();
        reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
      },
    );
  });
}
