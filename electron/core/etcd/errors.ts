import type { AppError, AppErrorData, ErrorCode } from '../../../shared/model/app-error';
import { AppError as AppErrorClass, appError, toErrorData } from '../../../shared/model/app-error';

/** Why etcd cannot be used now; the three have different words on the page. */
export type LossReason = 'no_quorum' | 'unreachable' | 'refused';

interface Condition {
  readonly code: ErrorCode;
  readonly words: RegExp;
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
}

/** Tried from the top; the texts are etcd's own (api/v3rpc/rpctypes/error.go), gRPC's status names and OpenSSL's. */
const CONDITIONS: readonly Condition[] = [
  {
    code: 'etcd.auth_failed',
    retryable: false,
    message: 'etcd refused the user name or the password.',
    words: new RegExp(
      'invalid user ID or password|authentication failed|invalid auth token|user name is empty|revision of auth|' +
        'UNAUTHENTICATED|authentication is not enabled',
      'i',
    ),
    hint: 'Correct the etcd user and password of this cluster.',
  },
  {
    code: 'etcd.permission_denied',
    retryable: false,
    message: 'The etcd user may not read or write these keys.',
    words: /permission denied/i,
    hint: 'Grant the etcd user the prefix of this cluster, or use the user that Patroni uses.',
  },
  {
    code: 'etcd.tls',
    retryable: false,
    message: 'The TLS connection to etcd could not be made.',
    words: /certificate|self.signed|altname|SSL routines|TLS|wrong version number|UNABLE_TO_|EPROTO/i,
    hint: 'Check the certificate authority, the client certificate and the name in the server certificate.',
  },
  {
    code: 'etcd.no_quorum',
    retryable: true,
    message: 'etcd has no quorum: it answers, but has no leader and can confirm neither reads nor writes.',
    words: /no leader|etcdserver: request timed out|leader changed|possibly due to/i,
    hint: 'Start the missing etcd members, or look at the network between them.',
  },
  {
    code: 'etcd.too_large',
    retryable: false,
    message: 'An answer of etcd is larger than the app accepts.',
    words: /RESOURCE_EXHAUSTED|larger than max/i,
    hint: 'Look for very large keys below the prefix of this cluster.',
  },
  {
    code: 'etcd.timeout',
    retryable: true,
    message: 'etcd did not answer in time.',
    words: /DEADLINE_EXCEEDED|timed? ?out/i,
    hint: 'Look at the load and the disk of the etcd members.',
  },
  {
    code: 'etcd.rejected',
    retryable: true,
    message: 'etcd rejected the request.',
    words: /etcdserver: /,
    hint: 'See that a majority of its members answers, and look at the etcd log.',
  },
];

const UNREACHABLE: Condition = {
  code: 'etcd.unreachable',
  retryable: true,
  message: 'etcd cannot be reached.',
  words: /(?:)/,
  hint: 'See whether etcd runs on its servers and whether their SSH connections work.',
};

/** Anything thrown by the client library as an `etcd.*` error; `target` is the endpoint as people know it. */
export function etcdError(thrown: unknown, target: string): AppError {
  if (thrown instanceof AppErrorClass && thrown.code.startsWith('etcd.')) return thrown;
  if (thrown instanceof AppErrorClass)
    return appError('etcd.unreachable', `${UNREACHABLE.message} ${thrown.data.message}`, {
      target,
      hint: thrown.data.hint ?? UNREACHABLE.hint,
      retryable: true,
      cause: thrown,
    });
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const condition = CONDITIONS.find((one) => one.words.test(text)) ?? UNREACHABLE;
  const [, reason] = condition.code === 'etcd.rejected' ? (/etcdserver: (.*)/.exec(text) ?? []) : [];
  return appError(condition.code, reason === undefined ? condition.message : `etcd rejected the request: ${reason}.`, {
    target,
    hint: condition.hint,
    retryable: condition.retryable,
    cause: thrown,
  });
}

/** Which of the three an error stands for. */
export function lossReason(error: AppError): LossReason {
  switch (error.code) {
    case 'etcd.no_quorum':
      return 'no_quorum';
    case 'etcd.auth_failed':
    case 'etcd.permission_denied':
    case 'etcd.tls':
      return 'refused';
    default:
      return 'unreachable';
  }
}

/**
 * Whether an error says that an etcd member itself gave no answer: its port is closed, or it lets a request wait. What
 * is said of the way to it (SSH) says nothing of the member.
 */
export function isSilence(thrown: unknown): boolean {
  const codes: string[] = [];
  for (let data: AppErrorData | undefined = toErrorData(thrown); data !== undefined; data = data.cause)
    codes.push(data.code);
  return codes.every((code) => !code.startsWith('ssh.') || code === 'ssh.dial_refused');
}
