import { describe, expect, it } from 'vitest';
import { createWalRates } from '../../../electron/core/postgres/wal-rates';
import type { SlotReading } from '../../../shared/model/postgres/replication';

const slot = (retained: number, active = true, restart = 0): SlotReading => ({
  name: 'db2',
  kind: 'physical',
  plugin: null,
  database: null,
  temporary: false,
  active,
  activePid: null,
  retained,
  restart,
  walStatus: null,
  safeWalSize: null,
  inactiveSince: null,
  invalidation: null,
  synced: null,
});

describe('the rate of WAL', () => {
  it('is not known before a second reading, and then what was written between the two', () => {
    const rates = createWalRates();
    expect(rates.measure('a', { recovery: false, position: 1_000, slots: [slot(0)] }, 0)).toEqual({
      walRate: null,
      slotGrowth: {},
    });
    expect(rates.measure('a', { recovery: false, position: 6_000, slots: [slot(500)] }, 5_000)).toEqual({
      walRate: 1_000,
      slotGrowth: { db2: 100 },
    });
  });

  it('is that of each server alone', () => {
    const rates = createWalRates();
    rates.measure('a', { recovery: false, position: 0, slots: [] }, 0);
    expect(rates.measure('b', { recovery: false, position: 9_000, slots: [] }, 5_000).walRate).toBeNull();
  });

  it('is the present one: what was before the last half minute does not count', () => {
    const rates = createWalRates();
    for (let at = 0; at <= 60_000; at += 5_000) rates.measure('a', { recovery: false, position: 0, slots: [] }, at);
    for (let at = 65_000; at < 95_000; at += 5_000)
      rates.measure('a', { recovery: false, position: (at - 60_000) * 2, slots: [] }, at);
    expect(rates.measure('a', { recovery: false, position: 70_000, slots: [] }, 95_000).walRate).toBe(2_000);
  });

  it('is known from a reading of minutes ago where nobody looked meanwhile', () => {
    const rates = createWalRates();
    rates.measure('a', { recovery: false, position: 0, slots: [] }, 0);
    expect(rates.measure('a', { recovery: false, position: 240_000, slots: [] }, 240_000).walRate).toBe(1_000);
  });

  it('begins anew where the position went back, as after a rewind', () => {
    const rates = createWalRates();
    rates.measure('a', { recovery: false, position: 50_000, slots: [] }, 0);
    expect(rates.measure('a', { recovery: false, position: 10_000, slots: [] }, 5_000).walRate).toBeNull();
  });

  it('is not known where the position is not', () => {
    expect(createWalRates().measure('a', { recovery: false, position: null, slots: [] }, 0).walRate).toBeNull();
  });
});

describe('the growth of a slot that nobody uses', () => {
  /** One reading every 5 s of a server that writes 1 kB/s; what the slot retains at each. */
  const growthOf = (recovery: boolean, retained: readonly number[]): number | undefined => {
    const rates = createWalRates();
    const read = retained.map((bytes, index) => {
      const position = 100_000 + index * 5_000;
      // The server is asked before its slots are: what was written in between is retained too.
      const slots = [slot(bytes + index * 7, false, position - bytes)];
      return rates.measure('a', { recovery, position, slots }, index * 5_000).slotGrowth['db2'];
    });
    return read.at(-1);
  };

  it('is the rate of all that is written where it is stuck', () => {
    expect(growthOf(false, [500, 5_500])).toBeCloseTo(1_001.4);
    expect(growthOf(true, [0, 5_000, 10_000, 15_000, 20_000, 25_000, 30_000])).toBeCloseTo(1_001.4);
  });

  it('is nothing where Patroni moves it forward on a replica, whenever one looks', () => {
    expect(growthOf(true, [0, 5_000, 0])).toBe(0);
    expect(growthOf(true, [0, 5_000, 0, 5_000])).toBe(0);
    expect(growthOf(true, [4_000, 9_000, 6_000, 11_000])).toBe(0);
  });

  it('is not told on a replica before Patroni had the time to move it', () => {
    expect(growthOf(true, [0, 5_000, 10_000])).toBeUndefined();
  });

  it('counts from when it was left, not from when its receiver still moved it', () => {
    const rates = createWalRates();
    rates.measure('a', { recovery: false, position: 0, slots: [slot(0, true, 100)] }, 0);
    rates.measure('a', { recovery: false, position: 5_000, slots: [slot(0, false, 5_000)] }, 5_000);
    const now = rates.measure('a', { recovery: false, position: 10_000, slots: [slot(5_000, false, 5_000)] }, 10_000);
    expect(now.slotGrowth['db2']).toBeGreaterThan(0);
  });
});
