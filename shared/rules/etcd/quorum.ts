/**
 * How many of `members` voting members of etcd must agree on each write: more than half of them (Raft). Learners do not vote and are not
 * counted.
 */
export function quorumSize(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** How many of `members` voting members of etcd may be lost while the others still have a quorum; 0 when there are none. */
export function toleratedLosses(members: number): number {
  return Math.max(0, members - quorumSize(members));
}

/** Whether the number of voting members is even: the last of them makes a quorum larger and tolerates no further loss. */
export function hasEvenMembership(members: number): boolean {
  return members > 0 && members % 2 === 0;
}
