import { describe, expect, it } from 'vitest';
import { healthOf } from '../../../../shared/rules/cluster/health';
import { stateFixture } from '../../../support/page-double/states';

describe('the sentence of a healthy cluster', () => {
  const state = stateFixture(0);

  it('says who leads and how its replicas are', () => {
    expect(healthOf(state, []).sentence).toBe('db1 leads; 2 of 2 replicas healthy, largest lag 177 kB.');
  });

  it('names the replicas that have not answered yet, neither as broken nor as healthy', () => {
    const members = state.members.map((member) =>
      member.name === 'db3' ? { ...member, condition: 'unknown' as const, lag: null } : member,
    );
    expect(healthOf({ ...state, members }, []).sentence).toBe(
      'db1 leads; 1 of 2 replicas healthy, 1 not heard from yet, largest lag 0 B.',
    );
  });
});

describe('a cluster that this app took away', () => {
  const silent = stateFixture(0, { removedAt: -60_000 }).sources.map((source) =>
    source.kind === 'rest' ? { ...source, status: 'lost' as const } : source,
  );

  it('is said to be removed, although an etcd of others still answers', () => {
    const state = stateFixture(0, { removedAt: -60_000, sources: silent });
    expect(healthOf(state, [])).toEqual({
      level: 'unknown',
      sentence: 'Matriarch removed this cluster from its servers. It is only in this list.',
    });
  });

  it('is there again as soon as one of its members answers', () => {
    expect(healthOf(stateFixture(0, { removedAt: -60_000 }), []).level).toBe('healthy');
  });
});
