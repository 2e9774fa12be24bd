import { describe, expect, it } from 'vitest';
import {
  judgePermanentSlots,
  memberSlotsLife,
  readPermanentSlots,
  slotOnFailover,
  slotOwner,
  whyNotAddSlot,
} from '../../../../../shared/rules/configure/slots/permanent-slots';

const members = [{ name: 'db-1' }, { name: 'db-2' }];
const config = {
  slots: {
    cdc: { type: 'logical', database: 'shop', plugin: 'pgoutput' },
    archive: { type: 'physical' },
    bare: {},
    guessed: { database: 'shop', plugin: 'wal2json' },
    odd: { type: 'magic' },
  },
  ignore_slots: [{ name: 'barman' }, { type: 'logical', plugin: 'wal2json' }],
};

describe('permanent slots', () => {
  it('are read as Patroni reads them, also where the type is left out', () => {
    expect(readPermanentSlots(config).map(({ name, kind }) => [name, kind])).toEqual([
      ['archive', 'physical'],
      ['bare', 'physical'],
      ['cdc', 'logical'],
      ['guessed', 'logical'],
      ['odd', 'unknown'],
    ]);
    expect(readPermanentSlots({ slots: ['cdc'] })).toEqual([]);
  });

  it.each([
    ['physical', '3.0.2', /makes it anew/],
    ['physical', '3.2.0', /kept on every member/],
    ['physical', null, /kept on every member/],
    ['logical', '3.0.2', /copied to the replicas/],
    ['unknown', '4.0.7', /no slot/],
  ] as const)('a %s one with Patroni %s says what a failover does to it', (kind, version, sentence) => {
    expect(slotOnFailover(kind, version)).toMatch(sentence);
  });

  it('of members live as long as their release of Patroni says', () => {
    expect(memberSlotsLife('3.0.2')).toMatch(/as soon as the member's key is gone/);
    expect(memberSlotsLife('4.0.7')).toMatch(/member_slots_ttl/);
  });

  it.each([
    ['of no known type', { slots: { odd: { type: 'magic' } } }, 'error', /neither physical nor logical/],
    ['that is logical without wal_level', { slots: { cdc: config.slots.cdc } }, 'warning', /wal_level is not logical/],
    [
      'that is logical with the name of a member',
      { slots: { db_1: config.slots.cdc }, postgresql: { parameters: { wal_level: 'logical' } } },
      'error',
      /is the slot of the member db-1/,
    ],
  ])('one %s is found', (_what, wanted, severity, sentence) => {
    expect(judgePermanentSlots(wanted, { members })).toEqual([
      expect.objectContaining({ severity, sentence: expect.stringMatching(sentence) as string }),
    ]);
  });

  it.each([
    ['', 'physical', '', '', 'Give it a name.'],
    ['Big', 'physical', '', '', 'Use lower-case letters, digits and underscores, at most 63.'],
    ['cdc', 'physical', '', '', 'There is a slot cdc already.'],
    ['fresh', 'logical', 'shop', '', 'A logical slot needs a database and a plugin.'],
    ['fresh', 'logical', 'shop', 'pgoutput', null],
    ['fresh', 'physical', '', '', null],
  ] as const)('%s, %s: whether it can be added is said', (name, kind, database, plugin, why) => {
    expect(whyNotAddSlot(config, { name, kind, database, plugin })).toBe(why);
  });

  it.each([
    ['cdc', 'logical', 'shop', 'pgoutput', { kind: 'permanent' }],
    ['db_2', 'physical', null, null, { kind: 'member', member: 'db-2' }],
    ['barman', 'physical', null, null, { kind: 'ignored' }],
    ['debezium', 'logical', 'shop', 'wal2json', { kind: 'ignored' }],
    ['debezium', 'logical', 'shop', 'pgoutput', { kind: 'nobody' }],
    ['forgotten', 'physical', null, null, { kind: 'nobody' }],
  ] as const)('whose the slot %s (%s) is, is said', (name, kind, database, plugin, owner) => {
    expect(slotOwner({ name, kind, database, plugin }, config, members)).toEqual(owner);
  });
});
