import type { ObservedCluster } from '../../model/cluster/cluster-state';
import type { Member } from '../../model/cluster/member';
import { spanInWords } from '../words/wording';
import { takeOverOf } from './take-over';
import { answersNow, isRunning } from './member-facts';

/** Why a cluster takes no writes now. */
export type NoWritesCause =
  | 'no_leader' // nobody holds the leader lock
  | 'no_primary' // every member was asked, and none runs as the primary
  | 'postgres_down' // the leader's PostgreSQL does not run
  | 'starting' // the leader's PostgreSQL starts
  | 'stopping' // the leader's PostgreSQL is being stopped
  | 'read_only' // the leader's PostgreSQL runs as a replica: not promoted yet, or demoted
  | 'waiting_for_sync' // strict synchronous mode without a synchronous standby: commits wait
  | 'standby_cluster'; // follows another cluster: read-only by design

/**
 * Whether applications can write now. One answer, used wherever the app speaks of writes.
 * Times are ms since the epoch.
 *
 *     yes        a member that answers says that it runs as the primary
 *     no         those who could be the primary say that they are not, or the DCS says that nobody leads
 *     not_known  who could be the primary has not been heard for longer than a source may be silent
 */
export type WriteStatus =
  | { readonly kind: 'yes'; readonly primary: string; readonly asOf: number }
  | {
      readonly kind: 'no';
      readonly cause: NoWritesCause;
      /** The member it is about, where it is about one. */
      readonly member: string | null;
      readonly asOf: number | null;
    }
  | {
      readonly kind: 'not_known';
      /** The member last known to lead. */
      readonly primary: string | null;
      /** When it last said that it runs as the primary. */
      readonly lastSeen: number | null;
      /** When it last renewed its leader lock, which Patroni does only while its PostgreSQL runs as the primary. */
      readonly renewedAt: number | null;
      /** When its lease ends and Patroni looks for a new leader; null: not known, or no failover is to be expected. */
      readonly failoverDue: number | null;
    };

/** When the lock was last seen to change hands; what a former holder said before that is overtaken. */
function lockChangedAt({ leader, paused, failsafeActive }: ObservedCluster): number {
  if (!leader.known) return -Infinity;
  if (leader.holder !== null) return leader.heldSince ?? -Infinity;
  // Paused or in failsafe mode a primary goes on without the lock.
  return paused === true || failsafeActive === true ? -Infinity : (leader.vacantSince ?? -Infinity);
}

function isFreshPrimary(state: ObservedCluster, member: Member): boolean {
  if (member.primarySeen !== true || !isRunning(member) || !answersNow(state, member.name)) return false;
  return member.name === state.leader.holder || (member.restAsOf ?? -Infinity) > lockChangedAt(state);
}

function freshPrimary(state: ObservedCluster): Member | null {
  const primaries = state.members.filter((member) => isFreshPrimary(state, member));
  return primaries.find((member) => member.name === state.leader.holder) ?? primaries[0] ?? null;
}

/** Commits wait for a standby that is not there (Patroni's docs, replication_modes, "Synchronous mode strict"). */
function commitsWait({ sync }: ObservedCluster): boolean {
  return sync !== null && sync.mode !== 'off' && sync.strict && sync.standbys.length === 0;
}

/** Whether anybody may take over when the lease ends: without one there is no failover to wait for. */
function mayBeSucceeded(state: ObservedCluster): boolean {
  const { kind } = takeOverOf(state);
  return kind !== 'nobody' && kind !== 'alone';
}

/** What the lease of the leader key tells of a leader that does not answer. */
function leaseOf(state: ObservedCluster): { readonly renewedAt: number | null; readonly failoverDue: number | null } {
  const { leaseLeft, leaseTtl, askedAt } = state.leader;
  if (state.dcs.kind !== 'live' || leaseLeft === null || leaseTtl === null || askedAt === null)
    return { renewedAt: null, failoverDue: null };
  return {
    renewedAt: askedAt - (leaseTtl - leaseLeft),
    failoverDue: state.paused === true || !mayBeSucceeded(state) ? null : askedAt + leaseLeft,
  };
}

/** What the holder of the lock says of itself, when that rules writes out. */
function causeAtHolder(holder: Member): NoWritesCause {
  switch (holder.state) {
    case 'starting':
    case 'starting after custom bootstrap':
    case 'restarting':
      return 'starting';
    case 'stopping':
      return 'stopping';
    default:
      return isRunning(holder) ? 'read_only' : 'postgres_down';
  }
}

/** Nobody leads according to a DCS that is seen. Paused or in failsafe mode a primary goes on without the lock. */
function isLeaderless(state: ObservedCluster): boolean {
  return state.leader.known && state.leader.holder === null && state.paused !== true && state.failsafeActive !== true;
}

function lastPrimary(state: ObservedCluster): Member | null {
  const holder = state.members.find((member) => member.name === state.leader.holder);
  return holder ?? state.members.find((member) => member.primarySeen === true) ?? null;
}

