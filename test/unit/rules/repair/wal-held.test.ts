import { describe, expect, it } from 'vitest';
import { readWalLook, segmentPosition } from '../../../../electron/core/repair/read-wal';
import type { SlotReading } from '../../../../shared/model/postgres/replication';
import type { RepairPlan } from '../../../../shared/model/repair/repair';
import type { WalDirectory, WalWord } from '../../../../shared/model/repair/wal';
import { judgeWalHeld, type WalHeldFacts } from '../../../../shared/rules/repair/wal-held';

const MB = 1024 ** 2;

const wal = (change: Partial<WalDirectory> = {}): WalDirectory => ({
  ...{ member: 'db1', server: 'db1', directory: '/data', runs: true, size: 900 * MB, segments: 56, at: 1 },
  ...{
    segmentSize: 16 * MB,
    waiting: 0,
    disk: { size: 1024 * MB, free: 8 * MB },
    newest: 900 * MB,
    slots: [],
    others: [],
  },
  ...change,
});

const slot = (name: string, change: Partial<SlotReading> = {}): SlotReading => ({
  ...{ name, kind: 'physical', plugin: null, database: null, temporary: false, active: false, activePid: null },
  ...{ retained: 800 * MB, restart: 100, walStatus: 'extended', safeWalSize: null, inactiveSince: null },
  ...{ invalidation: null, synced: null },
  ...change,
});

const word = (change: Partial<WalWord> = {}): WalWord => ({
  ...{ recovery: false, slots: [slot('forgotten')], slotLimit: null, kept: 128 * MB, archiver: null, at: 1 },
  ...change,
});

const facts = (change: Partial<WalHeldFacts> = {}): WalHeldFacts => ({
  ...{ member: 'db1', slot: 'forgotten', wal: wal(), word: word(), why: null, archiverSaid: null },
  ...{ ofMembers: new Map([['db2', 'db2']]), permanent: [], unit: 'patroni.service', port: 5432 },
  ...change,
});

const down: Partial<WalHeldFacts> = {
  word: null,
  why: 'nobody listens',
  wal: wal({
    runs: false,
    disk: { size: 1024 * MB, free: 64 * MB },
    slots: [{ name: 'forgotten', kind: 'physical', restart: 100 * MB }],
  }),
};

const refusals = ({ checks }: RepairPlan): readonly string[] =>
  checks.flatMap(({ code, verdict }) => (verdict === 'refuses' ? [code] : []));

