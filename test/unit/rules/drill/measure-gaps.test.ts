import { describe, expect, it } from 'vitest';
import { findLostWrites, numbersInWords } from '../../../../shared/rules/drill/find-lost';
import { gapLength, longestGap, measureGaps, type DrillWrite } from '../../../../shared/rules/drill/measure-gaps';

/** Writes as `sent-ended` in ms, `!` for one that was not acknowledged. */
function writesOf(text: string): readonly DrillWrite[] {
  return text.split(' ').map((word, index) => {
    const [, sent, ended, bad] = /^(-?\d+)-(-?\d+)(!?)$/.exec(word) ?? [];
    const acknowledged = bad !== '!';
    return {
      n: index + 1,
      sentAt: Number(sent),
      endedAt: Number(ended),
      acknowledged,
      refusal: acknowledged ? null : 'no',
    };
  });
}

describe('the interruption that a client sees', () => {
  it.each([
    ['none while all is acknowledged in time', '0-10 100-110 200-210', []],
    [
      'lasts from the first refused write to the first acknowledged one',
      '0-10 100-110! 200-2200! 2200-2250',
      [[100, 2250]],
    ],
    ['counts a write that was acknowledged late', '0-10 100-1500 1500-1510', [[100, 1500]]],
    ['does not count one that took exactly as long as it may', '0-10 100-1100 1100-1110', []],
    ['begins with a write that was under way when the fault came', '-50-2000! 2000-2010', [[-50, 2010]]],
    ['leaves out what was refused and over before the fault', '-500--490! -400--390 0-10', []],
    ['is open where nothing was acknowledged any more', '0-10 100-110! 200-210!', [[100, null]]],
    [
      'is several where writes come back in between',
      '0-10! 100-110 200-210! 300-310',
      [
        [0, 110],
        [200, 310],
      ],
    ],
    [
      'ends with the first acknowledgement though an earlier try waits longer',
      '0-10! 100-3100! 400-450 500-510',
      [[0, 450]],
    ],
    ['does not begin again with a try that began in it', '0-10! 100-3100 400-450 3200-3210', [[0, 450]]],
    ['is found whatever the order of the notes', '200-210 100-110! 0-10', [[100, 210]]],
  ] as const)('%s', (_what, text, gaps) => {
    expect(measureGaps(writesOf(text), 0).map(({ from, to }) => [from, to])).toEqual(gaps);
  });

  it('is the longest of several, and an open one counts up to the last word', () => {
    const gaps = measureGaps(writesOf('0-10! 100-110 200-210! 300-310! 900-910!'), 0);
    const longest = longestGap(gaps, 910);
    expect(longest).toEqual({ from: 200, to: null });
    expect(longest === null ? null : gapLength(longest, 910)).toBe(710);
    expect(longestGap([], 910)).toBeNull();
  });
});

describe('what became of the writes', () => {
  it('names each acknowledged one that is not there, and counts those whose answer alone was lost', () => {
    const writes = writesOf('0-1 1-2 2-3! 3-4! 4-5');
    expect(findLostWrites(writes, new Set([1, 3]))).toEqual({
      lost: { count: 2, numbers: [2, 5] },
      foundUnacknowledged: 1,
    });
  });

  it('counts all that are lost and names no more than can be read', () => {
    const writes = writesOf(Array.from({ length: 500 }, (_, at) => `${at}-${at}`).join(' '));
    const { lost } = findLostWrites(writes, new Set());
    expect(lost.count).toBe(500);
    expect(lost.numbers).toHaveLength(200);
  });

  it.each([
    [[], ''],
    [[3], '3'],
    [[7, 3, 8, 9], '3, 7 to 9'],
  ])('%j is written as %j', (numbers, words) => {
    expect(numbersInWords(numbers)).toBe(words);
  });
});
