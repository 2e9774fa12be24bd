import type { AppErrorData } from '../../../shared/model/app-error';
import type { JobResult } from '../../../shared/model/operate/job';
import { mask } from '../platform/mask';

/** Hides every known secret in what a job writes down or shows. */
export interface Masking {
  text(value: string): string;
  maybe(value: string | null): string | null;
  error(error: AppErrorData): AppErrorData;
  result(result: JobResult): JobResult;
}

/** Masks with the secrets that are known at the time of each call. */
export function createMasking(known: () => readonly string[]): Masking {
  const text = (value: string): string => mask(value, known());
  return {
    text,
    maybe: (value) => (value === null ? null : text(value)),
    error: (error) => maskError(error, text),
    result: (result) => maskResult(result, text),
  };
}

function maskError(error: AppErrorData, text: (value: string) => string): AppErrorData {
  return {
    ...error,
    message: text(error.message),
    ...(error.hint === undefined ? {} : { hint: text(error.hint) }),
    ...(error.cause === undefined ? {} : { cause: maskError(error.cause, text) }),
  };
}

function maskResult(result: JobResult, text: (value: string) => string): JobResult {
  const facts = Object.entries(result.facts).map(
    ([name, value]) => [name, typeof value === 'string' ? text(value) : value] as const,
  );
  return { ...result, sentence: text(result.sentence), facts: Object.fromEntries(facts) };
}
