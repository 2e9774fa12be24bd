import { describe, expect, it } from 'vitest';
import { healthOf } from '../../../../shared/rules/cluster/health';
import { stateFixture } from '../../../support/page-double/states';

describe('the sentence of a healthy cluster', () => {
  const state = stateFixture(0);

  it('says who leads and how its replicas are', () => {
    expect(healthOf(state, []).sentence).toBe('db1 leads; 2 of 2 replicas healthy, largest lag 177 kB.');
  });

  it('says which replicas have not been heard from yet, so that nobody takes them for broken or for well', () => {
    const members = state.members.map((member) =>
      member.name === 'db3' ? { ...member, condition: 'unknown' as const, lag: null } : member,
    );
    expect(healthOf({ ...state, members }, []).sentence).toBe(
      'db1 leads; 1 of 2 replicas healthy, 1 not heard from yet, largest lag 0 B.',
    );
  });
});
