import type { ReplicationReading } from '../../../shared/model/postgres/replication';
import type { ReplicationRows } from './read-replication';

/** What two readings of one server have to differ by before a rate is told, ms. */
const LEAST_MS = 2_000;
/** A rate is over so long, ms, where there are readings enough: the present one, not that of an hour ago. */
const WINDOW_MS = 30_000;
/** A reading older than this says nothing of the present, ms. */
const FORGET_MS = 600_000;
const MOST_READINGS = 60;

interface Reading {
  readonly at: number;
  readonly position: number;
  readonly retained: ReadonlyMap<string, number>;
}

/** What is measured of a reading. */
type MeasuredRows = Pick<ReplicationRows, 'position' | 'slots'>;

/** Rates of WAL and of what slots retain, measured between readings of one server. */
export interface WalRates {
  /** Takes a reading in, and says what it makes of it with the ones before. `at` is ms. */
  measure(key: string, rows: MeasuredRows, at: number): Pick<ReplicationReading, 'walRate' | 'slotGrowth'>;
}

/** Makes the memory of readings, by server. */
export function createWalRates(): WalRates {
  const kept = new Map<string, readonly Reading[]>();
  return {
    measure: (key, rows, at) => {
      if (rows.position === null) return { walRate: null, slotGrowth: {} };
      const now = { at, position: rows.position, retained: retainedBy(rows) };
      const before = (kept.get(key) ?? []).filter(
        (one) => at - one.at <= FORGET_MS && one.position <= now.position && one.at <= at,
      );
      kept.set(key, [...before, now].slice(-MOST_READINGS));
      const first = firstOf(before, at);
      return first === undefined ? { walRate: null, slotGrowth: {} } : ratesOf(first, now);
    },
  };
}

/** The reading that the present one is compared with: the oldest of the window, or the last one before it. */
function firstOf(before: readonly Reading[], at: number): Reading | undefined {
  const apart = before.filter((one) => at - one.at >= LEAST_MS);
  return apart.find((one) => at - one.at <= WINDOW_MS) ?? apart.at(-1);
}

function retainedBy({ slots }: MeasuredRows): ReadonlyMap<string, number> {
  return new Map(slots.flatMap(({ name, retained }) => (retained === null ? [] : [[name, retained] as const])));
}

function ratesOf(first: Reading, now: Reading): Pick<ReplicationReading, 'walRate' | 'slotGrowth'> {
  const seconds = (now.at - first.at) / 1000;
  const growth = [...now.retained].flatMap(([name, bytes]) => {
    const before = first.retained.get(name);
    return before === undefined ? [] : [[name, (bytes - before) / seconds] as const];
  });
  return { walRate: (now.position - first.position) / seconds, slotGrowth: Object.fromEntries(growth) };
}
