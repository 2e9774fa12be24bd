import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Member } from '../../../shared/model/cluster/member';
import { pairClusters, type ClusterEntrance, type PairSubject } from '../../../shared/rules/standby/pair-clusters';
import { cluster, CONFIG, leader, replica } from './operable-cluster';

const MB = 1_048_576;

/** The cluster that is followed: a1 leads at 10.1.0.1, a2 streams. */
export function primarySite(change: Partial<ClusterState> = {}, ofLeader: Partial<Member> = {}): ClusterState {
  return cluster({
    clusterId: 'north',
    title: 'North',
    members: [
      leader('a1', ['a2'], { host: '10.1.0.1', lsn: 100 * MB, primarySeen: true, ...ofLeader }),
      replica('a2', { host: '10.1.0.2', lsn: 100 * MB }),
    ],
    leader: { ...cluster().leader, holder: 'a1' },
    ...change,
  });
}

/** What `standby_cluster` says in the dynamic configuration; null: nothing. */
export type StandbySection = Readonly<Record<string, unknown>> | null;

/** The cluster that follows: b1 leads at 10.2.0.1 and has 98 of the 100 MB. */
export function standbySite(
  section: StandbySection = { host: '10.1.0.1', port: 5432 },
  change: Partial<ClusterState> = {},
  ofLeader: Partial<Member> = {},
): ClusterState {
  return cluster({
    clusterId: 'south',
    title: 'South',
    members: [
      replica('b1', {
        role: 'standby_leader',
        host: '10.2.0.1',
        lsn: 97 * MB,
        receivedLsn: 98 * MB,
        lag: null,
        replayedAt: 500,
        ...ofLeader,
      }),
      replica('b2', { host: '10.2.0.2', lsn: 97 * MB }),
    ],
    leader: { ...cluster().leader, holder: 'b1' },
    config: {
      ...CONFIG,
      standbyCluster: section !== null,
      raw: { ...CONFIG.raw, ...(section === null ? {} : { standby_cluster: section }) },
    },
    ...change,
  });
}

/** A cluster that can be followed by these addresses beside those of its members. */
export function subject(state: ClusterState, entrances: readonly ClusterEntrance[] = []): PairSubject {
  return { state, entrances };
}

/** The states with what each has to do with the others, at 2000 ms. */
export function paired(...states: readonly ClusterState[]): readonly ClusterState[] {
  const pairs = pairClusters(
    states.map((state) => subject(state)),
    2000,
  );
  return states.map((state) => ({ ...state, pair: pairs.get(state.clusterId) ?? null }));
}
