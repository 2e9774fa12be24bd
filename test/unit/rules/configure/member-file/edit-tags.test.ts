import { describe, expect, it } from 'vitest';
import { setTag, type TagValue } from '../../../../../shared/rules/configure/member-file/edit-tags';

/** A text, a tag, its new value, and the text afterwards. */
const cases: readonly (readonly [string, string, string, TagValue, string])[] = [
  [
    'is changed where it stands',
    '# head\ntags:\n    nofailover: false # why\n    clonefrom:   true\nb: 1\n',
    'nofailover',
    true,
    '# head\ntags:\n    nofailover: true # why\n    clonefrom:   true\nb: 1\n',
  ],
  [
    'is put below the last one, as far in',
    'tags:\n    clonefrom: true # yes\n\n# next\nb: 1\n',
    'nosync',
    true,
    'tags:\n    clonefrom: true # yes\n    nosync: true\n\n# next\nb: 1\n',
  ],
  ['begins the section where there is none', 'a: 1', 'nosync', true, 'a: 1\ntags:\n  nosync: true\n'],
  [
    'is taken away with its line',
    'tags:\n  clonefrom: true\n  nosync: true # x\nb: 1\n',
    'nosync',
    undefined,
    'tags:\n  clonefrom: true\nb: 1\n',
  ],
  ['goes with the section when it is the last', 'a: 1\ntags:\n  nosync: true\n', 'nosync', undefined, 'a: 1\n'],
  [
    'may be a number',
    'tags:\n  clonefrom: true\n',
    'failover_priority',
    2,
    'tags:\n  clonefrom: true\n  failover_priority: 2\n',
  ],
  ['that is a word like yes is quoted', 'a: 1\n', 'replicatefrom', 'no', 'a: 1\ntags:\n  replicatefrom: "no"\n'],
  ['in brackets is changed there', 'tags: {nosync: false}\n', 'nosync', true, 'tags: { nosync: true }\n'],
  [
    'at the end without a line break',
    'tags:\n  nosync: true',
    'clonefrom',
    true,
    'tags:\n  nosync: true\n  clonefrom: true\n',
  ],
  ['that is not there stays away', 'a: 1\n', 'nosync', undefined, 'a: 1\n'],
];

describe('a tag of a patroni.yml', () => {
  it.each(cases)('%s, and nothing else changes', (_what, text, name, value, after) => {
    expect(setTag(text, name, value)).toBe(after);
  });

  it('is not touched in a text that does not read', () => {
    expect(setTag('tags: [\n', 'nosync', true)).toBeNull();
  });
});
