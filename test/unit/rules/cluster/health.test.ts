import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../../shared/model/cluster/cluster-state';
import type { MemberCondition } from '../../../../shared/model/cluster/member';
import { healthOf, isFirstSight } from '../../../../shared/rules/cluster/health';
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

describe('a cluster with a member that is marked, before anything of it is a finding', () => {
  const state = stateFixture(0);
  const withMember = (condition: MemberCondition, name = 'db3') => ({
    ...state,
    members: state.members.map((member) => (member.name === name ? { ...member, condition } : member)),
  });

  it.each([
    ['not_streaming', 'warning', 'db3 is not streaming; whether that lasts is not known yet.'],
    ['behind_timeline', 'warning', 'db3 is on an older timeline; whether that lasts is not known yet.'],
    ['lagging', 'warning', 'db3 is far behind the leader; whether that lasts is not known yet.'],
    ['postgres_down', 'warning', 'db3 is without a running PostgreSQL; whether that lasts is not known yet.'],
    ['starting', 'warning', 'db3 is starting.'],
    ['healthy', 'healthy', 'db1 leads; 2 of 2 replicas healthy, largest lag 177 kB.'],
  ] as const)('that is %s is %s: %s', (condition, level, sentence) => {
    expect(healthOf(withMember(condition), [])).toEqual({ level, sentence });
  });

  it('is looked at until every member has answered, and no longer counts as seen for the first time', () => {
    const seen = withMember('unknown');
    const sources = seen.sources.map((source) =>
      source.id === 'rest:db3' ? { ...source, status: 'connecting' as const } : source,
    );
    const looking = { ...seen, sources };
    expect(healthOf(looking, [])).toEqual({ level: 'connecting', sentence: 'Looking: db3 has not answered yet.' });
    expect(isFirstSight(looking)).toBe(false);
    expect(isFirstSight({ ...looking, dcs: { kind: 'connecting' } })).toBe(true);
    expect(isFirstSight({ ...looking, members: [] })).toBe(true);
  });

  it('says what was found before it', () => {
    const [finding] = [{ severity: 'critical', sentence: 'No leader.' } as Finding];
    expect(healthOf(withMember('not_streaming'), [finding]).sentence).toBe('No leader.');
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
