import { describe, expect, it } from 'vitest';
import type { ClusterSpecInput } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { synchronousSentence } from '../../../../../shared/rules/deploy/review/synchronous';
import { specFixture } from '../../../../support/deploy/facts';

type Patroni = NonNullable<ClusterSpecInput['patroni']>;

const specOf = (members: number, patroni: Patroni) => {
  const spec = specFixture({ patroni });
  return {
    ...spec,
    servers: spec.servers.map((server, index) =>
      index < members ? server : { ...server, roles: ['etcd' as const, 'haproxy' as const] },
    ),
  };
};

describe('what synchronous replication means for the members of a spec', () => {
  it.each<readonly [number, Patroni, string]>([
    [3, { synchronousMode: 'off' }, 'No commit waits for a replica.'],
    [
      3,
      { synchronousMode: 'quorum' },
      'Each commit waits for 1 of 2 replicas, whichever are the fastest. When one is lost, the other confirms in its place.',
    ],
    [
      3,
      { synchronousMode: 'quorum', synchronousNodeCount: 2 },
      'Each commit waits for 2 of 2 replicas, whichever are the fastest. When one is lost, 1 confirms until it is back.',
    ],
    [
      2,
      { synchronousMode: 'on' },
      'Each commit waits for 1 of 1 replica, which Patroni chooses and which may change. ' +
        'When it is lost, writes go on without a second copy until it is back.',
    ],
    [
      2,
      { synchronousMode: 'on', synchronousModeStrict: true },
      'Each commit waits for 1 of 1 replica, which Patroni chooses and which may change. ' +
        'When it is lost, writes stop until it is back.',
    ],
  ])('%i members, %j: says how many confirm, of whom, and what happens when one is lost', (members, patroni, said) => {
    expect(synchronousSentence(specOf(members, patroni))).toBe(said);
  });
});
