import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { followPairs, type PairDeps, type Pairs } from '../../../electron/core/standby/follow-pairs';
import { entrancesOfCluster } from '../../../electron/core/standby/entrances';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterPair } from '../../../shared/model/cluster/cluster-pair';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { primarySite, standbySite } from '../../support/cluster/paired-clusters';

const entry = (id: string): ClusterEntry => ({
  id,
  title: id,
  scope: id,
  namespace: 'service',
  tags: [],
  production: false,
  readOnly: false,
  origin: 'user',
  members: [{ name: 'a1', serverId: 's1', apiUrl: '', postgresHost: '10.1.0.1', postgresPort: 5432 }],
  balancerServers: ['lb'],
  etcd: null,
  rest: { tls: null, auth: null },
});

/** What a hub was told of each cluster. */
class Told {
  readonly states = new Map<string, ClusterState>();
  readonly pairs = new Map<string, ClusterPair | null>();
  readonly codes = new Map<string, readonly string[]>();
  readonly refreshed: string[] = [];
  readonly hub: PairDeps['hub'] = {
    state: (id) => this.states.get(id) ?? null,
    setPair: (id, pair) => {
      this.pairs.set(id, pair);
      const state = this.states.get(id);
      if (state !== undefined) this.states.set(id, { ...state, pair });
    },
    report: (id, _source, { findings }) => {
      this.codes.set(
        id,
        findings.map(({ code }) => code),
      );
    },
    refresh: (id) => {
      this.refreshed.push(id);
      const state = this.states.get(id);
      return state === undefined ? Promise.reject(new Error(id)) : Promise.resolve(state);
    },
  };

  put(...states: readonly ClusterState[]): void {
    for (const state of states) this.states.set(state.clusterId, state);
  }
}

describe('the pairs of the clusters in the app', () => {
  let told: Told;
  let pairs: Pairs;

  beforeEach(() => {
    vi.useFakeTimers();
    told = new Told();
    told.put(primarySite(), standbySite());
    pairs = followPairs({
      hub: told.hub,
      clusters: () => [...told.states.keys()].map(entry),
      entrances: () => [],
      now: () => Date.now(),
    });
  });
  afterEach(() => {
    pairs.end();
    vi.useRealTimers();
  });

  it('are told to both clusters within two seconds', () => {
    vi.advanceTimersByTime(2_000);
    expect(told.pairs.get('south')?.follows?.site?.title).toBe('North');
    expect(told.pairs.get('north')?.followedBy[0]?.site.title).toBe('South');
  });

  it('are taken back once nothing follows any more', () => {
    vi.advanceTimersByTime(2_000);
    told.put(standbySite(null, { systemIdentifier: '8' }));
    vi.advanceTimersByTime(2_000);
    expect([told.pairs.get('north'), told.pairs.get('south')]).toEqual([null, null]);
  });

  it('have a finding only once a standby cluster has not streamed for a while, and lose it when it streams again', () => {
    told.put(standbySite(undefined, {}, { state: 'stopped' }));
    vi.advanceTimersByTime(10_000);
    expect(told.codes.get('north')).toEqual([]);
    vi.advanceTimersByTime(12_000);
    expect(told.codes.get('north')).toEqual(['standby.follower_lost']);
    told.put(standbySite());
    vi.advanceTimersByTime(8_000);
    expect(told.codes.get('north')).toEqual([]);
  });

  it('are read again on demand, the other cluster asked first', async () => {
    await pairs.refresh('south');
    expect(told.refreshed).toEqual(['north']);
    expect(told.pairs.get('south')?.follows?.link.current).toBe(true);
  });
});

describe('the addresses of a cluster', () => {
  const server = (id: string) => ({
    ...{ id, name: `${id}.example`, host: `host-${id}`, port: 22, user: 'root', jump: [], tags: [] },
    auth: { kind: 'agent' as const },
    sudo: { kind: 'root' as const },
  });

  it('are those of its servers at the port of PostgreSQL, and of its load balancers at any port', () => {
    const found = entrancesOfCluster(entry('north'), null, server).map(({ host, port, by }) => [host, port, by]);
    expect(found).toEqual([
      ['host-s1', 5432, 'member'],
      ['s1.example', 5432, 'member'],
      ['host-lb', null, 'load_balancer'],
      ['lb.example', null, 'load_balancer'],
    ]);
  });

  it('are none of a server that is not in the inventory any more', () => {
    expect(entrancesOfCluster(entry('north'), null, () => undefined)).toEqual([]);
  });
});
