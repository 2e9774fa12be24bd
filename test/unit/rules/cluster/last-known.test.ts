import { describe, expect, it } from 'vitest';
import { lastKnownState, lastKnownSummary } from '../../../../shared/rules/cluster/last-known';
import { stateFixture, summaryOf } from '../../../support/page-double/states';

const now = 1_000_000;

describe('a cluster that nothing is heard of any more', () => {
  it('is not healthy, has no live source and no member that is up to date', () => {
    const state = lastKnownState(stateFixture(now));
    expect(state.health).toMatchObject({ level: 'unknown', sentence: expect.stringMatching(/^Last known: db1 leads/) });
    expect(state.sources.filter((source) => source.status === 'live')).toEqual([]);
    expect(state.members.every((member) => member.stale)).toBe(true);
  });

  it('keeps what was already lost as lost, and says "last known" once', () => {
    const [first, ...others] = stateFixture(now).sources;
    if (first === undefined) throw new Error('no source');
    const state = stateFixture(now, { sources: [{ ...first, status: 'lost' }, ...others] });
    expect(lastKnownState(lastKnownState(state)).sources[0]?.status).toBe('lost');
    expect(lastKnownState(lastKnownState(state)).health.sentence).toMatch(/^Last known: (?!Last)/);
  });

  it('is grey in the fleet, too', () => {
    const row = lastKnownSummary(summaryOf(stateFixture(now)));
    expect(row.health.level).toBe('unknown');
    expect(row.members.every((member) => member.stale)).toBe(true);
  });
});
