import type { Dial } from '../platform/dial';
import { HttpFailure, sendHttp } from '../platform/http/send-http';

/** One event and where it goes. */
export interface WebhookJob {
  readonly dial: Dial;
  readonly url: string;
  /** Sent as a bearer token; null: none. */
  readonly token: string | null;
  readonly body: string;
  readonly version: string;
  readonly timeoutMs: number;
}

/** Why an event was not taken. `isFinal`: it was refused for good, and trying again changes nothing. */
export class WebhookFailure extends Error {
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean, cause?: unknown) {
    super(message, { cause });
    this.name = 'WebhookFailure';
    this.isFinal = isFinal;
  }
}

/** Answers that a later attempt may not get any more. */
const PASSING = new Set([408, 425, 429]);

/**
 * Posts one event. Only 2xx is success: a redirect is not followed, because it could lead the token elsewhere. Rejects with a
 * `WebhookFailure`.
 */
export async function sendWebhook({ dial, url, token, body, version, timeoutMs }: WebhookJob): Promise<void> {
  const { protocol, hostname, port, host, pathname, search } = new URL(url);
  const isTls = protocol === 'https:';
  const defaultPort = isTls ? 443 : 80;
  const status = await sendHttp({
    dial,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? defaultPort : Number(port),
    tls: isTls ? {} : null,
    method: 'POST',
    path: `${pathname}${search}`,
    headers: {
      Host: host,
      'Content-Type': 'application/json',
      'User-Agent': `Matriarch/${version}`,
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    },
    body,
    timeoutMs,
    signal: null,
    maxBodyBytes: null,
  }).then(
    (reply) => reply.status,
    (thrown: unknown) => {
      throw new WebhookFailure(inWords(thrown), false, thrown);
    },
  );
  if (status >= 200 && status < 300) return;
  const isRedirect = status >= 300 && status < 400;
  throw new WebhookFailure(
    isRedirect
      ? `The receiver answered ${status}: redirects are not followed, enter the address that it leads to.`
      : `The receiver answered ${status}.`,
    status < 500 && !PASSING.has(status),
  );
}

function inWords(thrown: unknown): string {
  if (!(thrown instanceof HttpFailure)) return 'The receiver could not be asked.';
  switch (thrown.kind) {
    case 'dial':
      return `The receiver is not reached: ${thrown.message}`;
    case 'tls':
      return `The TLS handshake with the receiver failed: ${thrown.message}`;
    case 'timeout':
    case 'aborted':
      return 'The receiver did not answer in time.';
    case 'no_reply':
    case 'incomplete':
    case 'lost':
      return 'The receiver closed the connection without an answer.';
    case 'not_http':
    case 'too_large':
      return 'What answers there does not speak HTTP.';
  }
}
