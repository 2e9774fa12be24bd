import { describe, expect, it } from 'vitest';
import { slotName } from '../../../../shared/rules/cluster/slot-name';

describe('the replication slot of a member', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['db1', 'db1'],
    ['db-1', 'db_1'],
    ['DB.1', 'db_1'],
    ['DB-1.example', 'db_1_example'],
    ['db_1', 'db_1'],
    ['db#1', 'dbu00351'],
    ['ä1', 'u02281'],
    ['a'.repeat(80), 'a'.repeat(63)],
  ];
  it.each(rows)('of %s is %s, as Patroni names it', (member, slot) => {
    expect(slotName(member)).toBe(slot);
  });
});
