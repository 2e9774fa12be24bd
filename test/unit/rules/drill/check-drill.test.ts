import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { DrillFault } from '../../../../shared/model/drill/drill';
import { checkDrill, type DrillFacts, type DrillTools } from '../../../../shared/rules/drill/check-drill';
import { quorumOf } from '../../../../shared/rules/etcd/etcd-quorum';
import { cluster, CONFIG, replica } from '../../../support/cluster/operable-cluster';

const SYNC: ClusterState['sync'] = {
  mode: 'on',
  strict: false,
  leader: 'db1',
  standbys: ['db2'],
  quorum: null,
};
const TOOLS: DrillTools = {
  systemd: true,
  nft: true,
  patroniUnit: 'patroni.service',
  patroniRestarts: false,
  postgresFound: true,
};

/** A drill on a cluster that is well; what a test cares about is changed. */
function factsOf(fault: DrillFault, change: Partial<ClusterState> = {}, more: Partial<DrillFacts> = {}): DrillFacts {
  const state: ClusterState = {
    ...cluster(),
    sync: SYNC,
    scheduledSwitchover: null,
    ...change,
  };
  return {
    state,
    choice: { fault, serverId: 'server-db2', ways: ['haproxy', 'direct'], vip: null, limitSeconds: 60 },
    ways: [
      { kind: 'haproxy', targets: [{ host: '10.0.0.2', port: 5000 }], missing: null },
      { kind: 'pgbouncer', targets: [], missing: 'none was found.' },
      { kind: 'vip', targets: [], missing: 'none is known.' },
      { kind: 'direct', targets: [{ host: '10.0.0.1', port: 5432 }], missing: null },
    ],
    servers: [
      { serverId: 'server-db1', name: 'one', member: 'db1' },
      { serverId: 'server-db2', name: 'two', member: 'db2' },
    ],
    tools: { found: fault === 'switchover' ? null : TOOLS, why: null },
    quorum: quorumOf(3, 3),
    otherJob: null,
    left: false,
    ...more,
  };
}

const refusals = (facts: DrillFacts): readonly string[] =>
  checkDrill(facts)
    .filter(({ verdict }) => verdict === 'refuses')
    .map(({ code }) => code);
const warnings = (facts: DrillFacts): readonly string[] =>
  checkDrill(facts)
    .filter(({ verdict }) => verdict === 'warns')
    .map(({ code }) => code);
const tools = (change: Partial<DrillTools>): Partial<DrillFacts> => ({
  tools: { found: { ...TOOLS, ...change }, why: null },
});
const quorum = (voters: number, working: number): Partial<DrillFacts> => ({ quorum: quorumOf(voters, working) });
const withPatroni = (patroniVersion: string | null): ClusterState['members'] =>
  cluster().members.map((member) => ({ ...member, patroniVersion }));
const onServer = (serverId: string | null): Partial<DrillFacts> => ({
  choice: { ...factsOf('network_cut').choice, serverId },
});

