import { describe, expect, it } from 'vitest';
import { createWalRates } from '../../../electron/core/postgres/wal-rates';
import type { SlotReading } from '../../../shared/model/postgres/replication';

const slot = (retained: number): SlotReading => ({
  name: 'db2',
  kind: 'physical',
  plugin: null,
  database: null,
  temporary: false,
  active: true,
  activePid: null,
  retained,
  walStatus: null,
  safeWalSize: null,
  inactiveSince: null,
  invalidation: null,
  synced: null,
});

describe('the rate of WAL', () => {
  it('is not known before a second reading, and then what was written between the two', () => {
    const rates = createWalRates();
    expect(rates.measure('a', { position: 1_000, slots: [slot(0)] }, 0)).toEqual({ walRate: null, slotGrowth: {} });
    expect(rates.measure('a', { position: 6_000, slots: [slot(500)] }, 5_000)).toEqual({
      walRate: 1_000,
      slotGrowth: { db2: 100 },
    });
  });

  it('is that of each server alone', () => {
    const rates = createWalRates();
    rates.measure('a', { position: 0, slots: [] }, 0);
    expect(rates.measure('b', { position: 9_000, slots: [] }, 5_000).walRate).toBeNull();
  });

  it('is the present one: what was before the last half minute does not count', () => {
    const rates = createWalRates();
    for (let at = 0; at <= 60_000; at += 5_000) rates.measure('a', { position: 0, slots: [] }, at);
    for (let at = 65_000; at < 95_000; at += 5_000) rates.measure('a', { position: (at - 60_000) * 2, slots: [] }, at);
    expect(rates.measure('a', { position: 70_000, slots: [] }, 95_000).walRate).toBe(2_000);
  });

  it('is known from a reading of minutes ago where nobody looked meanwhile', () => {
    const rates = createWalRates();
    rates.measure('a', { position: 0, slots: [] }, 0);
    expect(rates.measure('a', { position: 240_000, slots: [] }, 240_000).walRate).toBe(1_000);
  });

  it('begins anew where the position went back, as after a rewind', () => {
    const rates = createWalRates();
    rates.measure('a', { position: 50_000, slots: [] }, 0);
    expect(rates.measure('a', { position: 10_000, slots: [] }, 5_000).walRate).toBeNull();
  });

  it('is not known where the position is not', () => {
    expect(createWalRates().measure('a', { position: null, slots: [] }, 0).walRate).toBeNull();
  });
});
