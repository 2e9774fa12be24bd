import { describe, expect, it } from 'vitest';
import { watchForStandstill } from '../../../../electron/core/deploy/resources/interrupted-bootstrap';

/** What the watch says to each of these states, at these seconds. */
const watched = (...states: readonly (readonly [string, number])[]): readonly boolean[] => {
  const watch = watchForStandstill();
  return states.map(([state, seconds]) => watch(state, seconds * 1000));
};

describe('a first member that does not become the leader', () => {
  it('stands still when it says "stopped" for twenty seconds', () => {
    expect(watched(['stopped', 0], ['stopped', 19], ['stopped', 20])).toEqual([false, false, true]);
  });
  it('stands still at once when its PostgreSQL does not start, and after a long while when it only tries', () => {
    expect(watched(['start failed', 0])).toEqual([true]);
    expect(watched(['starting', 0], ['starting', 60], ['starting', 90])).toEqual([false, false, true]);
  });
  it('does not stand still while it comes further', () => {
    expect(watched(['stopped', 0], ['starting', 15], ['stopped', 30], ['running', 45], ['running', 500])).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
  it('is never disturbed once it was seen to make the cluster', () => {
    expect(watched(['stopped', 0], ['initializing new cluster', 2], ['start failed', 9], ['stopped', 100])).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
