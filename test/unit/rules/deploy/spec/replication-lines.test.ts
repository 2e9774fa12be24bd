import { describe, expect, it } from 'vitest';
import {
  methodLines,
  methodsOf,
  optionLines,
  optionsOf,
  slotLines,
  slotsOf,
} from '../../../../../shared/rules/deploy/spec/replication-lines';

describe('slots and create_replica_methods as lines of text', () => {
  it('give a slot as its name, or as name, database and plugin', () => {
    const lines = ['reporting', 'orders shop pgoutput'];
    expect(slotsOf(lines)).toEqual({
      reporting: { type: 'physical' },
      orders: { type: 'logical', database: 'shop', plugin: 'pgoutput' },
    });
    expect(slotLines(slotsOf(lines))).toEqual(lines);
  });

  it('keep an incomplete logical slot as it was typed', () => {
    expect(slotLines(slotsOf(['orders shop']))).toEqual(['orders shop']);
  });

  it('give an option alone or with its value, which may contain any character', () => {
    const lines = ['checkpoint=fast', 'verbose', 'label=a=b'];
    expect(optionsOf(lines)).toEqual({ checkpoint: 'fast', verbose: true, label: 'a=b' });
    expect(optionLines(optionsOf(lines))).toEqual(lines);
  });

  it('give a method as its name and command, and keep settings that only the file has', () => {
    const before = [{ name: 'from_backup', command: '/old', withoutLeader: true, keepData: false }];
    const lines = ['from_backup: /usr/local/bin/restore --to "C:x"', 'basebackup'];
    expect(methodsOf(lines, before)).toEqual([
      { name: 'from_backup', command: '/usr/local/bin/restore --to "C:x"', withoutLeader: true, keepData: false },
      { name: 'basebackup', command: '', withoutLeader: false, keepData: false },
    ]);
    expect(methodLines(methodsOf(lines, before))).toEqual(lines);
  });
});
