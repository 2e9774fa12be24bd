import { describe, expect, it } from 'vitest';
import {
  bestSwitchover,
  clusterOffers,
  memberOffers,
  takeOver,
  type Scene,
} from '../../../../shared/rules/operate/offers';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { cluster, leaderless } from '../../../support/cluster/operable-cluster';

const NO_QUORUM: Partial<ClusterState> = { dcs: { kind: 'no_quorum', since: 1, members: [] } };
const scene = (state: ClusterState, busy: string | null = null): Scene => ({ state, busy, now: 10_000 });
const member = (state: ClusterState, name: string): ClusterState['members'][number] => {
  const found = state.members.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no member ${name}`);
  return found;
};
const everything = (one: Scene) => [
  ...clusterOffers(one),
  ...one.state.members.flatMap((each) => [...memberOffers(one, each)]),
];

describe('what the page offers', () => {
  it('is everything that can work on a healthy cluster, and no reinit of the leader', () => {
    const healthy = scene(cluster());
    expect(everything(healthy).filter((one) => one.why !== null && one.operation.kind !== 'failover')).toEqual([]);
    expect(memberOffers(healthy, member(healthy.state, 'db1')).map((one) => one.operation.kind)).not.toContain(
      'reinit',
    );
  });

  it('is nothing on a read-only cluster, and names the tab where that is changed', () => {
    const offered = everything(scene(cluster({ readOnly: true })));
    expect(offered.filter(({ why }) => why === null)).toEqual([]);
    expect(offered.some(({ why }) => why?.includes('under Cluster settings') === true)).toBe(true);
  });

  it('is nothing that cannot work without quorum, and says why', () => {
    const blind = scene(cluster(NO_QUORUM));
    expect([
      ...new Set(
        everything(blind)
          .filter((one) => one.why === null)
          .map((one) => one.operation.kind),
      ),
    ]).toEqual(['reload']);
    expect(bestSwitchover(blind)?.why).toContain('etcd has no quorum');
  });

  it('names the job at work', () => {
    for (const one of everything(scene(cluster(), 'Switch over Orders')))
      expect(one.why).toContain('Switch over Orders');
  });

  it('is no switchover while Patroni on the leader is down, and says why on every button', () => {
    const members = cluster().members.map((one) =>
      one.name === 'db1' ? { ...one, condition: 'patroni_down' as const } : one,
    );
    const down = scene(cluster({ members }));
    expect(bestSwitchover(down)?.why).toContain('Patroni on leader db1 does not answer');
    expect(takeOver(down, member(down.state, 'db2')).why).toContain('Patroni on leader db1 does not answer');
  });

  it('is no switchover to a replica that cannot be reached, and says why', () => {
    const members = cluster().members.map((one) =>
      one.name === 'db2' ? { ...one, condition: 'unreachable' as const } : one,
    );
    const down = scene(cluster({ members }));
    expect(takeOver(down, member(down.state, 'db2')).why).toContain('does not answer');
    expect(bestSwitchover(down)?.why).toBeNull();
  });

  it('is to resume what is paused', () => {
    const kinds = clusterOffers(scene(cluster({ paused: true }))).map((one) => one.operation.kind);
    expect(kinds).toContain('resume');
    expect(kinds).not.toContain('pause');
  });

  it('is a failover, not a switchover, when nobody leads', () => {
    const vacant = scene(leaderless());
    expect(bestSwitchover(vacant)).toBeNull();
    const [first] = vacant.state.members;
    expect(first === undefined ? null : takeOver(vacant, first)).toMatchObject({
      operation: { kind: 'failover' },
      why: null,
    });
  });
});
