import { seeded } from '../../../electron/core/demo/model/random';

/** Choices that are the same in every run with the same seed. */
export interface SeededChoice {
  /** A whole number from 0 up to, and without, `limit`. */
  below(limit: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
}

/** Makes the choices of a seed. */
export function seededChoice(seed: number): SeededChoice {
  const next = seeded(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, pick: (from) => from[below(from.length)] ?? from[0] };
}
