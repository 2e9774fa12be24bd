import { describe, expect, it } from 'vitest';
import {
  applyConfigPatch,
  patchBetween,
  mergeConfigs,
  valueAt,
  withValue,
} from '../../../../shared/rules/configure/config-patch';

const before = { ttl: 30, loop_wait: 10, postgresql: { use_slots: true, parameters: { a: 1, b: 2 }, pg_hba: ['x'] } };

describe('the patch between two configurations', () => {
  it.each([
    ['a changed value', { ...before, ttl: 40 }, { ttl: 40 }],
    ['a removed value', { loop_wait: 10, postgresql: before.postgresql }, { ttl: null }],
    [
      'one parameter alone',
      withValue(before, ['postgresql', 'parameters', 'a'], 5),
      { postgresql: { parameters: { a: 5 } } },
    ],
    ['a list as a whole', withValue(before, ['postgresql', 'pg_hba'], ['y']), { postgresql: { pg_hba: ['y'] } }],
    ['nothing', before, {}],
  ])('holds %s, and gives the second when applied to the first', (_what, after, patch) => {
    expect(patchBetween(before, after)).toEqual(patch);
    expect(applyConfigPatch(before, patchBetween(before, after))).toEqual(after);
  });

  it('holds no null inside a section that is new: Patroni would store it', () => {
    expect(patchBetween({}, { slots: { s: { type: 'physical', database: null } } })).toEqual({
      slots: { s: { type: 'physical' } },
    });
  });
});

describe('two people who change one configuration', () => {
  const mine = withValue(before, ['postgresql', 'parameters', 'a'], 10);

  it('keep the changes of both where they changed different values', () => {
    const theirs = withValue({ ...before, ttl: 60 }, ['postgresql', 'parameters', 'b'], undefined);
    const { merged, conflicts } = mergeConfigs(before, mine, theirs);
    expect(conflicts).toEqual([]);
    expect(merged).toEqual({ ...before, ttl: 60, postgresql: { ...before.postgresql, parameters: { a: 10 } } });
  });

  it('are told where both changed one value', () => {
    const theirs = withValue(before, ['postgresql', 'parameters', 'a'], 20);
    const { merged, conflicts } = mergeConfigs(before, mine, theirs);
    expect(conflicts).toEqual([{ path: ['postgresql', 'parameters', 'a'], before: 1, mine: 10, theirs: 20 }]);
    expect(valueAt(merged, ['postgresql', 'parameters', 'a'])).toBe(10);
  });

  it('are not told where both made the same change', () => {
    expect(mergeConfigs(before, mine, mine)).toEqual({ merged: mine, conflicts: [] });
  });

  it('are told where one removed what the other changed', () => {
    const { conflicts } = mergeConfigs(before, withValue(before, ['ttl'], undefined), { ...before, ttl: 60 });
    expect(conflicts).toEqual([{ path: ['ttl'], before: 30, mine: undefined, theirs: 60 }]);
  });
});
