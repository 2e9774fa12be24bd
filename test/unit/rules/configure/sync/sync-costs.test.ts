import { describe, expect, it } from 'vitest';
import {
  possibleSyncStandbys,
  readSyncChoice,
  whyNotQuorum,
} from '../../../../../shared/rules/configure/sync/sync-choice';
import { syncCosts, type SyncCosts } from '../../../../../shared/rules/configure/sync/sync-costs';

const around = (standbys: number) => ({ standbys, loopWait: 10, lagOnFailover: '1 MB' });

/** What is configured, how many members may be waited for, and what each part of the answer says. */
const cases: readonly (readonly [
  string,
  Record<string, unknown>,
  number,
  Readonly<Record<keyof SyncCosts, RegExp>>,
])[] = [
  [
    'nothing waits',
    {},
    2,
    {
      commit: /^Nothing/,
      oneStandbyLost: /go on/,
      allStandbysLost: /nobody is left/,
      leaderLost: /is lost, up to 1 MB/,
    },
  ],
  [
    'one of two is waited for',
    { synchronous_mode: true },
    2,
    {
      commit: /one member, which Patroni chooses/,
      oneStandbyLost: /wait for about 10 s until Patroni has chosen another/,
      allStandbysLost: /^All 2 gone: writes wait .* go on without a second copy/,
      leaderLost: /nothing that was confirmed is lost/,
    },
  ],
  [
    'one of two, strictly',
    { synchronous_mode: 'on', synchronous_mode_strict: true },
    2,
    {
      commit: /one member/,
      oneStandbyLost: /chosen another/,
      allStandbysLost: /^All 2 gone: writes stop until one is back/,
      leaderLost: /nothing that was confirmed/,
    },
  ],
  [
    'both of two',
    { synchronous_mode: true, synchronous_node_count: 2 },
    2,
    {
      commit: /slowest of 2 members/,
      oneStandbyLost: /wait for about 10 s, until Patroni is content with one member/,
      allStandbysLost: /without a second copy/,
      leaderLost: /takes over/,
    },
  ],
  [
    'more than there are',
    { synchronous_mode: true, synchronous_node_count: 3 },
    2,
    {
      commit: /3 are asked for, and 2 may be one/,
      oneStandbyLost: /content with one/,
      allStandbysLost: /All 2/,
      leaderLost: /takes over/,
    },
  ],
  [
    'the only one, strictly',
    { synchronous_mode: true, synchronous_mode_strict: true },
    1,
    {
      commit: /one member/,
      oneStandbyLost: /^It is the only one: writes stop/,
      allStandbysLost: /writes stop/,
      leaderLost: /takes over/,
    },
  ],
  [
    'a quorum of one of two',
    { synchronous_mode: 'quorum' },
    2,
    {
      commit: /the fastest of 2 members/,
      oneStandbyLost: /go on at once/,
      allStandbysLost: /without a second copy/,
      leaderLost: /once it has heard from 1 other;/,
    },
  ],
  [
    'a quorum of two of four, strictly',
    { synchronous_mode: 'quorum', synchronous_node_count: 2, synchronous_mode_strict: true },
    4,
    {
      commit: /the 2 fastest of 4 members/,
      oneStandbyLost: /3 members can still confirm/,
      allStandbysLost: /All 4 gone: writes stop/,
      leaderLost: /2 others/,
    },
  ],
  [
    'nobody may be waited for, strictly',
    { synchronous_mode: true, synchronous_mode_strict: true },
    0,
    { commit: /all writes stop/, oneStandbyLost: /none/, allStandbysLost: /all writes stop/, leaderLost: /Nobody/ },
  ],
];

describe('what synchronous replication costs', () => {
  it.each(cases)('is said when %s', (_what, config, standbys, said) => {
    const costs = syncCosts(readSyncChoice(config), around(standbys));
    for (const key of ['commit', 'oneStandbyLost', 'allStandbysLost', 'leaderLost'] as const)
      expect(costs[key]).toMatch(said[key]);
  });

  it('is counted without the leader and without members that a tag keeps from it', () => {
    const members = [
      { name: 'db1', tags: {} },
      { name: 'db2', tags: { nosync: true } },
      { name: 'db3', tags: { nostream: true } },
      { name: 'db4', tags: {} },
    ];
    expect(possibleSyncStandbys(members, 'db1')).toEqual(['db4']);
    expect(possibleSyncStandbys(members, 'db4')).toEqual(['db1']);
  });

  it.each([
    ['4.0.7', null],
    [null, null],
    ['3.3.8', 'Quorum needs Patroni 4.0; a member runs 3.3.8.'],
  ])('quorum with Patroni %s', (version, why) => {
    expect(whyNotQuorum(version)).toBe(why);
  });
});
