import type { ReplicationReading } from '../../../shared/model/postgres/replication';
import type { ReplicationRows } from './read-replication';

/** What two readings of one server have to differ by before a rate is told, ms. */
const LEAST_MS = 2_000;
/** A rate is over so long, ms, where there are readings enough: the present one, not that of an hour ago. */
const WINDOW_MS = 30_000;
/** A reading older than this says nothing of the present, ms. */
const FORGET_MS = 600_000;
const MOST_READINGS = 60;
/**
 * Patroni moves the slots of a replica once a loop, by default every 10 s: a shorter watch does not tell a stuck slot from one
 * of these.
 */
const MOVES_WITHIN_MS = 30_000;

interface Reading {
  readonly at: number;
  readonly position: number;
  readonly slots: ReadonlyMap<string, SlotState>;
}

interface SlotState {
  readonly active: boolean;
  readonly retained: number;
  readonly restart: number | null;
}

/** What is measured of a reading. */
type MeasuredRows = Pick<ReplicationRows, 'recovery' | 'position' | 'slots'>;

/** Rates of WAL and of what slots retain, measured between readings of one server. */
export interface WalRates {
  /** Takes a reading in, and says what it makes of it with the ones before. `at` is ms. */
  measure(key: string, rows: MeasuredRows, at: number): Pick<ReplicationReading, 'walRate' | 'slotGrowth'>;
}

/** Makes the memory of readings, by server. Rates are over `windowMs` where there are readings enough. */
export function createWalRates(windowMs = WINDOW_MS): WalRates {
  const kept = new Map<string, readonly Reading[]>();
  return {
    measure: (key, rows, at) => {
      if (rows.position === null) return { walRate: null, slotGrowth: {} };
      const now = { at, position: rows.position, slots: slotStatesOf(rows) };
      const before = (kept.get(key) ?? []).filter(
        (one) => at - one.at <= FORGET_MS && one.position <= now.position && one.at <= at,
      );
      kept.set(key, [...before, now].slice(-MOST_READINGS));
      const first = firstOf(before, at, windowMs);
      if (first === undefined) return { walRate: null, slotGrowth: {} };
      return {
        walRate: rateBetween(first.position, now.position, first, now),
        slotGrowth: growthOf(before, first, now, rows.recovery),
      };
    },
  };
}

/** The reading that the present one is compared with: the oldest of the window, or the last one before it. */
function firstOf(before: readonly Reading[], at: number, windowMs: number): Reading | undefined {
  const apart = before.filter((one) => at - one.at >= LEAST_MS);
  return apart.find((one) => at - one.at <= windowMs) ?? apart.at(-1);
}

function slotStatesOf({ slots }: MeasuredRows): ReadonlyMap<string, SlotState> {
  return new Map(
    slots.flatMap(({ name, active, retained, restart }) =>
      retained === null ? [] : [[name, { active, retained, restart }] as const],
    ),
  );
}

/** Bytes a second. */
function rateBetween(before: number, after: number, first: Reading, now: Reading): number {
  return (after - before) / ((now.at - first.at) / 1000);
}

function growthOf(
  before: readonly Reading[],
  first: Reading,
  now: Reading,
  recovery: boolean,
): Readonly<Record<string, number>> {
  const growth = [...now.slots].flatMap(([name, slot]): readonly (readonly [string, number])[] => {
    const earlier = first.slots.get(name);
    if (earlier === undefined) return [];
    const measured = [name, rateBetween(earlier.retained, slot.retained, first, now)] as const;
    if (slot.active) return [measured];
    const idle = unusedReadings(before, name);
    if (idle.some((one) => one.slots.get(name)?.restart !== slot.restart)) return [[name, 0]];
    const watchedMs = now.at - (idle[0]?.at ?? now.at);
    return recovery && watchedMs < MOVES_WITHIN_MS ? [] : [measured];
  });
  return Object.fromEntries(growth);
}

/** The readings since which nobody uses a slot, the oldest first. */
function unusedReadings(before: readonly Reading[], name: string): readonly Reading[] {
  const last = before.findLastIndex((one) => one.slots.get(name)?.active !== false);
  return before.slice(last + 1);
}