describe('a drill', () => {
  it.each([
    'switchover',
    'postgres_killed',
    'patroni_killed',
    'patroni_frozen',
    'server_rebooted',
    'network_cut',
  ] as const)('is allowed on a cluster that is well: %s', (fault) => {
    expect(refusals(factsOf(fault))).toEqual([]);
  });

  it.each(['3.0.3', '2.1.5', '4.0.7', null])(
    'freezes Patroni %s, which leaves the lock to its successor',
    (version) => {
      expect(refusals(factsOf('patroni_frozen', { members: withPatroni(version) }))).toEqual([]);
    },
  );

  it.each<[string, string, DrillFacts]>([
    ['another job works on the cluster', 'job.busy', factsOf('switchover', {}, { otherJob: 'Restart db1' })],
    ['an earlier drill was broken off', 'drill.left_over', factsOf('switchover', {}, { left: true })],
    ['the cluster is read-only', 'operation.read_only', factsOf('switchover', { readOnly: true })],
    ['failover is paused', 'patroni.paused', factsOf('switchover', { paused: true })],
    ['whether failover is paused is not known', 'operation.not_known', factsOf('switchover', { paused: null })],
    ['the configuration is not known', 'operation.not_known', factsOf('switchover', { config: null })],
    ['whether replication is synchronous is not known', 'operation.not_known', factsOf('switchover', { sync: null })],
    [
      'it is a standby cluster',
      'patroni.standby_cluster',
      factsOf('switchover', { config: { ...CONFIG, standbyCluster: true } }),
    ],
    [
      'who leads is not known',
      'operation.leader_unknown',
      factsOf('switchover', { leader: { ...cluster().leader, known: false } }),
    ],
    [
      'a switchover is under way',
      'operation.under_way',
      factsOf('switchover', { failoverRequest: { from: 'db1', to: 'db2' } }),
    ],
    [
      'a switchover is scheduled',
      'operation.scheduled',
      factsOf('switchover', { scheduledSwitchover: { at: 1, from: 'db1', to: 'db2' } }),
    ],
    [
      'no replica could take over',
      'patroni.no_candidate',
      factsOf('network_cut', {
        members: [cluster().members[0] ?? replica('db1'), replica('db2', { tags: { nofailover: true } })],
      }),
    ],
    [
      'the only replica is not known well enough',
      'patroni.no_candidate',
      factsOf('network_cut', { members: [cluster().members[0] ?? replica('db1'), replica('db2', { lag: null })] }),
    ],
    [
      'synchronous mode is strict and nobody is synchronous',
      'patroni.no_sync_standby',
      factsOf('network_cut', { sync: { ...SYNC, mode: 'quorum', strict: true, standbys: [] } }),
    ],
    [
      'one more lost member of etcd would take the quorum',
      'etcd.one_away',
      factsOf('postgres_killed', {}, quorum(3, 2)),
    ],
    ['etcd is one server', 'etcd.one_away', factsOf('patroni_frozen', {}, quorum(1, 1))],
    ['one of two members of etcd would not do', 'etcd.one_away', factsOf('network_cut', {}, quorum(2, 2))],
    ['etcd has no quorum', 'etcd.no_quorum', factsOf('switchover', {}, quorum(3, 1))],
    ['etcd cannot be asked', 'etcd.not_known', factsOf('switchover', {}, { quorum: { unknown: 'no access.' } })],
    ['no server is chosen', 'drill.no_server', factsOf('network_cut', {}, onServer(null))],
    ['an unknown server is chosen', 'drill.no_server', factsOf('network_cut', {}, onServer('server-of-nobody'))],
    [
      'the server that writes is the one that is cut off',
      'drill.on_leader',
      factsOf('network_cut', {}, onServer('server-db1')),
    ],
    ['no chosen way is there', 'drill.no_way', factsOf('switchover', {}, { ways: [] })],
    [
      'the server of the leader could not be looked at',
      'drill.not_looked_at',
      factsOf('network_cut', {}, { tools: { found: null, why: 'no sudo.' } }),
    ],
    ['nothing there could heal the cut', 'drill.no_switch', factsOf('network_cut', {}, tools({ systemd: false }))],
    [
      'nothing there could continue Patroni',
      'drill.no_switch',
      factsOf('patroni_frozen', {}, tools({ systemd: false })),
    ],
    ['nft is not installed', 'drill.no_nft', factsOf('network_cut', {}, tools({ nft: false }))],
    ['Patroni was not found', 'drill.no_process', factsOf('patroni_killed', {}, tools({ patroniUnit: null }))],
    ['PostgreSQL was not found', 'drill.no_process', factsOf('postgres_killed', {}, tools({ postgresFound: false }))],
    [
      'a frozen leader would take the lock back from its successor',
      'drill.takes_lock_back',
      factsOf('patroni_frozen', { members: withPatroni('3.0.2') }),
    ],
  ])('is refused where %s', (_what, code, facts) => {
    expect(refusals(facts)).toContain(code);
  });

  it.each<[string, string, DrillFacts]>([
    [
      'acknowledged writes can be lost',
      'drill.asynchronous',
      factsOf('network_cut', { sync: { ...SYNC, mode: 'off' } }),
    ],
    ['a frozen Patroni leaves two primaries', 'drill.two_primaries', factsOf('patroni_frozen')],
    [
      'systemd starts Patroni again',
      'drill.starts_again',
      factsOf('patroni_killed', {}, tools({ patroniRestarts: true })),
    ],
    [
      'a chosen way is not there',
      'drill.way_missing',
      factsOf('switchover', {}, { choice: { ...factsOf('switchover').choice, ways: ['pgbouncer', 'direct'] } }),
    ],
    ['a switchover has little to spare in etcd', 'etcd.one_away', factsOf('switchover', {}, quorum(3, 2))],
  ])('is allowed with a warning where %s', (_what, code, facts) => {
    expect(refusals(facts)).toEqual([]);
    expect(warnings(facts)).toContain(code);
  });
});
