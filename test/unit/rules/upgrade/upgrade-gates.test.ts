import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { MemberWork, ServerPackages, UpgradesView } from '../../../../shared/model/upgrade/upgrade';
import { planUpgrade, type UpgradeStep } from '../../../../shared/rules/upgrade/plan-upgrade';
import {
  stepGates,
  upgradeGates,
  usualBounds,
  type GateName,
  type UpgradeGate,
} from '../../../../shared/rules/upgrade/upgrade-gates';
import { sceneState } from '../../../support/page-double/states';

const scene = sceneState('healthy', Date.now());
/** Every replica streams from the leader, as the leader itself says. */
const healthy: ClusterState = {
  ...scene,
  members: scene.members.map((member) => ({
    ...member,
    connections:
      member.name === scene.leader.holder
        ? scene.members.map(({ name }) => ({
            applicationName: name,
            clientAddress: null,
            state: 'streaming',
            syncState: 'async',
          }))
        : [],
  })),
};
const ERROR = { code: 'ssh.timeout', message: 'no answer', retryable: true } as const;

function viewOf(state: ClusterState, change: Partial<UpgradesView> = {}): UpgradesView {
  return {
    servers: state.members.map(({ serverId, name }) => ({
      serverId: serverId ?? '',
      server: name,
      etcdMembers: [name],
      error: null,
      packages: [
        { part: 'postgresql', name: 'postgresql-17', installed: '17.5-1', offered: '17.6-1', held: false },
        { part: 'etcd', name: 'etcd-server', installed: '3.4.1-1', offered: '3.4.1-1', held: false },
      ],
      outdatedProcesses: [],
      listsAgeMs: 0,
    })),
    work: state.members.map(({ name }): MemberWork => ({
      member: name,
      error: null,
      oldestTransaction: { kind: 'open', ms: 1_000 },
      backups: 0,
    })),
    asOf: 0,
    ...change,
  };
}

const gatesOf = (state: ClusterState, view: UpgradesView): readonly UpgradeGate[] =>
  upgradeGates(state, view, ['postgresql', 'etcd']);
const verdictOf = (id: GateName, state: ClusterState, view = viewOf(state)): UpgradeGate['verdict'] | undefined =>
  gatesOf(state, view).find((gate) => gate.id === id)?.verdict;

const withServers = (bend: (server: ServerPackages) => ServerPackages): UpgradesView => {
  const view = viewOf(healthy);
  return { ...view, servers: view.servers.map(bend) };
};
const withWork = (bend: Partial<MemberWork>): UpgradesView => {
  const view = viewOf(healthy);
  return { ...view, work: view.work.map((one) => ({ ...one, ...bend })) };
};
const withMembers = (bend: Partial<ClusterState['members'][number]>): ClusterState => ({
  ...healthy,
  members: healthy.members.map((one) => (one.name === healthy.leader.holder ? one : { ...one, ...bend })),
});
const lagOf = (replay: number | null) => ({ receive: replay, replay, basis: 'leader_rest' as const, at: 0 });

