import type { Suite } from './lab';

/** Says that tests for several releases are to run on one only: "one". Unset: on all of them. */
const wanted = process.env['LAB_RELEASES'] ?? '';
if (wanted !== '' && wanted !== 'one') throw new Error(`LAB_RELEASES is "one" or not set, not "${wanted}".`);

/** Those of `releases` to run `tests` on: all of them, or with LAB_RELEASES=one `alone`, which the output then says. */
export function releasesToTest<T extends { readonly suite: Suite }>(
  tests: string,
  releases: readonly T[],
  alone: Suite,
): readonly T[] {
  if (wanted === '') return releases;
  console.log(`${tests} on ${alone} only, as LAB_RELEASES=one asks; without it on ${releases.length} releases.`);
  return releases.filter(({ suite }) => suite === alone);
}
