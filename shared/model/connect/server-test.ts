import type { AppErrorData } from '../app-error';

/** One line of a connection test. */
export interface TestStep {
  readonly name: string;
  readonly verdict: 'ok' | 'warning' | 'failed';
  readonly sentence: string;
  readonly durationMs: number;
}

/** What a connection test found; `error` is what stopped it. */
export interface TestReport {
  readonly steps: readonly TestStep[];
  readonly error: AppErrorData | null;
}
