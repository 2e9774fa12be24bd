import type {
  ClusterEvent,
  ClusterState,
  ClusterSummary,
  EtcdMember,
  Source,
} from '../../../shared/model/cluster/cluster-state';
import type { Member } from '../../../shared/model/cluster/member';

/** A healthy replica of db1, to be changed by what a test is about. */
export function memberFixture(name: string, now: number, changes: Partial<Member> = {}): Member {
  return {
    name,
    serverId: `server-${name}`,
    apiUrl: `http://10.0.0.1:8008/patroni`,
    host: `10.0.0.1${name.slice(-1)}`,
    port: 5432,
    role: 'replica',
    state: 'streaming',
    stateText: 'streaming',
    condition: 'healthy',
    inDcs: true,
    timeline: 7,
    lsn: 0x5_3000_0000,
    receivedLsn: 0x5_3000_0000,
    lag: { receive: 0, replay: 0, basis: 'leader_rest', at: now },
    replicationState: 'streaming',
    upstream: 'db1',
    upstreamKnown: true,
    connections: [],
    replayPaused: false,
    pendingRestart: [],
    pendingRestartFlag: false,
    scheduledRestart: null,
    tags: {},
    patroniVersion: '4.0.4',
    postgresVersion: 170005,
    systemIdentifier: '7401',
    dcsLastSeen: now - 2000,
    watchdogFailed: null,
    pausedSeen: false,
    postmasterStart: now - 86_400_000,
    dcsAsOf: now,
    restAsOf: now,
    stale: false,
    primarySeen: changes.role === 'leader',
    ...changes,
  };
}

const etcdMembers = (now: number): readonly EtcdMember[] =>
  ['etcd1', 'etcd2', 'etcd3'].map((name, index) => ({
    name,
    clientUrls: [`http://10.0.0.2${index}:2379`],
    leader: index === 0,
    reachable: true,
    seesLeader: true,
    quota: null,
    alarms: [],
    version: '3.5.16',
    dbSize: 1_400_000 + (now % 7),
  }));

const source = (id: string, kind: Source['kind'], label: string, now: number): Source => ({
  id,
  kind,
  label,
  status: 'live',
  asOf: now,
  error: null,
});

/** A healthy cluster of three, to be changed by what a test is about. */
export function stateFixture(now: number, changes: Partial<ClusterState> = {}): ClusterState {
  const members = [
    memberFixture('db1', now, { role: 'leader', state: 'running', stateText: 'running', upstream: null, lag: null }),
    memberFixture('db2', now, { role: 'sync_standby' }),
    memberFixture('db3', now, { lag: { receive: 4096, replay: 181_000, basis: 'leader_rest', at: now } }),
  ];
  return {
    clusterId: 'orders',
    title: 'Orders',
    scope: 'orders-prod',
    namespace: 'service',
    production: false,
    readOnly: false,
    origin: 'user',
    tags: ['eu'],
    revision: 1,
    at: now,
    health: { level: 'healthy', sentence: 'db1 leads on timeline 7; both replicas stream.' },
    sources: [
      source('etcd', 'etcd', 'etcd', now),
      ...members.map((member) => source(`rest:${member.name}`, 'rest', `REST of ${member.name}`, now)),
      ...members.map((member) => source(`ssh:${member.name}`, 'ssh', `SSH to ${member.name}`, now)),
    ],
    dcs: { kind: 'live', etcdVersion: '3.5.16', members: etcdMembers(now) },
    leader: {
      holder: 'db1',
      known: true,
      leaseLeft: 26_000,
      leaseTtl: 30_000,
      askedAt: now,
      heldSince: now - 7_200_000,
      vacantSince: null,
    },
    members,
    paused: false,
    failsafeActive: false,
    sync: { mode: 'on', strict: false, leader: 'db1', standbys: ['db2'], quorum: null },
    scheduledSwitchover: null,
    failoverRequest: null,
    config: {
      ttl: 30,
      loopWait: 10,
      retryTimeout: 10,
      maximumLagOnFailover: 1_048_576,
      checkTimeline: false,
      standbyCluster: false,
      failsafeMode: false,
      raw: {
        ttl: 30,
        loop_wait: 10,
        retry_timeout: 10,
        maximum_lag_on_failover: 1048576,
        synchronous_mode: true,
        postgresql: { use_pg_rewind: true, parameters: { max_connections: 200, wal_level: 'replica' } },
      },
    },
    systemIdentifier: '7401',
    history: [
      {
        timeline: 5,
        lsn: 0x5_1000_0000,
        reason: 'no recovery target specified',
        at: now - 800_000_000,
        newLeader: 'db2',
      },
      {
        timeline: 6,
        lsn: 0x5_2000_0000,
        reason: 'no recovery target specified',
        at: now - 7_200_000,
        newLeader: 'db1',
      },
    ],
    findings: [],
    blindSpots: [],
    ...changes,
  };
}

