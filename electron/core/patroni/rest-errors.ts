import { AppError, appError } from '../../../shared/model/app-error';
import type { ErrorCode } from '../../../shared/model/app-error';
import { HttpFailure } from '../platform/http/send-http';

/** The REST API that an error is about. */
export interface RestTarget {
  readonly member: string;
  readonly host: string;
  readonly port: number;
}

/** An error of this member's REST API, with its address in the text. */
export function restError(code: ErrorCode, target: RestTarget, what: string, hint: string, cause?: unknown): AppError {
  const where = `Patroni's REST API of ${target.member} (${target.host}:${String(target.port)})`;
  return appError(code, `${where} ${what}`, {
    target: target.member,
    hint,
    retryable: code !== 'rest.tls' && code !== 'rest.unauthorized',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What a failed exchange means, as a `rest.*` error; SSH's own errors stay what they are. */
export function toRestError(thrown: unknown, target: RestTarget): AppError {
  if (thrown instanceof AppError) return thrown;
  if (!(thrown instanceof HttpFailure))
    return restError('rest.unreachable', target, 'cannot be reached.', 'Try again.', thrown);
  const { kind, cause } = thrown;
  switch (kind) {
    case 'dial':
      return dialError(target, cause);
    case 'tls':
      return tlsError(target, cause);
    case 'timeout':
      return timedOut(target, cause);
    case 'lost':
      return restError('rest.unreachable', target, 'lost the connection.', 'Try again.', cause);
    case 'aborted':
    case 'no_reply':
    case 'not_http':
    case 'incomplete':
    case 'too_large':
      return answerError(kind, target, cause);
  }
}

function dialError(target: RestTarget, cause: unknown): AppError {
  if (cause instanceof AppError) {
    if (cause.code === 'ssh.dial_refused') return refused(target, cause);
    return cause.code === 'ssh.dial_timeout' ? timedOut(target, cause) : cause;
  }
  switch (cause instanceof Error && 'code' in cause ? cause.code : null) {
    case 'ECONNREFUSED':
      return refused(target, cause);
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return timedOut(target, cause);
    default:
      return restError('rest.unreachable', target, 'cannot be reached.', 'Check its address and the network.', cause);
  }
}

const refused = (target: RestTarget, cause: unknown): AppError =>
  restError(
    'rest.refused',
    target,
    'refuses the connection.',
    'See whether Patroni runs on this server and where its restapi listens.',
    cause,
  );

const timedOut = (target: RestTarget, cause: unknown): AppError =>
  restError(
    'rest.timeout',
    target,
    'did not answer in time.',
    'See whether the server is overloaded, frozen or behind a firewall.',
    cause,
  );

const tlsError = (target: RestTarget, cause: unknown): AppError =>
  restError(
    'rest.tls',
    target,
    `could not be spoken to over TLS: ${cause instanceof Error ? cause.message : String(cause)}.`,
    'Check the certificate authority, the client certificate and the name in the server certificate.',
    cause,
  );

function answerError(
  kind: 'aborted' | 'no_reply' | 'not_http' | 'incomplete' | 'too_large',
  target: RestTarget,
  cause: unknown,
): AppError {
  switch (kind) {
    case 'aborted':
      return restError(
        'rest.cancelled',
        target,
        'was no longer waited for.',
        'Look at the state of the cluster before asking again.',
        cause,
      );
    case 'no_reply':
      return restError(
        'rest.empty_reply',
        target,
        'closed the connection without an answer.',
        'Patroni does this when it cannot reach its DCS: look at etcd.',
        cause,
      );
    case 'not_http':
      return restError(
        'rest.not_http',
        target,
        'does not speak HTTP.',
        'Check the port: something else may be listening there, or it wants TLS.',
        cause,
      );
    case 'incomplete':
      return restError(
        'rest.not_json',
        target,
        'broke off in the middle of an answer.',
        'Try again; look at the Patroni log when it stays so.',
        cause,
      );
    case 'too_large':
      return restError(
        'rest.too_large',
        target,
        'sends more than 2 MiB in one answer.',
        'Something else than Patroni may be listening there.',
        cause,
      );
  }
}
