/**
 * Errors are data: one code per condition, a sentence that says what happened and where, and a hint
 * that says what to do next. No stack and no secret is ever part of one.
 */

/** The families of codes; the part after the dot names the condition, e.g. `ssh.host_key_changed`. */
export type ErrorFamily =
  | 'app'
  | 'ssh'
  | 'etcd'
  | 'rest'
  | 'patroni'
  | 'postgres'
  | 'discover'
  | 'operation'
  | 'job'
  | 'inventory'
  | 'vault'
  | 'deploy'
  | 'demo'
  | 'drill'
  | 'config'
  | 'terminal'
  | 'statistics'
  | 'alert'
  | 'upgrade'
  | 'repair'
  | 'advice'
  | 'backup';

/** A code such as `ssh.auth_failed`. Codes are part of the app's promises: tests and documents name them. */
export type ErrorCode = `${ErrorFamily}.${string}`;

/** What reaches the page, the journal and the history. `target` is a server, a member or a file; `hint` says what to do next. */
export interface AppErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly target?: string;
  readonly hint?: string;
  /** True when the same call may succeed later without a change by the user. */
  readonly retryable: boolean;
  readonly cause?: AppErrorData;
}

/** The one error class of the app. Throw it for every condition that a user can meet. */
export class AppError extends Error {
  readonly data: AppErrorData;

  constructor(data: AppErrorData) {
    super(data.message);
    this.name = 'AppError';
    this.data = data;
  }

  get code(): ErrorCode {
    return this.data.code;
  }
}

/** What may be said beside code and message when making an error. */
export interface ErrorDetails {
  readonly target?: string;
  readonly hint?: string;
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** Makes an AppError; `cause` may be anything thrown and is reduced to data. */
export function appError(code: ErrorCode, message: string, details: ErrorDetails = {}): AppError {
  return new AppError({
    code,
    message,
    retryable: details.retryable ?? false,
    ...(details.target === undefined ? {} : { target: details.target }),
    ...(details.hint === undefined ? {} : { hint: details.hint }),
    ...(details.cause === undefined ? {} : { cause: toErrorData(details.cause) }),
  });
}

/** Reduces anything thrown to data that may leave the core. Unknown errors become `app.unexpected`, without a stack. */
export function toErrorData(thrown: unknown): AppErrorData {
  if (thrown instanceof AppError) return thrown.data;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'app.unexpected', message, retryable: false };
}

/** Whether something thrown is an AppError with this code. */
export function hasCode(thrown: unknown, code: ErrorCode): boolean {
  return thrown instanceof AppError && thrown.code === code;
}
