/** Shortest and longest pause between two attempts, ms. */
export interface BackoffRange {
  readonly minMs: number;
  readonly maxMs: number;
}

/** The pause after so many failures in a row (1 or more), ms: it doubles with each of them, up to the longest. */
export function backoffMs(failures: number, { minMs, maxMs }: BackoffRange): number {
  return Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 16));
}
