import { describe, expect, it } from 'vitest';
import type { MemberReplication, SlotReading } from '../../../../shared/model/postgres/replication';
import { findPostgresTrouble, forecastInWords } from '../../../../shared/rules/postgres/find-postgres-trouble';
import { forecastSlot, type SlotSurroundings } from '../../../../shared/rules/postgres/slot-forecast';

const GB = 1024 ** 3;
const MB = 1024 ** 2;
const HOUR = 3_600_000;

const slot = (part: Partial<SlotReading> = {}): SlotReading => ({
  name: 'db2',
  kind: 'physical',
  plugin: null,
  database: null,
  temporary: false,
  active: false,
  activePid: null,
  retained: GB,
  restart: 0,
  walStatus: 'reserved',
  safeWalSize: null,
  inactiveSince: null,
  invalidation: null,
  synced: null,
  ...part,
});
const around = (part: Partial<SlotSurroundings> = {}): SlotSurroundings => ({
  disk: { size: 100 * GB, free: 36 * GB },
  slotGrowth: { db2: 10 * MB },
  ...part,
});

describe('what becomes of a slot', () => {
  it.each([
    [
      'is not known before a second reading',
      slot(),
      around({ slotGrowth: {} }),
      { kind: 'not_known', why: 'one_reading' },
    ],
    ['is a full disk where nobody uses it', slot(), around(), { kind: 'fills_disk', inMs: 3_686_400 }],
    ['is nothing where nothing is written', slot(), around({ slotGrowth: { db2: 0 } }), { kind: 'steady' }],
    ['is nothing where it reserves nothing', slot({ retained: null }), around(), { kind: 'steady' }],
    [
      'is nothing where its receiver keeps up',
      slot({ active: true }),
      around({ slotGrowth: { db2: 0 } }),
      { kind: 'steady' },
    ],
    [
      'is a full disk where its receiver falls back',
      slot({ active: true }),
      around({ slotGrowth: { db2: MB } }),
      { kind: 'fills_disk', inMs: 36_864_000 },
    ],
    [
      'is the loss of its WAL where max_slot_wal_keep_size comes first',
      slot({ safeWalSize: 10 * MB }),
      around(),
      { kind: 'loses_wal', inMs: 1_000 },
    ],
    ['is a full disk where that comes first', slot({ safeWalSize: 90 * GB }), around(), { kind: 'fills_disk' }],
    ['is not known where the disk is not seen', slot(), around({ disk: null }), { kind: 'not_known', why: 'no_disk' }],
    ['is behind it where it is lost', slot({ walStatus: 'lost', retained: null }), around(), { kind: 'lost' }],
    ['is behind it where it was invalidated', slot({ invalidation: 'rows_removed' }), around(), { kind: 'lost' }],
    [
      'is now where no safe size is left',
      slot({ safeWalSize: -5, walStatus: 'unreserved' }),
      around(),
      { kind: 'loses_wal', inMs: 0 },
    ],
  ])('%s', (_what, one, surroundings, expected) => {
    expect(forecastSlot(one, surroundings)).toMatchObject(expected);
  });

  it.each([
    [20_000, 'less than a minute'],
    [90 * 60_000, '90 min'],
    [5 * HOUR, '5 h'],
    [100 * HOUR, '4 days'],
  ])('%d ms are said as %s', (ms, words) => {
    expect(forecastInWords(ms)).toBe(words);
  });
});

const member = (part: Partial<Extract<MemberReplication, { kind: 'known' }>>): MemberReplication => ({
  kind: 'known',
  member: 'db1',
  source: { way: 'psql', role: 'postgres', encrypted: null, asOf: 0 },
  version: 170_005,
  recovery: false,
  position: 0,
  replayed: null,
  replayPaused: null,
  lastReplayedAt: null,
  sent: [],
  received: null,
  slots: [],
  slotLimit: null,
  archiver: null,
  walRate: 10 * MB,
  ...around(),
  ...part,
});
const codes = (...members: readonly MemberReplication[]): readonly string[] =>
  findPostgresTrouble({ members, asOf: 0 }).map(({ code, severity }) => `${code} ${severity}`);

describe('a slot that retains too much', () => {
  it.each([
    ['is critical hours before the disk is full', { slots: [slot()] }, ['postgres.slot_fills_disk critical']],
    ['warns days before', { slots: [slot()], slotGrowth: { db2: MB } }, ['postgres.slot_fills_disk warning']],
    ['says nothing when that is far', { slots: [slot()], slotGrowth: { db2: 1000 } }, []],
    [
      'is told for what it retains already',
      { slots: [slot({ retained: 20 * GB })], slotGrowth: {} },
      ['postgres.slot_unused warning'],
    ],
    ['is told when its WAL is lost', { slots: [slot({ walStatus: 'lost' })] }, ['postgres.slot_lost warning']],
    ['says nothing where Patroni moves it forward', { slots: [slot()], slotGrowth: { db2: 0 }, recovery: true }, []],
    ['says nothing in use', { slots: [slot({ active: true })], slotGrowth: { db2: 0 } }, []],
  ])('%s', (_what, part, expected) => {
    expect(codes(member(part))).toEqual(expected);
  });

  it('comes before what is less serious on another member', () => {
    expect(codes(member({ slots: [slot({ walStatus: 'lost' })] }), member({ member: 'db2', slots: [slot()] }))).toEqual(
      ['postgres.slot_fills_disk critical', 'postgres.slot_lost warning'],
    );
  });
});

describe('an archiver', () => {
  const archiver = {
    mode: 'on',
    archived: 4,
    failed: 9,
    lastArchived: 'A',
    lastArchivedAt: 1,
    lastFailed: 'B',
    lastFailedAt: 2,
  };
  it.each([
    ['that failed last is told', { archiver }, ['postgres.archiver_fails warning']],
    ['that succeeded since is not', { archiver: { ...archiver, lastArchivedAt: 3 } }, []],
    ['of a standby, which does not archive, is not', { archiver, recovery: true }, []],
    ['that is off is not', { archiver: { ...archiver, mode: 'off' } }, []],
  ])('%s', (_what, part, expected) => {
    expect(codes(member(part))).toEqual(expected);
  });
});
