import type { PairLink, Streaming, SystemMatch } from '../../model/cluster/cluster-pair';
import type { ClusterState } from '../../model/cluster/cluster-state';
import type { Member } from '../../model/cluster/member';
import { isSameHost } from '../../model/connect/host-port';
import { answersNow, isRunning, isSilent, leaderOf } from '../cluster/member-facts';
import { slotName } from '../cluster/slot-name';

/** The member that receives WAL from the other cluster: the leader of a standby cluster; null where none is known. */
export function standbyLeaderOf(state: ClusterState): Member | null {
  const leader = leaderOf(state) ?? state.members.find(({ role }) => role === 'standby_leader') ?? null;
  return state.config?.standbyCluster === true || leader?.role === 'standby_leader' ? leader : null;
}

/** The replication from one cluster to another; `source` is null where the cluster that is followed is not in the app. */
export function linkOf(source: ClusterState | null, follower: ClusterState, system: SystemMatch): PairLink {
  const receiver = standbyLeaderOf(follower);
  const lag = lagBetween(source, follower, receiver, system);
  return {
    streaming: streamingOf(source, follower, receiver),
    ...lag,
    replayedAt: receiver?.replayedAt ?? null,
  };
}

type LagOfPair = Pick<PairLink, 'receive' | 'replay' | 'asOf' | 'current' | 'why'>;

function unknownLag(why: string): LagOfPair {
  return { receive: null, replay: null, asOf: null, current: false, why };
}

function lagBetween(
  source: ClusterState | null,
  follower: ClusterState,
  receiver: Member | null,
  system: SystemMatch,
): LagOfPair {
  if (source === null) return unknownLag('The cluster that it follows is not in the app.');
  if (system === 'different')
    return unknownLag(
      'The two clusters have different system identifiers, so that their positions cannot be compared.',
    );
  const sender = leaderOf(source);
  if (sender === null || sender.lsn === null) return unknownLag(`The position of ${source.title} is not known.`);
  if (receiver === null) return unknownLag(`${follower.title} has no leader that is known.`);
  if (receiver.timeline !== null && sender.timeline !== null && receiver.timeline > sender.timeline)
    return unknownLag(`${follower.title} is on a newer timeline than ${source.title}.`);
  const received = highest(receiver.receivedLsn, receiver.lsn);
  const replayed = receiver.lsn;
  if (received === null) return unknownLag(`The position of ${receiver.name} is not known.`);
  return {
    receive: Math.max(0, sender.lsn - received),
    replay: replayed === null ? null : Math.max(0, sender.lsn - replayed),
    asOf: earliest(readAt(sender), readAt(receiver)),
    current: answersNow(source, sender.name) && answersNow(follower, receiver.name),
    why: null,
  };
}

/** What a standby leader has replayed from an archive it never received by streaming. */
function highest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

function earliest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Math.min(one, other);
}

function readAt({ restAsOf, dcsAsOf }: Member): number | null {
  return restAsOf ?? dcsAsOf;
}

/** The standby leader's own word first (Patroni from 3.0.4), else the list of connections of the cluster that it follows. */
function streamingOf(source: ClusterState | null, follower: ClusterState, receiver: Member | null): Streaming {
  if (receiver === null) return follower.leader.known && follower.leader.holder === null ? 'no' : 'not_known';
  if (!answersNow(follower, receiver.name)) return 'not_known';
  if (!isRunning(receiver)) return 'no';
  const own = receiver.replicationState ?? receiver.state;
  if (own === 'streaming') return 'yes';
  if (own === 'in archive recovery') return 'archive';
  return listedBy(source, follower, receiver) ?? 'not_known';
}

const SENDS: ReadonlySet<string> = new Set(['streaming', 'catchup', 'startup']);

/**
 * Whether the members of a cluster that answer list the receiver. Both clusters may have a member of that name, so that the address has to
 * be one of the follower's. null: nobody could be asked, or the connection may come through a balancer.
 */
function listedBy(source: ClusterState | null, follower: ClusterState, receiver: Member): Streaming | null {
  if (source === null) return null;
  const asked = source.members.filter((member) => answersNow(source, member.name) && !isSilent(member));
  const hosts = follower.members.flatMap(({ host }) => host ?? []);
  const named = asked
    .flatMap(({ connections }) => connections)
    .filter(({ applicationName }) => [receiver.name, slotName(receiver.name)].includes(applicationName));
  const own = named.filter(
    ({ clientAddress }) => clientAddress !== null && hosts.some((host) => isSameHost(host, clientAddress)),
  );
  if (own.some(({ state }) => SENDS.has(state))) return 'yes';
  const isNamedThere = source.members.some(({ name }) => name === receiver.name);
  if (!isNamedThere && named.some(({ state }) => SENDS.has(state))) return 'yes';
  const leader = leaderOf(source);
  const isSure =
    leader !== null && asked.includes(leader) && named.length === 0 && asked.length === source.members.length;
  return isSure ? 'no' : null;
}
