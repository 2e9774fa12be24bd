import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Turns } from '../../../../electron/core/clusters/watch/turns';

describe('many clusters that are to be connected to', () => {
  const begun: string[] = [];
  let turns = new Turns({ atOnce: 2, longestMs: 1_000 });
  beforeEach(() => {
    vi.useFakeTimers();
    begun.length = 0;
    turns = new Turns({ atOnce: 2, longestMs: 1_000 });
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      turns.enter(name, () => {
        begun.push(name);
      });
  });
  afterEach(() => {
    turns.close();
    vi.useRealTimers();
  });

  it('are begun a few at a time, in their order', () => {
    expect(begun).toEqual(['a', 'b']);
    turns.leave('b');
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('are not held up by one that gets no answer', () => {
    vi.advanceTimersByTime(1_000);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    vi.advanceTimersByTime(1_000);
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('begin at once when somebody waits for them, and only once', () => {
    turns.hurry('e');
    expect(begun).toEqual(['a', 'b', 'e']);
    vi.advanceTimersByTime(5_000);
    turns.hurry('e');
    expect(begun).toEqual(['a', 'b', 'e', 'c', 'd']);
  });

  it('are not begun when they were removed before their turn', () => {
    turns.leave('c');
    turns.leave('a');
    expect(begun).toEqual(['a', 'b', 'd']);
  });

  it('are not begun any more when the app closes', () => {
    turns.close();
    vi.advanceTimersByTime(5_000);
    expect(begun).toEqual(['a', 'b']);
  });
});
