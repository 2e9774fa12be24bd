import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dial } from '../dial';
import { TimeoutError, onAbort, withDeadline } from '../wait';
import type { ClientTls } from './tls-stream';
import { secureStream } from './tls-stream';

/** One HTTP request and what it is sent over. */
export interface HttpRequest {
  readonly dial: Dial;
  readonly host: string;
  readonly port: number;
  readonly tls: ClientTls | null;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** For the whole exchange, dialling included, ms. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | null;
  /** A longer body ends the exchange; null: the status line is enough and the body is not read. */
  readonly maxBodyBytes: number | null;
}

/** Status and body of an answer. A redirect is an answer like any other: it is never followed. */
export interface HttpReply {
  readonly status: number;
  readonly body: string;
}

/**
 * At which point an exchange failed: `dial` no stream to the host, `tls` the handshake or the certificates, `timeout` and
 * `aborted` the caller's limits, `no_reply` the connection was closed without an answer, `not_http` what answered does not
 * speak HTTP, `incomplete` the connection was closed within the answer, `too_large` a body over the limit, `lost` the rest.
 */
export type HttpFailureKind =
  'dial' | 'tls' | 'timeout' | 'aborted' | 'no_reply' | 'not_http' | 'incomplete' | 'too_large' | 'lost';

/** Why there is no reply. `cause` is what was thrown first. */
export class HttpFailure extends Error {
  readonly kind: HttpFailureKind;
  /** Whether the request may have reached the server, and so may have been carried out. */
  readonly sent: boolean;

  constructor(kind: HttpFailureKind, sent: boolean, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'HttpFailure';
    this.kind = kind;
    this.sent = sent;
  }
}

type Stage = 'dial' | 'tls' | 'request' | 'body';

interface Progress {
  stage: Stage;
}

class BodyTooLarge extends Error {}

/**
 * Makes one HTTP exchange over a connection of its own, which is gone when this settles. Rejects with an `HttpFailure`.
 */
export async function sendHttp(request: HttpRequest): Promise<HttpReply> {
  const progress: Progress = { stage: 'dial' };
  try {
    return await withDeadline(request, (signal) => exchange(request, signal, progress));
  } catch (thrown) {
    throw toFailure(thrown, progress.stage, request.signal);
  }
}

async function exchange(request: HttpRequest, signal: AbortSignal, progress: Progress): Promise<HttpReply> {
  const raw = await request.dial(request.host, request.port, request.timeoutMs);
  raw.on('error', () => undefined);
  const undo = onAbort(signal, () => {
    raw.destroy();
  });
  try {
    signal.throwIfAborted();
    progress.stage = 'tls';
    const stream = request.tls === null ? raw : await secureStream(raw, request.host, request.tls, signal);
    stream.on('error', () => undefined);
    progress.stage = 'request';
    const reply = await awaitReply(send(request, stream), signal);
    progress.stage = 'body';
    return { status: reply.statusCode ?? 0, body: await readBody(reply, request.maxBodyBytes) };
  } finally {
    undo();
    raw.destroy();
  }
}

function send({ host, port, method, path, headers, body }: HttpRequest, stream: Duplex): ClientRequest {
  const sent = httpRequest({
    createConnection: () => stream,
    host,
    port,
    method,
    path,
    headers: {
      Connection: 'close',
      ...(body === null ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
      ...headers,
    },
    maxHeaderSize: 65_536,
  });
  sent.on('error', () => undefined);
  sent.end(body ?? undefined);
  return sent;
}

function awaitReply(sent: ClientRequest, signal: AbortSignal): Promise<IncomingMessage> {
  return once(sent, 'response', { signal }).then(([reply]) => reply as IncomingMessage);
}

async function readBody(reply: IncomingMessage, maxBytes: number | null): Promise<string> {
  if (maxBytes === null) return '';
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new BodyTooLarge(`More than ${String(maxBytes)} bytes in one answer.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function toFailure(thrown: unknown, stage: Stage, signal: AbortSignal | null): HttpFailure {
  const sent = (stage === 'request' || stage === 'body') && !isRefusedHandshake(thrown);
  return new HttpFailure(kindOf(thrown, stage, signal), sent, thrown);
}

function kindOf(thrown: unknown, stage: Stage, signal: AbortSignal | null): HttpFailureKind {
  if (thrown instanceof TimeoutError) return 'timeout';
  if (signal?.aborted === true) return 'aborted';
  switch (stage) {
    case 'dial':
    case 'tls':
      return stage;
    case 'body':
      return thrown instanceof BodyTooLarge ? 'too_large' : 'incomplete';
    case 'request':
      return requestFailure(codeOf(thrown), thrown);
  }
}

function requestFailure(code: string, thrown: unknown): HttpFailureKind {
  if (code.startsWith('ERR_SSL_')) return 'tls';
  if (code === 'ECONNRESET' || (thrown instanceof Error && /socket hang up/.test(thrown.message))) return 'no_reply';
  return code.startsWith('HPE_') ? 'not_http' : 'lost';
}

/** Node's code of an error, or ''. */
function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

const HANDSHAKE_ALERTS =
  'CERTIFICATE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE|ACCESS_DENIED';
const REFUSED_HANDSHAKE = new RegExp(`^ERR_SSL_.*ALERT_(${HANDSHAKE_ALERTS})`);

/**
 * TLS 1.3 lets the client finish before the server has checked the client's certificate: the refusal comes as an alert
 * after the request was written, and the server has read nothing of it.
 */
function isRefusedHandshake(thrown: unknown): boolean {
  return REFUSED_HANDSHAKE.test(codeOf(thrown));
}
