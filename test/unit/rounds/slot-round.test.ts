import { describe, expect, it, vi } from 'vitest';
import { slotRound } from '../../../electron/core/rounds/slot-round';
import type { MemberReplication, SlotReading } from '../../../shared/model/postgres/replication';
import { Facts } from '../../support/cluster/cluster-facts';

const GB = 1024 ** 3;
const slot: SlotReading = {
  name: 'cdc',
  kind: 'logical',
  plugin: 'pgoutput',
  database: 'app',
  temporary: false,
  active: false,
  activePid: null,
  retained: 30 * GB,
  restart: 0,
  walStatus: 'extended',
  safeWalSize: null,
  inactiveSince: null,
  invalidation: null,
  synced: null,
};
const reading = (part: Partial<SlotReading> = {}): Extract<MemberReplication, { kind: 'known' }> => ({
  kind: 'known',
  member: 'db1',
  source: { way: 'psql', role: 'postgres', encrypted: null, asOf: 7 },
  version: 170_005,
  recovery: false,
  position: 40 * GB,
  replayed: null,
  replayPaused: null,
  lastReplayedAt: null,
  sent: [],
  received: null,
  slots: [{ ...slot, ...part }],
  slotLimit: null,
  archiver: null,
  disk: { size: 80 * GB, free: 9 * GB },
  walRate: 1_000_000,
  slotGrowth: { cdc: 1_000_000 },
});

const { facts } = new Facts();
const state = { ...new Facts().fold(), revision: 1 };
const lookWith = (answer: MemberReplication, mayAsk = true) => {
  const calmReplication = vi.fn(() => Promise.resolve(answer));
  const round = slotRound({ hub: { state: () => state }, postgres: { calmReplication }, mayAsk: () => mayAsk });
  return { calmReplication, look: () => round.look(facts.entry, new AbortController().signal) };
};

describe('the slots of a leader, looked at in the background', () => {
  it('that fill the disk within the time of a finding are found on the leader, which alone is asked', async () => {
    const { look, calmReplication } = lookWith(reading());
    expect(await look()).toMatchObject({
      place: 'db1',
      asOf: 7,
      findings: [{ code: 'postgres.slot_fills_disk', member: 'db1', subject: 'cdc', severity: 'critical' }],
    });
    expect(calmReplication.mock.calls).toEqual([['c1', 'db1']]);
  });

  it('that were invalidated, and that retain much for nobody, are found too', async () => {
    const lost = await lookWith(reading({ walStatus: 'lost', invalidation: 'wal_removed' })).look();
    expect(lost?.findings.map(({ code }) => code)).toEqual(['postgres.slot_lost']);
    const unused = await lookWith({ ...reading(), slotGrowth: {} }).look();
    expect(unused?.findings.map(({ code }) => code)).toEqual(['postgres.slot_unused']);
  });

  it('are not asked for while the server is not connected, or only by a password that the user is asked for', async () => {
    const { look, calmReplication } = lookWith(reading(), false);
    expect(await look()).toBeNull();
    expect(calmReplication).not.toHaveBeenCalled();
  });

  it('that could not be read are neither found nor taken back', async () => {
    const error = { code: 'postgres.not_answered' as const, message: 'psql was not answered', retryable: true };
    await expect(lookWith({ kind: 'unknown', member: 'db1', error }).look()).rejects.toMatchObject({ data: error });
  });
});
