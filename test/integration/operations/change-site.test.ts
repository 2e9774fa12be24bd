import { afterEach, describe, expect, it } from 'vitest';
import type { ClusterPair } from '../../../shared/model/cluster/cluster-pair';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { SiteChange } from '../../../shared/rules/standby/site-change';
import { paired, primarySite, standbySite } from '../../support/cluster/paired-clusters';
import { setScene, type OperationScene } from './scene';

let scene: OperationScene;
afterEach(() => scene.close());

const STANDBY = { host: '10.1.0.1', port: 5432, primary_slot_name: 'south' };
const PROMOTE: SiteChange = { kind: 'promote_cluster', cutOff: false };
const DEMOTE: SiteChange = {
  kind: 'demote_cluster',
  site: 'north',
  host: '10.1.0.1,10.1.0.2',
  port: '5432',
  slot: null,
  lose: true,
};
/** The leader has this role, and has started: what is confirmed before that is refused, since the cluster changes in between. */
const leaderIs = (role: string) => (state: ClusterState) =>
  state.members.some(
    ({ name, role: its, condition }) => name === state.leader.holder && its === role && condition === 'healthy',
  );
/** What a cluster knows of North, which was promoted when it had all that this cluster has, and takes writes. */
function relatedToNorth(own: ClusterState): ClusterPair | null {
  const [state] = paired(standbySite(null), primarySite());
  const pair = state?.pair ?? null;
  const history = [...own.history.map(({ timeline, lsn }) => ({ timeline, lsn })), { timeline: 3, lsn: 2 ** 39 }];
  const related = pair?.related.map((site) => ({ ...site, history, timeline: 4, lsn: 2 ** 40 })) ?? [];
  return pair === null ? null : { ...pair, related };
}

describe('a standby cluster', () => {
  it('is promoted: its section is gone, its leader is the primary of a new timeline, and the others follow', async () => {
    scene = await setScene({ config: { standby_cluster: STANDBY } });
    await scene.until('a standby leader', leaderIs('standby_leader'));
    const before = scene.member('db1').timeline;
    const job = await scene.run(PROMOTE);
    expect(job).toMatchObject({ status: 'done', result: { sentence: expect.stringContaining('Orders takes writes') } });
    expect(scene.sim.config()).not.toHaveProperty('standby_cluster');
    const leader = scene.member(scene.sim.leaderName() ?? '');
    expect(leader).toMatchObject({ role: 'primary', timeline: before + 1 });
    expect(scene.sim.members.filter(({ streaming }) => streaming)).toHaveLength(2);
    expect(scene.writes, 'nothing was asked of Patroni: the DCS was written once').toEqual([]);
  }, 60_000);

  it('is not touched where its section changed after it was shown', async () => {
    scene = await setScene({ config: { standby_cluster: STANDBY } });
    await scene.until('a standby leader', leaderIs('standby_leader'));
    const { fingerprint, typeToConfirm } = await scene.operations.preview('demo', PROMOTE);
    scene.sim.write('config', { ...scene.sim.config(), standby_cluster: { ...STANDBY, host: '10.1.0.9' } });
    const start = scene.operations.start({
      ...{ clusterId: 'demo', operation: PROMOTE, fingerprint, typed: typeToConfirm, requestId: 'one-request' },
    });
    await expect(start).rejects.toMatchObject({ code: 'operation.state_changed' });
    expect(scene.sim.config()).toHaveProperty('standby_cluster');
  }, 60_000);
});

describe('a cluster that took writes', () => {
  it('becomes the standby cluster of another: its leader receives, the others follow, and nobody takes writes', async () => {
    scene = await setScene();
    scene.hub.setPair('demo', relatedToNorth(scene.state()));
    const job = await scene.run(DEMOTE);
    expect(job).toMatchObject({
      status: 'done',
      result: { sentence: expect.stringContaining('is its standby leader') },
    });
    expect(scene.sim.config()).toMatchObject({ standby_cluster: { host: '10.1.0.1,10.1.0.2', port: 5432 } });
    expect(scene.sim.members.map(({ role }) => role).sort()).toEqual(['replica', 'replica', 'standby_leader']);
  }, 60_000);

  it('stays what it is while the other one is not seen to take writes', async () => {
    scene = await setScene();
    const pair = relatedToNorth(scene.state());
    const silent = pair?.related.map((site) => ({ ...site, writes: { ...site.writes, kind: 'not_known' as const } }));
    scene.hub.setPair('demo', pair === null ? null : { ...pair, related: silent ?? [] });
    await expect(scene.start(DEMOTE)).rejects.toMatchObject({ code: 'operation.refused' });
    expect(scene.sim.config()).not.toHaveProperty('standby_cluster');
  }, 60_000);
});
