/** A disk at a moment. `at`: ms since the epoch; sizes in bytes. */
export interface DiskReading {
  readonly at: number;
  readonly size: number;
  readonly free: number;
}

/** Readings of the last hours are kept, ms. */
const KEPT_MS = 2 * 3_600_000;
/** A forecast rests on so long at least, ms. */
const SHORTEST_MS = 8 * 60_000;
/** What the last minutes say counts beside the whole time: a disk that stopped filling is forecast nothing, ms. */
const RECENT_MS = 12 * 60_000;
const MOST_READINGS = 200;

/** The readings of a disk with one more; those of a disk of another size are those of another disk. */
export function addReading(before: readonly DiskReading[], reading: DiskReading): readonly DiskReading[] {
  const same = before.filter(({ at, size }) => size === reading.size && reading.at - at <= KEPT_MS && at < reading.at);
  return [...same, reading].slice(-MOST_READINGS);
}

/**
 * When a disk is full if it goes on filling as it did, ms since the epoch; null: it does not fill, or was not followed for long enough. The
 * slower of the whole time and of its last minutes counts, so that neither a burst nor what is over raises an alarm.
 */
export function fullAt(readings: readonly DiskReading[]): number | null {
  const last = readings.at(-1);
  const first = readings[0];
  if (last === undefined || first === undefined || last.at - first.at < SHORTEST_MS) return null;
  const recent = readings.findLast(({ at }) => last.at - at >= RECENT_MS) ?? first;
  const rate = Math.min(rateBetween(first, last), rateBetween(recent, last));
  return rate <= 0 ? null : last.at + last.free / rate;
}

/** Bytes that are filled in a ms. */
function rateBetween(from: DiskReading, to: DiskReading): number {
  return to.at === from.at ? 0 : (from.free - to.free) / (to.at - from.at);
}
