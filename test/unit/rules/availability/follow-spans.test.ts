import { describe, expect, it } from 'vitest';
import type { AvailabilitySpan } from '../../../../shared/model/availability/availability';
import { followSpans, NO_SPANS, type AvailabilitySight } from '../../../../shared/rules/availability/follow-spans';

const up = (primary: string, timeline: number | null = 1): AvailabilitySight => ({ kind: 'up', primary, timeline });
const DOWN: AvailabilitySight = { kind: 'down' };
const UNKNOWN: AvailabilitySight = { kind: 'unknown' };

/** Looks one after the other, as `[seconds, what is so]`; answers what ended, and what goes on last. */
function spansOf(looks: readonly (readonly [number, AvailabilitySight])[]): readonly string[] {
  let memory = NO_SPANS;
  const all: AvailabilitySpan[] = [];
  for (const [second, sight] of looks) {
    const step = followSpans(memory, sight, second * 1000);
    memory = step.memory;
    all.push(...step.ended);
  }
  if (memory.open !== null) all.push(memory.open);
  return all.map((span) => {
    const what =
      span.kind === 'up' ? span.primary : `down ±${span.slackMs ?? '?'} ${span.before ?? '?'}>${span.after ?? '?'}`;
    return `${what} ${span.from / 1000}-${span.to / 1000}`;
  });
}

describe('what the app saw over time', () => {
  it.each<[string, readonly (readonly [number, AvailabilitySight])[], readonly string[]]>([
    [
      'goes on while the same is so',
      [
        [0, up('a')],
        [2, up('a')],
        [4, up('a')],
      ],
      ['a 0-4'],
    ],
    [
      'has a time without a primary from the first look without one to the first with one, as exact as the looks are',
      [
        [0, up('a')],
        [2, up('a')],
        [4, DOWN],
        [6, DOWN],
        [8, up('b')],
        [10, up('b')],
      ],
      ['a 0-2', 'down ±4000 a>b 4-8', 'b 8-10'],
    ],
    [
      'does not know what it cannot see',
      [
        [0, up('a')],
        [2, up('a')],
        [4, UNKNOWN],
        [6, up('a')],
        [8, up('a')],
      ],
      ['a 0-2', 'a 6-8'],
    ],
    [
      'does not know the time in which the computer slept',
      [
        [0, up('a')],
        [2, up('a')],
        [7200, up('a')],
        [7202, up('a')],
      ],
      ['a 0-2', 'a 7200-7202'],
    ],
    [
      'begins anew where the clock was set back',
      [
        [100, up('a')],
        [104, up('a')],
        [50, up('a')],
        [52, up('a')],
      ],
      ['a 100-104', 'a 50-52'],
    ],
    [
      'ends a time without a primary with the last look at it where the computer slept then',
      [
        [0, DOWN],
        [2, DOWN],
        [900, up('a')],
      ],
      ['down ±? ?>? 0-2', 'a 900-900'],
    ],
    [
      'tells two primaries apart',
      [
        [0, up('a')],
        [2, up('a')],
        [4, up('b', 2)],
        [6, up('b', 2)],
      ],
      ['a 0-2', 'b 4-6'],
    ],
    [
      'keeps one whose timeline is not told for a moment',
      [
        [0, up('a', 3)],
        [2, up('a', null)],
        [4, up('a', 3)],
      ],
      ['a 0-4'],
    ],
  ])('%s', (_what, looks, spans) => {
    expect(spansOf(looks)).toEqual(spans);
  });
});
