import { ORPCError } from '@orpc/client';
import { AppError, appError, toErrorData, type AppErrorData } from '../../shared/model/app-error';

/** Whether data from the wire has the shape of an AppError's data. */
function isErrorData(value: unknown): value is AppErrorData {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    value.code.includes('.') &&
    'message' in value &&
    typeof value.message === 'string'
  );
}

/** Turns what a call rejected with into an AppError: the core's own error where it sent one. */
export function toPageError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof ORPCError) return fromWire(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (/websocket is not open|peer|closed|aborted/i.test(message)) {
    return appError('app.connection_lost', 'The connection to the background process was lost during this request.', {
      hint: 'Check the jobs and the current state before you try again: the request may have been carried out.',
      retryable: false,
    });
  }
  return new AppError(toErrorData(thrown));
}

function fromWire(thrown: ORPCError<string, unknown>): AppError {
  if (isErrorData(thrown.data)) return new AppError(thrown.data);
  if (thrown.code === 'BAD_REQUEST') {
    return appError('app.bad_input', 'The request was not accepted as filled in.', {
      hint: 'Check the fields and try again.',
    });
  }
  return appError(
    'app.unexpected',
    thrown.message === '' ? `The background process answered ${thrown.code}.` : thrown.message,
  );
}

/** The data of anything a call rejected with, for display. */
export function errorDataOf(thrown: unknown): AppErrorData {
  return toPageError(thrown).data;
}