describe('before a server is stopped', () => {
  it('everything is in order in a healthy cluster', () => {
    expect(gatesOf(healthy, viewOf(healthy)).filter(({ verdict }) => verdict !== 'open')).toEqual([]);
  });

  const shut: readonly [string, GateName, ClusterState, UpgradesView?][] = [
    ['nobody leads', 'leader', { ...healthy, leader: { ...healthy.leader, holder: null } }],
    ['automatic failover is paused', 'paused', { ...healthy, paused: true }],
    ['etcd has no quorum', 'etcd', { ...healthy, dcs: { kind: 'no_quorum', since: 0, members: [] } }],
    ['a replica does not stream', 'replicas', withMembers({ state: 'stopped', stateText: 'stopped' })],
    ['a replica is far behind', 'replicas', withMembers({ lag: lagOf(usualBounds.lagBytes + 1) })],
    ['no replica could take over', 'candidate', withMembers({ tags: { nofailover: true } })],
    [
      'a transaction is old',
      'transactions',
      healthy,
      withWork({ oldestTransaction: { kind: 'open', ms: usualBounds.transactionMs + 1 } }),
    ],
    ['a base backup is being taken', 'backups', healthy, withWork({ backups: 1 })],
    [
      'a minor version of etcd would be left out',
      'versions',
      healthy,
      withServers((server) => ({
        ...server,
        packages: server.packages.map((one) => (one.part === 'etcd' ? { ...one, offered: '3.6.0-1' } : one)),
      })),
    ],
  ];

  it.each(shut)('it is in the way that %s', (_case, id, state, view = viewOf(state)) => {
    expect(verdictOf(id, state, view)).toBe('shut');
  });

  it('one lost member of etcd of three is in the way, since none may fail then', () => {
    const { dcs } = healthy;
    expect(dcs.kind).toBe('live');
    if (dcs.kind !== 'live') return;
    const members = dcs.members.map((one, index) => (index === 0 ? { ...one, reachable: false } : one));
    expect(verdictOf('etcd', { ...healthy, dcs: { ...dcs, members } })).toBe('shut');
  });

  const unknown: readonly [string, GateName, ClusterState, UpgradesView?][] = [
    [
      'what is installed on a server',
      'servers',
      healthy,
      withServers((one) => ({ ...one, error: ERROR, packages: [] })),
    ],
    ['who leads', 'leader', { ...healthy, leader: { ...healthy.leader, known: false } }],
    ['whether failover is paused', 'paused', { ...healthy, paused: null }],
    ['how etcd is', 'etcd', { ...healthy, dcs: { kind: 'connecting' } }],
    ['how far a replica is behind', 'replicas', withMembers({ lag: lagOf(null) })],
    ['how a replica is now', 'replicas', withMembers({ stale: true })],
    ['which transactions are open', 'transactions', healthy, withWork({ oldestTransaction: { kind: 'unknown' } })],
    ['what PostgreSQL does', 'transactions', healthy, withWork({ error: ERROR })],
    ['what PostgreSQL of a member that was not asked does', 'backups', healthy, viewOf(healthy, { work: [] })],
    ['whether a backup is taken', 'backups', healthy, withWork({ backups: null })],
  ];

  it.each(unknown)('it is said to be unknown %s', (_case, id, state, view = viewOf(state)) => {
    expect(verdictOf(id, state, view)).toBe('unknown');
  });

  it('a member of etcd that nobody asked is not called lost', () => {
    if (healthy.dcs.kind !== 'live') throw new Error('The fixture has an etcd.');
    const [first, ...others] = healthy.dcs.members;
    if (first === undefined) throw new Error('The fixture has members of etcd.');
    const unasked = others.map((one) => ({ ...one, reachable: null, seesLeader: null }));
    const state: ClusterState = { ...healthy, dcs: { ...healthy.dcs, members: [first, ...unasked] } };
    expect(verdictOf('etcd', state)).toBe('unknown');
    expect(gatesOf(state, viewOf(state)).find(({ id }) => id === 'etcd')?.sentence).toMatch(/was not asked/);
  });

  it('packages on hold are named', () => {
    const held = withServers((one) => ({ ...one, packages: one.packages.map((each) => ({ ...each, held: true })) }));
    expect(gatesOf(healthy, held).find(({ id }) => id === 'held')?.sentence).toContain('postgresql-17 on db1');
  });
});

describe('just before one step', () => {
  const steps = planUpgrade(healthy, viewOf(healthy).servers, ['postgresql', 'etcd']);
  const [first] = steps;
  if (first?.kind !== 'member') throw new Error('the first step is no member');
  const own = first.members[0] ?? '';
  const gatesBefore = (step: UpgradeStep, state: ClusterState, view: UpgradesView): readonly string[] =>
    stepGates(state, view, step, usualBounds).flatMap(({ id, verdict }) => (verdict === 'open' ? [] : [id]));
  const busyOn = (name: string): UpgradesView => ({
    ...viewOf(healthy),
    work: viewOf(healthy).work.map((one) => (one.member === name ? { ...one, backups: 1 } : one)),
  });

  it('only the member that is stopped is looked at for backups and transactions', () => {
    expect(gatesBefore(first, healthy, busyOn(own))).toEqual(['backups']);
    expect(gatesBefore(first, healthy, busyOn(healthy.leader.holder ?? ''))).toEqual([]);
  });

  it('etcd is left to whoever asks it itself', () => {
    const state: ClusterState = { ...healthy, dcs: { kind: 'no_quorum', since: 0, members: [] } };
    expect(gatesBefore(first, state, viewOf(healthy))).toEqual([]);
  });

  it('a switchover looks at the leader that hands over', () => {
    const leader = healthy.leader.holder ?? '';
    expect(gatesBefore({ kind: 'switchover', leader }, healthy, busyOn(leader))).toEqual(['backups']);
    expect(gatesBefore({ kind: 'switchover', leader }, healthy, busyOn(own))).toEqual([]);
  });

  it('strict synchronous mode is in the way where no other replica could be synchronous', () => {
    const strict = (members: ClusterState['members']): ClusterState => ({
      ...healthy,
      members,
      config: healthy.config && { ...healthy.config, raw: { ...healthy.config.raw, synchronous_mode_strict: true } },
    });
    const pair = healthy.members.filter(({ name }) => name === own || name === healthy.leader.holder);
    expect(gatesBefore(first, strict(pair), viewOf(healthy))).toContain('synchronous');
    expect(gatesBefore(first, strict(healthy.members), viewOf(healthy))).toEqual([]);
  });
});
