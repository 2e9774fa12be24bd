import type { Sim } from './sim';

const GB = 1024 ** 3;
const SIZE = 660 * GB;
const FREE = 420 * GB;
/** What is left where a slot was forgotten for weeks. */
const FREE_WITH_HOARD = 30 * GB;

/** What a forgotten slot retains, bytes: little that is noticed, or all that was written for weeks. */
export function hoardOf(sim: Sim): number {
  return sim.slotHoards ? FREE - FREE_WITH_HOARD : 3 * GB;
}

/** The disk of a member's server. Bytes. */
export function diskOf(sim: Sim): { readonly size: number; readonly free: number } {
  return { size: SIZE, free: sim.slotHoards ? FREE_WITH_HOARD : FREE };
}
