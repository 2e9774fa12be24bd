import { describe, expect, it } from 'vitest';
import { findFork, positionInWords, readHistoryFile, type WalHistory } from '../../../../shared/rules/repair/fork';

const history = (timeline: number, position: number, ...ends: readonly [number, number][]): WalHistory => ({
  timeline,
  position,
  ends: ends.map(([of, lsn]) => ({ timeline: of, lsn })),
});

describe('where the WAL of a member leaves that of the leader', () => {
  it.each([
    [
      'cannot be told from the histories while both are on one timeline',
      history(1, 50),
      history(1, 90),
      { kind: 'same', timeline: 1 },
    ],
    [
      'is nowhere while it has not reached the end of an old one',
      history(1, 50),
      history(2, 90, [1, 60]),
      { kind: 'behind' },
    ],
    ['is nowhere where it reached that end exactly', history(1, 60), history(2, 90, [1, 60]), { kind: 'behind' }],
    [
      'is the end of the timeline that it went beyond, as a former leader does',
      history(1, 75),
      history(2, 90, [1, 60]),
      { kind: 'diverged', timeline: 1, lsn: 60 },
    ],
    [
      'is where it was promoted by itself while the leader went on',
      history(2, 75, [1, 50]),
      history(1, 90),
      { kind: 'diverged', timeline: 2, lsn: 50 },
    ],
    [
      'is the earlier of two promotions to the same number',
      history(2, 95, [1, 70]),
      history(2, 90, [1, 60]),
      { kind: 'diverged', timeline: 2, lsn: 60 },
    ],
    [
      'is where the common timelines end',
      history(4, 99, [1, 60], [2, 80]),
      history(3, 95, [1, 60], [2, 80]),
      { kind: 'diverged', timeline: 4, lsn: 80 },
    ],
  ] as const)('%s', (_case, own, leaders, fork) => {
    expect(findFork(own, leaders)).toEqual(fork);
  });

  it('is read from the files that PostgreSQL writes, whatever else stands there', () => {
    const text = '1\t0/3000148\tno recovery target specified\n\n2\t1/A0\tbefore 2026\nrubbish\n# 3 0/1\n';
    expect(readHistoryFile(text)).toEqual([
      { timeline: 1, lsn: 0x3000148 },
      { timeline: 2, lsn: 2 ** 32 + 0xa0 },
    ]);
    expect(positionInWords(2 ** 32 + 0xa0)).toBe('1/A0');
  });
});
