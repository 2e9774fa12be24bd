import type { Lag } from '../../../../shared/model/cluster/member';
import type { ClusterFacts } from './facts';
import type { MemberView } from './view';
import { best, dcsIsLive } from './view';

/** Readings of the leader this much later than the replica's still count as of the same time, ms. */
const SAME_TIME_MS = 250;

interface Reference {
  readonly lsn: number;
  readonly basis: Lag['basis'];
}

/**
 * The leader's position at the time the replica was read: a later one would show WAL as lag that was written
 * in between. The DCS's own position counts when it is newer than the leader's REST.
 */
function referenceAt(leader: MemberView | null, facts: ClusterFacts, at: number): Reference | null {
  const position = leader?.rest.positions.findLast((one) => one.at <= at + SAME_TIME_MS);
  const optime = facts.dcs.optime;
  if (position !== undefined && (optime === null || optime.at > at + SAME_TIME_MS || position.lsn >= optime.lsn))
    return { lsn: position.lsn, basis: 'leader_rest' };
  return optime === null ? null : { lsn: optime.lsn, basis: 'status_key' };
}

function behind(reference: Reference | null, lsn: number | null): number | null {
  return reference === null || lsn === null ? null : Math.max(0, reference.lsn - lsn);
}

/**
 * What a replica has received. A receiver that has started anew names the beginning of its segment until the first WAL comes; what was
 * replayed was received (patroni/postgresql/__init__.py, _wal_position).
 */
export function receivedPosition(received: number | null, replayed: number | null): number | null {
  return received === null ? null : Math.max(received, replayed ?? received);
}

function fromRest(view: MemberView, leader: MemberView | null, facts: ClusterFacts): Lag | null {
  const { fresh, rest } = view;
  if (fresh === null || fresh.replayedLsn === null || rest.asOf === null) return null;
  // Nobody to be behind of: the last position of a leader that is not known any more is no measure.
  if (leader === null && !dcsIsLive(facts)) return null;
  const reference = referenceAt(leader, facts, rest.asOf);
  return reference === null
    ? null
    : {
        receive: behind(reference, receivedPosition(fresh.receivedLsn, fresh.replayedLsn)),
        replay: behind(reference, fresh.replayedLsn),
        basis: reference.basis,
        at: rest.asOf,
      };
}

function fromDcs(view: MemberView, facts: ClusterFacts): Lag | null {
  const { key } = view;
  const { optime } = facts.dcs;
  const replayed = key === null ? null : (key.replayLsn ?? key.location);
  if (view.inDcs !== true || key === null || optime === null || replayed === null) return null;
  const reference: Reference = { lsn: optime.lsn, basis: 'status_key' };
  return {
    receive: behind(reference, receivedPosition(key.receiveLsn, replayed)),
    replay: behind(reference, replayed),
    basis: 'status_key',
    at: view.keyAt ?? optime.at,
  };
}

function fromListing({ listed }: MemberView, facts: ClusterFacts): Lag | null {
  const { asOf } = facts.listing;
  if (dcsIsLive(facts) || listed === null || listed.lag === null || asOf === null) return null;
  const replay = listed.replayLag ?? listed.lag;
  const receive = listed.receiveLag === null ? null : Math.min(listed.receiveLag, replay);
  return { receive, replay, basis: 'patroni', at: asOf };
}

/** A replica's lag; null on the leader and where no position is known. */
export function lagOf(view: MemberView, leader: MemberView | null, facts: ClusterFacts): Lag | null {
  if (view.holdsLock || view.name === leader?.name) return null;
  return fromRest(view, leader, facts) ?? fromDcs(view, facts) ?? fromListing(view, facts);
}

/** Written on a primary, replayed on a replica; bytes. */
export function positionOf(view: MemberView): number | null {
  return best(
    view,
    (answer) => answer.location ?? answer.replayedLsn,
    (key) => key.replayLsn ?? key.location,
    (listed) => listed.replayLsn,
  );
}
