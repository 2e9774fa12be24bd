import type { SessionReading } from '../../model/postgres/activity';

/** A session in the tree of those that block each other, with those that wait for it. */
export interface BlockingNode {
  readonly pid: number;
  /** null: a prepared transaction (pid 0), or a session that is not among those that were read. */
  readonly session: SessionReading | null;
  readonly waiting: readonly BlockingNode[];
  /** It waits, in the end, for itself: a deadlock that PostgreSQL has not found yet. */
  readonly cycle: boolean;
  /** How many sessions wait for it, directly or not. */
  readonly victims: number;
}

/** What is read of a session to build the tree. */
type Blocked = Pick<SessionReading, 'pid' | 'blockedBy'>;

/**
 * Who blocks whom: first those that wait for nobody themselves, those with most victims first. A session that several block
 * stands below each of them. Where all of a group wait for each other, the one with the lowest pid begins it.
 */
export function blockingTree(sessions: readonly SessionReading[]): readonly BlockingNode[] {
  const waiting = waitersByBlocker(sessions);
  const byPid = new Map(sessions.map((session) => [session.pid, session]));
  const blockers = [...waiting.keys()];
  const roots = blockers.filter((pid) => (byPid.get(pid)?.blockedBy ?? []).length === 0);
  const reached = new Set<number>();
  const nodeOf = (pid: number, above: readonly number[]): BlockingNode => {
    reached.add(pid);
    const inCycle = above.includes(pid);
    const below = inCycle ? [] : (waiting.get(pid) ?? []).map((waiter) => nodeOf(waiter, [...above, pid]));
    return {
      pid,
      session: byPid.get(pid) ?? null,
      waiting: below,
      cycle: inCycle,
      victims: inCycle ? 0 : countWaiters(pid, waiting),
    };
  };
  const trees = roots.map((pid) => nodeOf(pid, []));
  for (const pid of blockers.toSorted((a, b) => a - b)) if (!reached.has(pid)) trees.push(nodeOf(pid, []));
  return trees.toSorted((a, b) => b.victims - a.victims || a.pid - b.pid);
}

function waitersByBlocker(sessions: readonly Blocked[]): ReadonlyMap<number, readonly number[]> {
  const waiting = new Map<number, number[]>();
  for (const { pid, blockedBy } of sessions)
    for (const blocker of new Set(blockedBy)) waiting.set(blocker, [...(waiting.get(blocker) ?? []), pid]);
  return waiting;
}

/** The sessions that wait for one, each counted once. */
function countWaiters(pid: number, waiting: ReadonlyMap<number, readonly number[]>): number {
  const seen = new Set<number>();
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const waiter of waiting.get(next) ?? [])
      if (!seen.has(waiter)) {
        seen.add(waiter);
        open.push(waiter);
      }
  seen.delete(pid);
  return seen.size;
}
