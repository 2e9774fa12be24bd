import { describe, expect, it } from 'vitest';
import { watchForStandstill } from '../../../../../electron/core/deploy/resources/cluster/interrupted-bootstrap';

/** What the watch says to each of these states, at these seconds. */
const watched = (...states: readonly (readonly [string, number])[]): readonly boolean[] => {
  const watch = watchForStandstill();
  return states.map(([state, seconds]) => watch(state, seconds * 1000));
};

describe('a first member that does not become the leader', () => {
  it('counts as stalled when it reports "stopped" for twenty seconds', () => {
    expect(watched(['stopped', 0], ['stopped', 19], ['stopped', 20])).toEqual([false, false, true]);
  });
  it('counts as stalled at once when its PostgreSQL fails to start, and only after long when it is still starting', () => {
    expect(watched(['start failed', 0])).toEqual([true]);
    expect(watched(['starting', 0], ['starting', 60], ['starting', 90])).toEqual([false, false, true]);
  });
  it('does not count as stalled while it makes progress', () => {
    expect(watched(['stopped', 0], ['starting', 15], ['stopped', 30], ['running', 45], ['running', 500])).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
  it('is never interrupted once it is known to bootstrap the cluster', () => {
    expect(watched(['stopped', 0], ['initializing new cluster', 2], ['start failed', 9], ['stopped', 100])).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
