import type { ClusterState, DynamicConfig, Source } from '../../../shared/model/cluster/cluster-state';
import type { Member } from '../../../shared/model/cluster/member';

/** Patroni's defaults. */
export const CONFIG: DynamicConfig = {
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
    maximum_lag_on_failover: 1_048_576,
    postgresql: { parameters: { max_connections: 100 } },
  },
};

/** A healthy streaming replica without lag; what a test cares about is changed. */
export function replica(name: string, change: Partial<Member> = {}): Member {
  return {
    name,
    serverId: `server-${name}`,
    apiUrl: `http://10.0.0.1:8008/patroni`,
    host: '10.0.0.1',
    port: 5432,
    role: 'replica',
    state: 'streaming',
    stateText: 'streaming',
    condition: 'healthy',
    inDcs: true,
    timeline: 4,
    lsn: 5000,
    receivedLsn: 5000,
    lag: { receive: 0, replay: 0, basis: 'leader_rest', at: 1000 },
    replicationState: 'streaming',
    upstream: 'db1',
    upstreamKnown: true,
    connections: [],
    replayPaused: false,
    pendingRestart: [],
    pendingRestartFlag: false,
    scheduledRestart: null,
    tags: {},
    patroniVersion: '4.0.7',
    postgresVersion: 170005,
    systemIdentifier: '7',
    dcsLastSeen: 1000,
    watchdogFailed: false,
    pausedSeen: false,
    postmasterStart: 10,
    dcsAsOf: 1000,
    restAsOf: 1000,
    stale: false,
    ...change,
  };
}

/** A healthy leader that streams to these members. */
export function leader(name: string, streamsTo: readonly string[], change: Partial<Member> = {}): Member {
  const connections = streamsTo.map((applicationName) => ({
    applicationName,
    clientAddress: null,
    state: 'streaming',
    syncState: 'async',
  }));
  return replica(name, {
    role: 'leader',
    state: 'running',
    stateText: 'running',
    lag: null,
    receivedLsn: null,
    upstream: null,
    replicationState: null,
    connections,
    ...change,
  });
}

/** A source that answered just now. */
export function source(id: string, change: Partial<Source> = {}): Source {
  return { id, kind: id === 'etcd' ? 'etcd' : 'rest', label: id, status: 'live', asOf: 1000, error: null, ...change };
}

/** db1 leads, db2 and db3 stream; everything is seen and well. */
export function cluster(change: Partial<ClusterState> = {}): ClusterState {
  const members = change.members ?? [leader('db1', ['db2', 'db3']), replica('db2'), replica('db3')];
  return {
    clusterId: 'c1',
    title: 'Orders',
    scope: 'orders',
    namespace: '/service/',
    production: false,
    readOnly: false,
    origin: 'user',
    tags: [],
    revision: 1,
    at: 1000,
    health: { level: 'healthy', sentence: 'All is well.' },
    sources: [source('etcd'), ...members.map((member) => source(`rest:${member.name}`))],
    dcs: { kind: 'live', etcdVersion: '3.5.16', members: [] },
    leader: {
      holder: 'db1',
      known: true,
      leaseLeft: null,
      leaseTtl: null,
      askedAt: null,
      heldSince: null,
      vacantSince: null,
    },
    paused: false,
    failsafeActive: false,
    sync: { mode: 'off', strict: false, leader: null, standbys: [], quorum: null },
    scheduledSwitchover: null,
    failoverRequest: null,
    config: CONFIG,
    systemIdentifier: '7',
    history: [],
    findings: [],
    blindSpots: [],
    ...change,
    members,
  };
}

/** The same cluster with nobody holding the lock. */
export function leaderless(change: Partial<ClusterState> = {}): ClusterState {
  const state = cluster(change);
  return { ...state, leader: { ...state.leader, holder: null, vacantSince: 900 } };
}
