import { describe, expect, it } from 'vitest';
import {
  methodLines,
  methodsOf,
  optionLines,
  optionsOf,
  slotLines,
  slotsOf,
} from '../../../../../shared/rules/deploy/spec/replication-lines';

describe('slots and ways to a replica as lines of text', () => {
  it('a slot is its name, or name, database and plugin', () => {
    const lines = ['reporting', 'orders shop pgoutput'];
    expect(slotsOf(lines)).toEqual({
      reporting: { type: 'physical' },
      orders: { type: 'logical', database: 'shop', plugin: 'pgoutput' },
    });
    expect(slotLines(slotsOf(lines))).toEqual(lines);
  });

  it('half a logical slot stays what was typed', () => {
    expect(slotLines(slotsOf(['orders shop']))).toEqual(['orders shop']);
  });

  it('an option stands alone or with its value, which may have any sign in it', () => {
    const lines = ['checkpoint=fast', 'verbose', 'label=a=b'];
    expect(optionsOf(lines)).toEqual({ checkpoint: 'fast', verbose: true, label: 'a=b' });
    expect(optionLines(optionsOf(lines))).toEqual(lines);
  });

  it('a way is its name and its command, and keeps what only the file says of it', () => {
    const before = [{ name: 'from_backup', command: '/old', withoutLeader: true, keepData: false }];
    const lines = ['from_backup: /usr/local/bin/restore --to "C:x"', 'basebackup'];
    expect(methodsOf(lines, before)).toEqual([
      { name: 'from_backup', command: '/usr/local/bin/restore --to "C:x"', withoutLeader: true, keepData: false },
      { name: 'basebackup', command: '', withoutLeader: false, keepData: false },
    ]);
    expect(methodLines(methodsOf(lines, before))).toEqual(lines);
  });
});
