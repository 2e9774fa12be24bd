import type { ReplicationReading, SlotReading } from '../../model/postgres/replication';

/** What will become of a slot at the present rate. Times are ms from the reading on. */
export type SlotForecast =
  /** Only one reading so far, or the disk could not be seen. */
  | { readonly kind: 'not_known'; readonly why: 'one_reading' | 'no_disk' }
  /** What it retains does not grow. */
  | { readonly kind: 'steady' }
  /** max_slot_wal_keep_size takes its WAL away before the disk is full. */
  | { readonly kind: 'loses_wal'; readonly inMs: number; readonly rate: number }
  | { readonly kind: 'fills_disk'; readonly inMs: number; readonly rate: number }
  /** It cannot be used any more, and retains nothing that counts. */
  | { readonly kind: 'lost' };

/** What the forecast of a slot rests on. */
export type SlotSurroundings = Pick<ReplicationReading, 'disk' | 'slotGrowth'>;

/** Grows slower than this, bytes a second, is steady: a checkpoint moves a slot by jumps. */
const STEADY_RATE = 1;

/**
 * When the disk is full, or the slot loses its WAL, at the rate by which what it retains grew between readings. That nobody uses a slot
 * says nothing alone: Patroni keeps the slots of other members on replicas, and moves them forward (slots.py, sync_replication_slots).
 */
export function forecastSlot(slot: SlotReading, { disk, slotGrowth }: SlotSurroundings): SlotForecast {
  if (slot.walStatus === 'lost' || slot.invalidation !== null) return { kind: 'lost' };
  if (slot.retained === null) return { kind: 'steady' };
  const rate = slotGrowth[slot.name];
  if (rate === undefined) return { kind: 'not_known', why: 'one_reading' };
  if (rate <= STEADY_RATE) return { kind: 'steady' };
  const lossMs = slot.safeWalSize === null ? null : (Math.max(0, slot.safeWalSize) / rate) * 1000;
  const fullMs = disk === null ? null : (disk.free / rate) * 1000;
  if (lossMs !== null && (fullMs === null || lossMs <= fullMs)) return { kind: 'loses_wal', inMs: lossMs, rate };
  return fullMs === null ? { kind: 'not_known', why: 'no_disk' } : { kind: 'fills_disk', inMs: fullMs, rate };
}