/** What the holder of the lock, or its closed port, says of writes; null when neither says anything now. */
function refusalOfHolder(state: ObservedCluster): WriteStatus | null {
  const holder = state.members.find((member) => member.name === state.leader.holder);
  if (holder === undefined) return null;
  if (answersNow(state, holder.name))
    return { kind: 'no', cause: causeAtHolder(holder), member: holder.name, asOf: holder.restAsOf };
  return holder.postgresAccepts === false
    ? { kind: 'no', cause: 'postgres_down', member: holder.name, asOf: state.at }
    : null;
}

function withoutPrimary(state: ObservedCluster): WriteStatus {
  const dcsAsOf = state.sources.find((source) => source.kind === 'etcd')?.asOf ?? null;
  if (isLeaderless(state)) return { kind: 'no', cause: 'no_leader', member: null, asOf: dcsAsOf };
  const refusal = refusalOfHolder(state);
  if (refusal !== null) return refusal;
  const everyoneAnswers = state.members.every((member) => answersNow(state, member.name));
  if (everyoneAnswers && state.members.length > 0)
    return { kind: 'no', cause: 'no_primary', member: null, asOf: oldestAnswer(state) };
  return unknownStatus(state);
}

function unknownStatus(state: ObservedCluster): WriteStatus {
  const last = lastPrimary(state);
  return {
    kind: 'not_known',
    primary: last?.name ?? null,
    lastSeen: last?.primarySeen === true ? last.restAsOf : null,
    ...(last?.name === state.leader.holder ? leaseOf(state) : { renewedAt: null, failoverDue: null }),
  };
}

function oldestAnswer(state: ObservedCluster): number | null {
  const times = state.members.flatMap((member) => (member.restAsOf === null ? [] : [member.restAsOf]));
  return times.length === 0 ? null : Math.min(...times);
}

/** Whether applications can write, as sure as the weakest source that says so. */
export function writeStatusOf(state: ObservedCluster): WriteStatus {
  const primary = freshPrimary(state);
  if (primary === null) {
    const follows = state.members.find((member) => member.role === 'standby_leader');
    return state.config?.standbyCluster === true && follows !== undefined && answersNow(state, follows.name)
      ? { kind: 'no', cause: 'standby_cluster', member: follows.name, asOf: follows.restAsOf }
      : withoutPrimary(state);
  }
  if (commitsWait(state))
    return { kind: 'no', cause: 'waiting_for_sync', member: primary.name, asOf: primary.restAsOf };
  return { kind: 'yes', primary: primary.name, asOf: primary.restAsOf ?? state.at };
}

/** A renewal this much later than the last answer, ms, shows that the leader lives: clocks and rounding stay below. */
const STILL_ALIVE_MS = 2_000;

const wholeSeconds = (ms: number): string => spanInWords(Math.max(0, Math.floor(ms / 1000)) * 1000);

const NO_WRITES: Readonly<Record<NoWritesCause, (member: string) => string>> = {
  no_leader: () => 'No: nobody holds the leader lock.',
  no_primary: () => 'No: no member runs as the primary.',
  postgres_down: (member) => `No: PostgreSQL is down on leader ${member}.`,
  starting: (member) => `No: PostgreSQL is starting on leader ${member}.`,
  stopping: (member) => `No: PostgreSQL is stopping on leader ${member}.`,
  read_only: (member) => `No: ${member} holds the leader lock but does not run as the primary.`,
  waiting_for_sync: () => 'No: commits wait for a synchronous standby.',
  standby_cluster: () => 'No: this cluster follows another one.',
};

function unknownInWords(status: Extract<WriteStatus, { kind: 'not_known' }>, now: number): string {
  const { primary, lastSeen, renewedAt, failoverDue: due } = status;
  if (primary === null) return 'Not known: no member that could be the primary answers.';
  const seen = lastSeen === null ? 'not seen yet' : `not seen for ${wholeSeconds(now - lastSeen)}`;
  if (renewedAt !== null && renewedAt > (lastSeen ?? -Infinity) + STILL_ALIVE_MS)
    return `Not known: primary ${primary} ${seen}, but it renewed its leader lock ${wholeSeconds(now - renewedAt)} ago.`;
  if (due === null) return `Not known: primary ${primary} ${seen}.`;
  return due > now
    ? `Not known: primary ${primary} ${seen}; failover due in ${wholeSeconds(due - now)}.`
    : `Not known: primary ${primary} ${seen}; failover is due now.`;
}

/** The answer to "takes writes?" in one sentence, at `now` (ms since the epoch). */
export function writesInWords(status: WriteStatus, now: number): string {
  switch (status.kind) {
    case 'yes':
      return `Yes: ${status.primary} runs as the primary.`;
    case 'no':
      return NO_WRITES[status.cause](status.member ?? '');
    case 'not_known':
      return unknownInWords(status, now);
  }
}
