import { describe, expect, it } from 'vitest';
import { divergenceOf, type Divergence, type TimelinePath } from '../../../../shared/rules/standby/divergence';

const path = (timeline: number | null, lsn: number | null, ...ends: readonly [number, number][]): TimelinePath => ({
  timeline,
  lsn,
  history: ends.map(([number, end]) => ({ timeline: number, lsn: end })),
});
const none: Divergence = { kind: 'none' };
const unknown: Divergence = { kind: 'not_known' };
const own = (timeline: number, lsn: number, bytes: number, rewound = true): Divergence => ({
  kind: 'own',
  timeline,
  lsn,
  bytes,
  rewound,
});

describe('what a former primary has that the new one lacks', () => {
  const rows: readonly [string, TimelinePath, TimelinePath, Divergence][] = [
    ['nothing, where it stopped before the other was promoted', path(1, 90), path(2, 300, [1, 100]), none],
    ['nothing, where it stopped at that very position', path(1, 100), path(2, 300, [1, 100]), none],
    ['what it wrote after that on the old timeline', path(1, 130), path(2, 300, [1, 100]), own(1, 100, 30)],
    [
      'all since then, where it was promoted once more by itself',
      path(2, 180, [1, 130]),
      path(2, 300, [1, 100]),
      own(1, 100, 80, false),
    ],
    [
      'all beyond the end of its own older timeline',
      path(2, 180, [1, 90]),
      path(2, 300, [1, 100]),
      own(1, 90, 90, false),
    ],
    [
      'the same, noticed by Patroni, where its timeline has a higher number',
      path(3, 180, [1, 130], [2, 150]),
      path(2, 300, [1, 100]),
      own(1, 100, 80),
    ],
    ['nothing, while both are on one timeline and it is behind', path(3, 50), path(3, 60), none],
    ['what it has more, while both are on one timeline', path(3, 70), path(3, 60), own(3, 60, 10, false)],
    ['a timeline that the other one never had', path(2, 180, [1, 100]), path(1, 100), own(1, 100, 80)],
    ['nothing, where both went the same way', path(3, 50, [1, 10], [2, 20]), path(3, 60, [1, 10], [2, 20]), none],
    ['not known without its position', path(1, null), path(2, 300, [1, 100]), unknown],
    ['not known without the timeline of the other', path(1, 90), path(null, 300, [1, 100]), unknown],
    ['not known where the histories have nothing in common', path(5, 90), path(7, 300, [6, 100]), unknown],
  ];
  it.each(rows)('%s', (_name, mine, theirs, expected) => {
    expect(divergenceOf(mine, theirs)).toEqual(expected);
  });
});
