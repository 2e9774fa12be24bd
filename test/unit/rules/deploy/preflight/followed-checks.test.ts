import { describe, expect, it } from 'vitest';
import type { FollowedFacts } from '../../../../../shared/model/deploy/facts';
import type { FollowedFound } from '../../../../../shared/rules/deploy/preflight/input';
import { followedLetsIn } from '../../../../../shared/rules/deploy/preflight/followed-checks';
import { bareFacts, silentCluster, specFixture } from '../../../../support/deploy/facts';

const spec = specFixture({ standby: { hosts: ['10.1.0.1', '10.1.0.2'], slot: 'south' } });

const answer = (from: string, host: string, change: Partial<FollowedFacts> = {}): FollowedFacts => ({
  from,
  host,
  verdict: host === '10.1.0.1' ? 'primary' : 'replica',
  words: '',
  version: 17,
  systemIdentifier: '7',
  slot: 'there',
  ...change,
});
const all = (change: (one: FollowedFacts) => FollowedFacts = (one) => one): readonly FollowedFacts[] =>
  ['n1', 'n2', 'n3'].flatMap((from) => ['10.1.0.1', '10.1.0.2'].map((host) => change(answer(from, host))));

const judge = (followed: FollowedFound | null, postgresVersion = 17) =>
  followedLetsIn({
    spec,
    servers: bareFacts(spec).servers,
    errors: {},
    cluster: silentCluster,
    reach: [],
    repositories: [],
    added: {},
    postgresVersion,
    vip: [],
    followed,
  });

describe('whether a standby cluster can follow, before anything is changed', () => {
  it('is fine when every server logs in at a primary of its version that has the slot', () => {
    expect(judge({ missing: [], answers: all() })).toMatchObject({ verdict: 'ok' });
  });

  it('is not asked of a cluster that is made already', () => {
    expect(judge(null)).toBeNull();
  });

  it.each<[string, FollowedFound, RegExp]>([
    ['a password is not known', { missing: ['replicator'], answers: [] }, /replicator is not known/],
    [
      'a role is refused to one server',
      {
        missing: [],
        answers: all((one) =>
          one.from === 'n2' ? { ...one, verdict: 'refused', words: 'no pg_hba.conf entry' } : one,
        ),
      },
      /n2: no pg_hba/,
    ],
    [
      'one server reaches replicas alone',
      { missing: [], answers: all((one) => (one.from === 'n3' ? { ...one, verdict: 'replica' } : one)) },
      /n3 reaches no primary/,
    ],
    [
      'one server reaches nobody',
      {
        missing: [],
        answers: all((one) => (one.from === 'n1' ? { ...one, verdict: 'silent', words: 'no way' } : one)),
      },
      /n1 reaches no primary.*no way/,
    ],
    ['the slot is missing', { missing: [], answers: all((one) => ({ ...one, slot: 'missing' })) }, /no slot south/],
    ['the major versions differ', { missing: [], answers: all((one) => ({ ...one, version: 15 })) }, /PostgreSQL 15/],
  ])('blocks when %s', (_what, found, words) => {
    const result = judge(found);
    expect(result?.verdict).toBe('blocks');
    expect(result?.evidence).toMatch(words);
  });

  it('warns where PostgreSQL cannot tell a standby whether the slot is there', () => {
    expect(
      judge({ missing: [], answers: all((one) => ({ ...one, slot: 'not_known', version: 14 })) }, 14)?.verdict,
    ).toBe('warning');
  });
});
