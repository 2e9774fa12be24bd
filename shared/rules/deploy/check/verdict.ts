import type { StepAction } from '../../../model/deploy/deploy-views';

/** What a step would do, and why. */
export interface Verdict {
  readonly action: StepAction;
  readonly reason: string | null;
}

/** It is so already. */
export const settled: Verdict = { action: 'none', reason: null };

/** It is not there yet. */
export function create(reason: string | null = null): Verdict {
  return { action: 'create', reason };
}

/** It is there, and differs. */
export function toChange(reason: string): Verdict {
  return { action: 'change', reason };
}

/** It is waited for or run. */
export function toRun(reason: string | null = null): Verdict {
  return { action: 'run', reason };
}

/** It would touch what this deployment did not make. */
export function refuse(reason: string): Verdict {
  return { action: 'refuse', reason };
}
