import { describe, expect, it } from 'vitest';
import type { SlotReading } from '../../../../shared/model/postgres/replication';
import type { DataDirectory, RepairPlan } from '../../../../shared/model/repair/repair';
import { judgeSlotLost, type SlotLostFacts, type SlotReceiver } from '../../../../shared/rules/repair/slot-lost';
import { makeSlotSql } from '../../../../shared/rules/repair/slot-sql';

const GB = 1024 ** 3;

const lost = (change: Partial<SlotReading> = {}): SlotReading => ({
  ...{ name: 'db2', kind: 'physical', plugin: null, database: null, temporary: false, active: false, activePid: null },
  ...{ retained: null, restart: null, walStatus: 'lost', safeWalSize: null, inactiveSince: null },
  ...{ invalidation: 'wal_removed', synced: null },
  ...change,
});

const data = (member: string, change: Partial<DataDirectory> = {}): DataDirectory => ({
  ...{ member, server: member, directory: '/data', content: 'cluster', systemIdentifier: '42', timeline: 2 },
  ...{ checkpoint: 100, history: [], size: GB, free: 10 * GB, isMount: false, links: [], runs: true, kept: [], at: 1 },
  ...change,
});

const receiver = (change: Partial<SlotReceiver> = {}): SlotReceiver => ({
  ...{ name: 'db2', streams: false, answers: true, data: data('db2'), why: null, position: 100 },
  fork: { kind: 'same', timeline: 2 },
  ...change,
});

const word = (slots: readonly SlotReading[]) => ({
  ...{ recovery: false, slotLimit: GB, kept: null, archiver: null, at: 1 },
  slots,
});

const physical = { name: 'db2', kind: 'physical', plugin: null, twoPhase: false, failover: false } as const;
const logical = { name: 'reader', kind: 'logical', plugin: 'pgoutput', twoPhase: true, failover: false } as const;

const facts = (change: Partial<SlotLostFacts> = {}): SlotLostFacts => ({
  ...{ member: 'db1', server: 'db1', slot: 'db2', leader: 'db1', word: word([lost()]), why: null, port: 5432, at: 1 },
  ...{ receiver: receiver(), leaders: data('db1'), leaderPosition: 200, permanent: [], recipe: physical },
  ...change,
});

const reader = lost({ name: 'reader', kind: 'logical', plugin: 'pgoutput', database: 'shop' });
const refusals = ({ checks }: RepairPlan): readonly string[] =>
  checks.flatMap(({ code, verdict }) => (verdict === 'refuses' ? [code] : []));
const ids = ({ steps }: RepairPlan): readonly string[] => steps.map(({ id }) => id);

describe('a slot that lost its WAL', () => {
  it('of a replica is made anew, and the replica is copied, where it has nothing of its own', () => {
    const plan = judgeSlotLost(facts());
    expect([refusals(plan), ids(plan)]).toEqual([[], ['drop', 'make', 'reinit', 'copy']]);
    expect(plan.asksName).toBe(true);
    expect(plan.consequences[0]).toContain('All data of db2 is deleted');
  });

  it('of a replica that streams all the same is made anew without a copy', () => {
    expect(ids(judgeSlotLost(facts({ receiver: receiver({ streams: true }) })))).toEqual(['drop', 'make']);
  });

  it('of a logical reader is made anew as it was, and what is missed is said', () => {
    const plan = judgeSlotLost(facts({ slot: 'reader', word: word([reader]), receiver: null, recipe: logical }));
    expect([refusals(plan), ids(plan)]).toEqual([[], ['drop', 'make']]);
    expect(plan.consequences.join(' ')).toMatch(/missed by its reader, for good.*copy its tables anew/s);
  });

  it('of nobody who is known is dropped only', () => {
    const one = lost({ name: 'archive' });
    const plan = judgeSlotLost(
      facts({ slot: 'archive', word: word([one]), receiver: null, recipe: { ...physical, name: 'archive' } }),
    );
    expect([refusals(plan), ids(plan)]).toEqual([[], ['drop']]);
  });

  it.each<[string, Partial<SlotLostFacts>, readonly string[]]>([
    ['none is lost', { word: word([lost({ walStatus: 'extended', invalidation: null })]) }, ['repair.no_evidence']],
    ['none is chosen', { slot: null }, ['repair.not_chosen']],
    ['another one is lost', { slot: 'db3' }, ['repair.no_evidence']],
    ['PostgreSQL does not answer', { word: null, why: 'x' }, ['repair.not_known']],
    ['its member does not lead', { leader: 'db3' }, ['repair.no_leader']],
    ['it is in use', { word: word([lost({ active: true })]) }, ['repair.slot_used']],
    ['the configuration is not known', { permanent: null }, ['repair.not_known']],
    ['how it was made is not known', { recipe: null }, ['repair.not_known']],
    ['Patroni of the replica does not answer', { receiver: receiver({ answers: false }) }, ['repair.no_patroni']],
    ['the data of the replica cannot be read', { receiver: receiver({ data: null, why: 'x' }) }, ['repair.not_known']],
    ['where their WAL parts cannot be read', { receiver: receiver({ fork: null }) }, ['repair.not_known']],
    [
      'the replica has WAL of its own',
      { receiver: receiver({ fork: { kind: 'diverged', timeline: 2, lsn: 1 } }) },
      ['repair.diverged'],
    ],
    ['the replica is ahead of the leader', { receiver: receiver({ position: 300 }) }, ['repair.diverged']],
    [
      'the replica has the data of another cluster',
      { receiver: receiver({ data: data('db2', { systemIdentifier: '9' }) }) },
      ['repair.other_cluster'],
    ],
    ['there is no room for a copy', { leaders: data('db1', { size: 20 * GB }) }, ['repair.no_room']],
  ])('is left as it is when %s', (_case, change, codes) => {
    expect(refusals(judgeSlotLost(facts(change)))).toEqual(codes);
  });

  it('is made by the statement of its kind, with names that are only text', () => {
    expect(makeSlotSql(physical)).toBe(`SELECT pg_create_physical_replication_slot('db2', true)::text`);
    expect(makeSlotSql(logical)).toBe(
      `SELECT pg_create_logical_replication_slot('reader', 'pgoutput', twophase => true)::text`,
    );
    expect(makeSlotSql({ ...logical, plugin: "a'b", twoPhase: false })).toContain(`'a''b')`);
  });
});
