import { describe, expect, it } from 'vitest';
import { makeCluster } from '../../../../electron/core/demo/model/cluster';
import { healFaults, injectFault } from '../../../../electron/core/demo/model/faults';
import type { Sim } from '../../../../electron/core/demo/model/sim';
import { scopesOf } from '../../../../electron/core/clusters/discovery/list-members';
import { callMember, memberNamed } from '../../../support/cluster/demo-model';

const BEGIN = Date.UTC(2026, 0, 1);

/** A coordinator of three and a worker group of two that share the etcd of the coordinator's servers. */
function simulateCitus(): { readonly coordinator: Sim; readonly worker: Sim; advance(seconds: number): void } {
  const spec = { scope: 'shop', version: '4.0.7' };
  const place = { seed: 3, timeScale: 1, now: BEGIN };
  const coordinator = makeCluster({ ...spec, citusGroup: 0, members: 3 }, { ...place, index: 0 });
  const worker = makeCluster({ ...spec, citusGroup: 1, members: 2 }, { ...place, index: 1, dcs: coordinator.dcs });
  return {
    coordinator,
    worker,
    advance: (seconds) => {
      for (let second = 0; second < seconds; second += 1)
        for (const sim of [coordinator, worker]) sim.advance(sim.now + 1_000);
    },
  };
}

const leaders = ({ coordinator, worker }: ReturnType<typeof simulateCitus>) => [
  coordinator.leaderName(),
  worker.leaderName(),
];

describe('a simulated Citus cluster', () => {
  it('keeps the keys of its groups in one etcd, each below its number', () => {
    const { coordinator } = simulateCitus();
    const keys = coordinator.store
      .range({ start: '/', end: '0' })
      .map((kv) => Buffer.from(kv.key, 'latin1').toString('utf8'));
    expect(keys).toEqual(expect.arrayContaining(['/service/shop/0/leader', '/service/shop/1/members/shop-1-2']));
    expect(scopesOf(keys).map((one) => [one.scope, one.citusGroup, one.members])).toEqual([
      ['shop', 0, 3],
      ['shop', 1, 2],
    ]);
  });

  it('lists in GET /cluster of a member the members of its own group', () => {
    const { worker } = simulateCitus();
    const answer = callMember(worker, 'shop-1-2', 'GET /cluster');
    expect(answer).toMatchObject({
      body: { scope: 'shop', members: [{ name: 'shop-1-1', role: 'leader' }, { name: 'shop-1-2' }] },
    });
  });

  it('fails over in one group and leaves the other alone', () => {
    const citus = simulateCitus();
    citus.advance(20);
    injectFault(citus.worker, 'crash', memberNamed(citus.worker, 'shop-1-1'));
    citus.advance(60);
    expect(leaders(citus)).toEqual(['shop-0-1', 'shop-1-2']);
  });

  it('has no leader that takes writes in any group once etcd has no quorum, and recovers when it is back', () => {
    const citus = simulateCitus();
    citus.advance(20);
    injectFault(citus.worker, 'dcs_down', undefined);
    citus.advance(60);
    const roles = () => [memberNamed(citus.coordinator, 'shop-0-1').role, memberNamed(citus.worker, 'shop-1-1').role];
    expect(roles()).not.toContain('primary');
    healFaults(citus.coordinator);
    citus.advance(90);
    expect(leaders(citus)).toEqual([expect.any(String), expect.any(String)]);
  });

  it('keeps every leader over a sleep of the computer', () => {
    const citus = simulateCitus();
    citus.advance(20);
    for (const sim of [citus.worker, citus.coordinator]) sim.advance(sim.now + 3_600_000);
    citus.advance(20);
    expect(leaders(citus)).toEqual(['shop-0-1', 'shop-1-1']);
    expect(memberNamed(citus.worker, 'shop-1-1').timeline).toBe(3);
  });
});
