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