const names = { hostile: `<img src=x onerror="window.pwned=1">\u202e${'n'.repeat(260)}` };

function crashed(now: number): ClusterState {
  const base = stateFixture(now);
  const members = base.members.map((member) =>
    member.name === 'db1'
      ? { ...member, condition: 'unreachable' as const, stale: true, inDcs: false, timeline: 7 }
      : { ...member, upstream: null, condition: 'not_streaming' as const, lag: null },
  );
  return {
    ...base,
    members,
    health: {
      level: 'critical',
      sentence: 'No primary for 12 s: db1 lost the leader lock and no member has taken it.',
    },
    leader: {
      holder: null,
      known: true,
      leaseLeft: null,
      leaseTtl: null,
      askedAt: now,
      heldSince: null,
      vacantSince: now - 12_000,
    },
    sources: base.sources.map((each) =>
      each.id.endsWith('db1')
        ? {
            ...each,
            status: 'lost',
            asOf: now - 14_000,
            error: { code: 'ssh.unreachable', message: 'db1 does not answer on port 22.', retryable: true },
          }
        : each,
    ),
    findings: [
      {
        code: 'cluster.no_leader',
        severity: 'critical',
        member: null,
        sentence: 'Nobody holds the leader lock.',
        evidence: 'The leader key was removed 12 s ago.',
        advice: 'Wait for the election; when none succeeds, look at why each candidate is refused under Failover.',
      },
    ],
  };
}

function troubled(now: number): ClusterState {
  const base = stateFixture(now);
  const trouble: Readonly<Record<string, Partial<Member>>> = {
    db2: {
      pendingRestartFlag: true,
      pendingRestart: [{ name: 'max_connections', oldValue: '100', newValue: '200' }],
      scheduledRestart: { at: now + 900_000, pendingOnly: true },
    },
    db3: {
      condition: 'not_streaming',
      upstream: null,
      lag: { receive: 52_000_000, replay: 52_000_000, basis: 'status_key', at: now },
      timeline: 6,
      tags: { nofailover: true, clonefrom: true, zone: 'b' },
    },
  };
  return {
    ...base,
    production: true,
    paused: true,
    health: { level: 'warning', sentence: 'Automatic failover is paused, and db3 does not stream.' },
    scheduledSwitchover: { at: now + 5_400_000, from: 'db1', to: 'db2' },
    members: [
      ...base.members.map((member) => ({ ...member, ...trouble[member.name] })),
      memberFixture('db4', now, {
        upstream: 'db2',
        condition: 'ssh_lost',
        stale: true,
        restAsOf: now - 90_000,
        postgresVersion: null,
        patroniVersion: null,
        lag: null,
        dcsLastSeen: null,
      }),
    ],
    findings: [
      {
        code: 'member.not_streaming',
        severity: 'warning',
        member: 'db3',
        sentence: 'db3 runs, but nobody streams to it.',
        evidence: 'It is on timeline 6, the leader on 7, and the leader does not list it.',
        advice: 'Reinitialize it, or look at its log for why it cannot follow.',
      },
      {
        code: 'cluster.paused',
        severity: 'info',
        member: null,
        sentence: 'Automatic failover is paused.',
        evidence: 'Paused for 3 h.',
        advice: 'Resume when the maintenance is over.',
      },
    ],
    blindSpots: ['The slots of db4 cannot be seen while its SSH connection is lost.'],
  };
}

