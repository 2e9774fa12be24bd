import { ORPCError, ValidationError } from '@orpc/server';
import { AppError, appError, type AppErrorData } from '../../../shared/model/app-error';

/** What every call needs besides its services. */
export interface CallContext {
  /** Hides the secrets the app holds in a text. */
  readonly mask: (text: string) => string;
  /** Receives errors that nobody foresaw, for the log; the page gets only `app.unexpected`. */
  readonly unexpected: (procedure: string, thrown: unknown) => void;
}

/** Anything thrown inside a call, as the page gets it: an ORPCError `APP` with masked data and no stack. */
export function encodeError(thrown: unknown, procedure: string, context: CallContext): ORPCError<'APP', AppErrorData> {
  const data = maskData(errorData(thrown, procedure, context), context.mask);
  return new ORPCError('APP', { data, message: data.message });
}

function errorData(thrown: unknown, procedure: string, context: CallContext): AppErrorData {
  if (thrown instanceof AppError) return thrown.data;
  if (thrown instanceof ORPCError && thrown.cause instanceof ValidationError)
    return badInput(procedure, thrown.cause).data;
  context.unexpected(procedure, thrown);
  return appError('app.unexpected', `Something unforeseen happened in ${procedure}.`, {
    hint: 'The log in the data directory says more. Try again; if it happens again, report it with the log.',
    cause: undefined,
  }).data;
}

/** Names the fields and what is wrong with them, never their values. */
function badInput(procedure: string, error: ValidationError): AppError {
  const issues = error.issues.slice(0, 5).map((issue) => {
    const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  return appError(
    'app.bad_input',
    `The call ${procedure} was given something it does not take: ${issues.join('; ')}.`,
    { hint: 'Correct the named fields.' },
  );
}

function maskData(data: AppErrorData, mask: (text: string) => string): AppErrorData {
  return {
    code: data.code,
    message: mask(data.message),
    retryable: data.retryable,
    ...(data.target === undefined ? {} : { target: mask(data.target) }),
    ...(data.hint === undefined ? {} : { hint: mask(data.hint) }),
    ...(data.cause === undefined ? {} : { cause: maskData(data.cause, mask) }),
  };
}

/** A stream whose errors are encoded as those of a call are; leaving it leaves the stream inside. */
export function encodeStream<T>(inner: AsyncIterator<T>, encode: (thrown: unknown) => Error): AsyncIterableIterator<T> {
  const guarded = async (step: () => Promise<IteratorResult<T>>): Promise<IteratorResult<T>> => {
    try {
      return await step();
    } catch (thrown) {
      throw encode(thrown);
    }
  };
  return {
    next: () => guarded(() => inner.next()),
    return: (value) => guarded(() => inner.return?.(value) ?? Promise.resolve({ done: true, value: undefined })),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
