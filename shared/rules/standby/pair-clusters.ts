import type {
  ClusterPair,
  FollowedSite,
  FollowingSite,
  PairedSite,
  StandbyPlace,
  StandbySource,
  SystemMatch,
  WayToCluster,
} from '../../model/cluster/cluster-pair';
import type { ClusterState } from '../../model/cluster/cluster-state';
import { isSameHost } from '../../model/connect/host-port';
import { clusterName } from '../citus/citus-names';
import { isRemoved } from '../cluster/health';
import { slotName } from '../cluster/slot-name';
import { writesInWords, writeStatusOf } from '../cluster/write-status';
import { isJsonObject } from '../configure/config-patch';
import { linkOf, standbyLeaderOf } from './pair-link';
import { readStandbySource } from './read-standby-source';

/** An address that leads to a cluster, beside those of its members. `port` null: any. */
export interface ClusterEntrance {
  readonly host: string;
  readonly port: number | null;
  readonly by: Exclude<WayToCluster, 'connection'>;
}

/** A cluster with all addresses by which another one can follow it. */
export interface PairSubject {
  readonly state: ClusterState;
  readonly entrances: readonly ClusterEntrance[];
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/i;
/** Older timelines say nothing about where two clusters parted lately. */
const MOST_HISTORY = 100;

/**
 * What each cluster has to do with the others, by its id; clusters that stand alone are left out. A standby cluster follows the cluster to
 * which an address of its `standby_cluster` leads. Private addresses repeat from site to site, so that of several the one from the same
 * initdb is meant. Where no address is known, the connections of a cluster from the same initdb may name the standby leader. Pure.
 */
export function pairClusters(subjects: readonly PairSubject[], now: number): ReadonlyMap<string, ClusterPair> {
  const present = subjects.filter(({ state }) => !isRemoved(state) && state.onHold !== true);
  const followed = new Map(
    present.flatMap((subject) => {
      const found = followedBy(subject, present, now);
      return found === null ? [] : [[subject.state.clusterId, found] as const];
    }),
  );
  return new Map(
    present.flatMap(({ state }) => {
      const pair: ClusterPair = {
        follows: followed.get(state.clusterId) ?? null,
        followedBy: followersOf(state, present, followed, now),
        related: relatedTo(state, present, followed, now),
      };
      const isAlone = pair.follows === null && pair.followedBy.length === 0 && pair.related.length === 0;
      return isAlone ? [] : [[state.clusterId, pair] as const];
    }),
  );
}

interface Found {
  readonly subject: PairSubject;
  readonly by: WayToCluster;
}

function followedBy({ state }: PairSubject, all: readonly PairSubject[], now: number): FollowedSite | null {
  const source = state.config === null ? null : readStandbySource(state.config.raw);
  if (source === null) return null;
  const others = all.filter((other) => other.state.clusterId !== state.clusterId);
  const found = byAddress(state, source, others) ?? byConnection(state, others);
  const other = found?.subject.state ?? null;
  return {
    source,
    by: found?.by ?? null,
    site: other === null ? null : siteOf(other, state, now),
    link: linkOf(other, state, other === null ? 'not_known' : systemMatch(other, state)),
  };
}

const SURENESS: Readonly<Record<SystemMatch, number>> = { same: 0, not_known: 1, different: 2 };

function byAddress(state: ClusterState, source: StandbySource, others: readonly PairSubject[]): Found | null {
  const places = source.places.filter(({ host }) => !LOOPBACK.test(host));
  const found = others.flatMap((subject) => {
    const way = places.flatMap((place) => entrancesOf(subject).find((one) => leadsTo(one, place)) ?? [])[0];
    return way === undefined ? [] : [{ subject, by: way.by }];
  });
  const sureness = ({ subject }: Found): number => SURENESS[systemMatch(subject.state, state)];
  return found.toSorted((one, other) => sureness(one) - sureness(other))[0] ?? null;
}

function entrancesOf({ state, entrances }: PairSubject): readonly ClusterEntrance[] {
  return [...placesOf(state).map((place) => ({ ...place, by: 'member' as const })), ...entrances];
}

function leadsTo(entrance: ClusterEntrance, place: StandbyPlace): boolean {
  return isSameHost(entrance.host, place.host) && (entrance.port === null || entrance.port === place.port);
}

function placesOf({ members }: ClusterState): readonly StandbyPlace[] {
  return members.flatMap(({ host, port }) => (host === null || port === null ? [] : [{ host, port }]));
}

/** The cluster from the same initdb whose members list the standby leader as a receiver, from one of the follower's addresses. */
function byConnection(state: ClusterState, others: readonly PairSubject[]): Found | null {
  const leader = standbyLeaderOf(state);
  if (leader === null) return null;
  const names = [leader.name, slotName(leader.name)];
  const subject = others.find(
    (other) =>
      systemMatch(other.state, state) === 'same' &&
      other.state.members.some(({ connections }) =>
        connections.some(
          ({ applicationName, clientAddress }) =>
            names.includes(applicationName) &&
            clientAddress !== null &&
            leader.host !== null &&
            isSameHost(clientAddress, leader.host),
        ),
      ),
  );
  return subject === undefined ? null : { subject, by: 'connection' };
}

function identifierOf(state: ClusterState): string | null {
  const own = state.members.flatMap((member) => member.systemIdentifier ?? [])[0];
  return state.systemIdentifier || own || null;
}

function systemMatch(one: ClusterState, other: ClusterState): SystemMatch {
  const [mine, theirs] = [identifierOf(one), identifierOf(other)];
  if (mine === null || theirs === null) return 'not_known';
  return mine === theirs ? 'same' : 'different';
}

function followersOf(
  state: ClusterState,
  all: readonly PairSubject[],
  followed: ReadonlyMap<string, FollowedSite>,
  now: number,
): readonly FollowingSite[] {
  return all.flatMap((other) => {
    const follows = followed.get(other.state.clusterId);
    return follows?.site?.clusterId === state.clusterId
      ? [{ site: siteOf(other.state, state, now), link: follows.link }]
      : [];
  });
}

function relatedTo(
  state: ClusterState,
  all: readonly PairSubject[],
  followed: ReadonlyMap<string, FollowedSite>,
  now: number,
): readonly PairedSite[] {
  const root = rootOf(state.clusterId, followed);
  return all
    .filter(({ state: other }) => systemMatch(other, state) === 'same' && rootOf(other.clusterId, followed) !== root)
    .map(({ state: other }) => siteOf(other, state, now));
}

/** The cluster at the end of a chain; of clusters that follow each other in a ring, the first by id. */
function rootOf(clusterId: string, followed: ReadonlyMap<string, FollowedSite>): string {
  const seen = [clusterId];
  for (let next = followed.get(clusterId)?.site; next; next = followed.get(next.clusterId)?.site) {
    const at = seen.indexOf(next.clusterId);
    if (at >= 0) return seen.slice(at).toSorted()[0] ?? clusterId;
    seen.push(next.clusterId);
  }
  return seen.at(-1) ?? clusterId;
}

function siteOf(state: ClusterState, seenBy: ClusterState, now: number): PairedSite {
  const leader = state.members.find(({ name }) => name === state.leader.holder);
  const writes = writeStatusOf(state);
  return {
    clusterId: state.clusterId,
    title: clusterName(state),
    system: systemMatch(state, seenBy),
    writes: {
      kind: writes.kind,
      sentence: writesInWords(writes, now),
      asOf: writes.kind === 'not_known' ? writes.lastSeen : writes.asOf,
    },
    leader: leader?.name ?? state.leader.holder,
    timeline: leader?.timeline ?? null,
    lsn: leader?.lsn ?? null,
    lsnAsOf: leader === undefined ? null : (leader.restAsOf ?? leader.dcsAsOf),
    history: state.history.slice(-MOST_HISTORY).map(({ timeline, lsn }) => ({ timeline, lsn })),
    isStandby: state.config?.standbyCluster ?? null,
    readOnly: state.readOnly,
    places: placesOf(state),
    slots: permanentSlots(state),
  };
}

/** Names of permanent physical slots (Patroni's docs, dynamic_configuration, slots). */
function permanentSlots({ config }: ClusterState): readonly string[] {
  const slots = config?.raw['slots'];
  if (!isJsonObject(slots)) return [];
  return Object.entries(slots).flatMap(([name, slot]) =>
    isJsonObject(slot) && slot['type'] === 'physical' ? [name] : [],
  );
}