function noQuorum(now: number): ClusterState {
  const base = stateFixture(now);
  return {
    ...base,
    health: { level: 'unknown', sentence: 'etcd has no quorum: the state of the cluster cannot be seen.' },
    dcs: {
      kind: 'no_quorum',
      since: now - 42_000,
      members: etcdMembers(now).map((member, index) => ({ ...member, reachable: index === 0, leader: null })),
    },
    leader: { ...base.leader, known: false, holder: null },
    members: base.members.map((member) => ({ ...member, stale: true })),
    sources: base.sources.map((each) =>
      each.id === 'etcd' ? { ...each, status: 'stale' as const, asOf: now - 42_000 } : each,
    ),
  };
}

function cascading(now: number): ClusterState {
  const base = stateFixture(now);
  const more = Array.from({ length: 6 }, (_, index) =>
    memberFixture(`db${index + 4}`, now, { upstream: index < 3 ? 'db2' : 'db3' }),
  );
  return {
    ...base,
    members: [...base.members, ...more],
    health: { level: 'healthy', sentence: 'db1 leads on timeline 7; 8 replicas stream.' },
  };
}

function hostile(now: number): ClusterState {
  const base = stateFixture(now);
  return {
    ...base,
    title: `</script><script>alert(1)</script> ${'t'.repeat(90)}`,
    members: [
      ...base.members,
      memberFixture(names.hostile, now, {
        state: 'unknown',
        stateText: '<b>bold</b>',
        tags: { '<i>tag</i>': '<u>value</u>'.repeat(20) },
      }),
    ],
  };
}

const scenes: Readonly<Record<string, (now: number) => ClusterState>> = {
  healthy: (now) => stateFixture(now),
  crashed,
  troubled,
  noQuorum,
  cascading,
  hostile,
};

/** The state a scene's name stands for. */
export function sceneState(scene: string, now: number): ClusterState {
  return (scenes[scene] ?? scenes['healthy'] ?? stateFixture)(now);
}

/** A cluster's row in the fleet. */
export function summaryOf(state: ClusterState): ClusterSummary {
  return {
    clusterId: state.clusterId,
    title: state.title,
    scope: state.scope,
    origin: state.origin,
    tags: state.tags,
    production: state.production,
    health: state.health,
    leader: state.leader.holder,
    leaderKnown: state.leader.known,
    timeline: state.members.find((member) => member.name === state.leader.holder)?.timeline ?? null,
    members: state.members.map(({ name, role, condition, stale }) => ({ name, role, condition, stale })),
    worstLag: state.members.reduce<number | null>(
      (worst, member) => (member.lag?.replay == null ? worst : Math.max(worst ?? 0, member.lag.replay)),
      null,
    ),
    paused: state.paused,
    asOf: state.at,
  };
}

/** A fleet of many clusters in all states of health. */
export function manySummaries(count: number, now: number): readonly ClusterSummary[] {
  const all = [crashed, troubled, noQuorum, cascading, stateFixture, stateFixture, stateFixture, stateFixture];
  return Array.from({ length: count }, (_, index) => ({
    ...summaryOf((all[index % all.length] ?? stateFixture)(now)),
    clusterId: `c${index}`,
    title: `shop-${String(index + 1).padStart(3, '0')}`,
    scope: `shop_${index}`,
  }));
}

/** Events as the recorder writes them around a failover. */
export function eventFixtures(now: number): readonly ClusterEvent[] {
  const rows: readonly (readonly [number, ClusterEvent['kind'], ClusterEvent['severity'], string | null, string])[] = [
    [-7_204_000, 'leader_lost', 'critical', 'db2', 'db2 lost the leader lock: its key expired.'],
    [-7_203_100, 'leader_elected', 'info', 'db1', 'db1 took the leader lock.'],
    [-7_202_600, 'promoted', 'good', 'db1', 'db1 was promoted; timeline 7 begins.'],
    [-7_202_300, 'primary_gap', 'warning', null, 'The cluster was without a primary for 1.9 s.'],
    [-7_201_000, 'member_streaming', 'good', 'db3', 'db3 streams from db1.'],
    [-60_000, 'config_changed', 'info', null, 'The dynamic configuration changed: max_connections from 100 to 200.'],
  ];
  return rows.map(([offset, kind, severity, member, sentence], index) => ({
    id: index + 1,
    at: now + offset,
    kind,
    severity,
    member,
    sentence,
  }));
}
