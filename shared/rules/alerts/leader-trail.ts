/** Where the leader was, in bytes of WAL, and when it was first seen there; ms since the epoch. The oldest first. */
export interface LeaderTrail {
  readonly leader: string;
  readonly positions: readonly { readonly at: number; readonly lsn: number }[];
}

/** Positions are kept for so long, ms: a replica that is further behind is told to be at least so far. */
const KEPT_MS = 24 * 3_600_000;
/** More positions than this are thinned out: the older they are, the further apart they may be. */
const MOST = 1_200;
/** So much of its age a position may be away from the next newer one. */
const APART = 1 / 60;

/** The trail with where the leader is now; another leader, or one that went back, begins anew. */
export function followLeader(
  trail: LeaderTrail | null,
  now: { readonly leader: string; readonly lsn: number; readonly at: number },
): LeaderTrail {
  const { leader, lsn, at } = now;
  const last = trail?.positions.at(-1);
  if (trail === null || last === undefined || trail.leader !== leader || lsn < last.lsn)
    return { leader, positions: [{ at, lsn }] };
  if (lsn === last.lsn) return trail;
  const kept = trail.positions.length < MOST ? trail.positions : thinOut(trail.positions, at);
  return { leader, positions: [...kept, { at, lsn }] };
}

function thinOut(positions: LeaderTrail['positions'], now: number): LeaderTrail['positions'] {
  let newer = now;
  return positions
    .toReversed()
    .filter(({ at }) => {
      const isKept = now - at <= KEPT_MS && newer - at >= (now - at) * APART;
      if (isKept) newer = at;
      return isKept;
    })
    .toReversed();
}

/**
 * For how long a replica has not replayed something that the leader had already written: the time since the leader was first seen beyond
 * its position, ms. 0 where it was not. Neither an idle leader nor a long transaction makes it grow, as the age of the last replayed
 * commit does.
 */
export function behindFor(trail: LeaderTrail | null, replayed: number, now: number): number {
  const passed = trail?.positions.find(({ lsn }) => lsn > replayed);
  return passed === undefined ? 0 : Math.max(0, now - passed.at);
}