describe('a disk that WAL fills', () => {
  it('is freed by dropping the slot that was chosen and a checkpoint, never by a hand in pg_wal', () => {
    const plan = judgeWalHeld(facts());
    expect(refusals(plan)).toEqual([]);
    expect(plan.steps.map(({ id }) => id)).toEqual(['drop', 'checkpoint']);
    expect(plan.asksName).toBe(true);
    expect(plan.steps.flatMap(({ commands }) => commands).join(' ')).not.toMatch(/\brm\b|pg_wal/);
    expect(plan.checks.map(({ sentence }) => sentence)).toContain('About 672 MB become free with the next checkpoint.');
  });

  it('offers only slots that nobody uses and that Patroni does not keep', () => {
    const slots = [
      slot('forgotten'),
      slot('db2'),
      slot('kept'),
      slot('used', { active: true }),
      slot('none', { retained: null }),
    ];
    const plan = judgeWalHeld(facts({ slot: null, word: word({ slots }), permanent: ['kept'] }));
    expect(plan.choices?.[0]?.options.map(({ value }) => value)).toEqual(['forgotten']);
    expect(refusals(plan)).toEqual(['repair.not_chosen']);
    expect(plan.leads?.map(({ view }) => view)).toContain('slots');
  });

  it.each<[string, Partial<WalHeldFacts>, readonly string[]]>([
    ['the slot is in use', { word: word({ slots: [slot('forgotten', { active: true })] }) }, ['repair.slot_kept']],
    ['it is the slot of a member', { ofMembers: new Map([['forgotten', 'db9']]) }, ['repair.slot_kept']],
    ['it is a permanent slot', { permanent: ['forgotten'] }, ['repair.slot_kept']],
    ['the configuration is not known', { permanent: null }, ['repair.slot_kept']],
    [
      'it belongs to a session',
      { word: word({ slots: [slot('forgotten', { temporary: true })] }) },
      ['repair.slot_kept'],
    ],
    [
      'it is a copy of the primary’s',
      { word: word({ slots: [slot('forgotten', { synced: true })] }) },
      ['repair.slot_kept'],
    ],
    ['it is gone', { word: word({ slots: [] }) }, ['repair.no_evidence']],
    ['it holds nothing', { word: word({ slots: [slot('forgotten', { retained: 0 })] }) }, ['repair.no_evidence']],
    [
      'PostgreSQL runs and does not answer',
      { word: null, wal: wal({ slots: [{ name: 'forgotten', kind: 'physical', restart: 1 }] }) },
      ['repair.not_known'],
    ],
    ['nothing is chosen and nothing may go', { slot: null, word: word({ slots: [] }) }, ['repair.no_evidence']],
    ['nothing is to be dropped and it runs', { slot: '' }, ['repair.no_evidence']],
  ])('is left as it is when %s', (_case, change, codes) => {
    expect(refusals(judgeWalHeld(facts(change)))).toEqual(codes);
  });

  it('is started first where PostgreSQL is down, by slots that are read from their files', () => {
    const plan = judgeWalHeld(facts(down));
    expect(refusals(plan)).toEqual([]);
    expect(plan.steps.map(({ id }) => id)).toEqual(['start', 'drop', 'checkpoint']);
    expect(plan.evidence.map(({ sentence }) => sentence)).toContain(
      'The physical slot forgotten is not in use and holds 816 MB of WAL.',
    );
    const only = judgeWalHeld(facts({ ...down, slot: '' }));
    expect([refusals(only), only.steps.map(({ id }) => id), only.asksName]).toEqual([
      [],
      ['start', 'checkpoint'],
      false,
    ]);
  });

  it.each<[string, Partial<WalDirectory>, readonly string[]]>([
    ['there is no room to recover', { disk: { size: 1024 * MB, free: 20 * MB } }, ['repair.no_room']],
    ['the room cannot be read', { disk: null }, ['repair.room_not_known']],
  ])('is not started when %s', (_case, change, codes) => {
    const plan = judgeWalHeld(facts({ ...down, wal: wal({ ...down.wal, ...change }) }));
    expect(refusals(plan)).toEqual(codes);
  });

  it('says that little becomes free where something else holds as much', () => {
    const warned = (change: Partial<WalHeldFacts>) =>
      judgeWalHeld(facts(change)).checks.find(({ code }) => code === 'repair.held_twice')?.sentence;
    expect(warned({ word: word({ slots: [slot('forgotten'), slot('db2')] }) })).toContain('the slot db2 holds 800 MB');
    expect(warned({ wal: wal({ waiting: 60 }) })).toContain('WAL that waits for archive_command');
    expect(warned({})).toBeUndefined();
  });

  it('leads to archive_command where the archiver fails', () => {
    const archiver = { fails: true, lastFailed: '000000010000000000000003', lastFailedAt: 1 };
    const plan = judgeWalHeld(facts({ slot: null, word: word({ slots: [], archiver }), wal: wal({ waiting: 12 }) }));
    expect(plan.evidence.map(({ sentence }) => sentence).join(' ')).toContain(
      '12 segments (192 MB) wait for archive_command',
    );
    expect(plan.leads?.map(({ text }) => text).join(' ')).toContain('archive_command is mended');
  });

  it('is another decision when the slot was moved on meanwhile', () => {
    const print = (restart: number) =>
      judgeWalHeld(facts({ word: word({ slots: [slot('forgotten', { restart })] }) })).fingerprint;
    expect(print(100)).not.toBe(print(101));
  });
});

describe('what a server tells of its WAL', () => {
  it('is read whole or not at all', () => {
    const name = Buffer.from('forgotten').toString('base64');
    const said = [
      'matriarch-wal 1',
      'runs',
      `wal ${3 * 16 * MB} 3`,
      `segment ${16 * MB}`,
      'newest 00000002000000010000000A',
      'waiting 2',
      'disk 1000 100',
      `slot ${name} 0 4294967296`,
      `slot ${name} x 1`,
      'end',
    ];
    expect(readWalLook(said.join('\n'))).toMatchObject({
      ...{ runs: true, size: 3 * 16 * MB, segments: 3, waiting: 2, disk: { size: 1000, free: 100 } },
      slots: [{ name: 'forgotten', kind: 'physical', restart: 4294967296 }],
      newest: 2 ** 32 + 10 * 16 * MB,
    });
    expect(readWalLook(said.slice(0, -1).join('\n'))).toBeNull();
    expect(segmentPosition('00000002.history', 16 * MB)).toBeNull();
  });
});
