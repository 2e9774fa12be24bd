import type { SyncChoice } from './sync-choice';

/** What a choice costs with the members that there are, sentence by sentence. */
export interface SyncCosts {
  /** What each commit waits for. */
  readonly commit: string;
  readonly oneStandbyLost: string;
  readonly allStandbysLost: string;
  readonly leaderLost: string;
}

/** The cluster that a choice is made for: how many members may be synchronous standbys, and Patroni's loop_wait, s. */
export interface SyncSurroundings {
  readonly standbys: number;
  readonly loopWait: number;
  /** maximum_lag_on_failover as a person reads it. */
  readonly lagOnFailover: string;
}

const members = (count: number): string => (count === 1 ? 'one member' : `${count} members`);

/**
 * What synchronous replication costs. Patroni names as many standbys as it is asked for and as there are; when one is lost it names
 * another one or fewer, and only `strict` keeps writes waiting when none is left (patroni/ha.py, process_sync_replication).
 */
export function syncCosts(choice: SyncChoice, around: SyncSurroundings): SyncCosts {
  if (choice.mode === 'off') return costsOff(around);
  if (around.standbys === 0) return costsWithoutStandby(choice);
  return {
    commit: commitCost(choice, around),
    oneStandbyLost: oneLost(choice, around),
    allStandbysLost: allLost(choice, around),
    leaderLost: leaderLost(choice, around),
  };
}

function costsOff({ lagOnFailover, standbys }: SyncSurroundings): SyncCosts {
  return {
    commit: 'Nothing: a commit is confirmed as soon as the leader has written it.',
    oneStandbyLost: standbys === 0 ? 'There is none.' : 'Writes go on.',
    allStandbysLost: standbys === 0 ? 'There is none.' : 'Writes go on; nobody is left to take over.',
    leaderLost: `A replica takes over. What it had not received yet is lost, up to ${lagOnFailover}.`,
  };
}

function costsWithoutStandby({ strict }: SyncChoice): SyncCosts {
  const now = strict
    ? 'No member may be a synchronous standby: all writes stop.'
    : 'No member may be one: nothing waits.';
  return { commit: now, oneStandbyLost: 'There is none.', allStandbysLost: now, leaderLost: 'Nobody takes over.' };
}

/** How many members a commit waits for: as many as asked for, and as there are. */
function waitedFor({ count }: SyncChoice, { standbys }: SyncSurroundings): number {
  return Math.min(count, standbys);
}

function commitCost(choice: SyncChoice, around: SyncSurroundings): string {
  const needed = waitedFor(choice, around);
  const fewer = choice.count > around.standbys ? ` (${choice.count} are asked for, and ${needed} may be one)` : '';
  if (choice.mode === 'quorum')
    return `A round trip to the ${needed === 1 ? 'fastest' : `${needed} fastest`} of ${members(around.standbys)}${fewer}.`;
  return needed === 1
    ? `A round trip to one member, which Patroni chooses${fewer}; a slow one slows every commit.`
    : `A round trip to the slowest of ${members(needed)}, which Patroni chooses${fewer}.`;
}

function oneLost(choice: SyncChoice, around: SyncSurroundings): string {
  const needed = waitedFor(choice, around);
  const left = around.standbys - 1;
  if (left === 0) return allLost(choice, around);
  const about = `about ${around.loopWait} s`;
  if (choice.mode === 'quorum' && left >= needed)
    return `Writes go on at once: ${members(left)} can still confirm ${needed === 1 ? 'each commit' : 'them'}.`;
  if (left >= needed)
    return `If a commit waited for it, writes wait for ${about} until Patroni has chosen another one; else they go on.`;
  return `Writes wait for ${about}, until Patroni is content with ${members(left)}.`;
}

function allLost({ strict }: SyncChoice, { standbys, loopWait }: SyncSurroundings): string {
  const which = standbys === 1 ? 'It is the only one' : `All ${standbys} gone`;
  return strict
    ? `${which}: writes stop until one is back. Nothing that was confirmed can be lost.`
    : `${which}: writes wait for about ${loopWait} s and then go on without a second copy.`;
}

function leaderLost(choice: SyncChoice, { standbys }: SyncSurroundings): string {
  if (choice.mode === 'on') return 'A synchronous standby takes over; nothing that was confirmed is lost.';
  const needed = Math.min(choice.count, standbys);
  const seen = standbys - needed;
  return seen === 0
    ? 'Any of the replicas takes over; nothing that was confirmed is lost.'
    : `The replica that has the most takes over, once it has heard from ${seen} other${seen === 1 ? '' : 's'}; ` +
        'nothing that was confirmed is lost.';
}
