import type { MemberCondition, PostgresState } from '../../../../shared/model/cluster/member';
import type { AppErrorData } from '../../../../shared/model/app-error';
import type { MemberView } from './view';

/** What the condition of a member is decided from, beside what is known of the member itself. */
export interface ConditionContext {
  /** The lock has a holder as far as the DCS is seen. */
  readonly lockHeld: boolean;
  /** etcd itself says that it has no quorum. */
  readonly noQuorum: boolean;
  /** The leader changed less than a loop ago: members still report the lock as it was. */
  readonly calm: boolean;
  readonly ttlMs: number;
  readonly now: number;
  /** A replica that nobody streams to, for longer than a reconnect takes. */
  readonly notStreaming: boolean;
  /** On an older timeline than the leader for longer than a loop. */
  readonly behindTimeline: boolean;
  /** Further behind than Patroni lets win an election. */
  readonly lagging: boolean;
  /** PostgreSQL is stopped for a moment, and Patroni, which answers, is about to start it. */
  readonly isRejoining: boolean;
}

/** Whether PostgreSQL runs, in the words of Patroni. */
export function isRunningState(state: PostgresState): boolean {
  return state === 'running' || state === 'streaming' || state === 'in archive recovery';
}

/** null: PostgreSQL runs, so its replication decides. */
const OF_STATE: Readonly<Record<PostgresState, MemberCondition | null>> = {
  running: null,
  streaming: null,
  'in archive recovery': null,
  'creating replica': 'creating',
  'initializing new cluster': 'creating',
  'running custom bootstrap script': 'creating',
  starting: 'starting',
  'starting after custom bootstrap': 'starting',
  restarting: 'starting',
  stopping: 'stopping',
  stopped: 'postgres_down',
  crashed: 'postgres_down',
  'start failed': 'postgres_down',
  'restart failed': 'postgres_down',
  'stop failed': 'postgres_down',
  'initdb failed': 'postgres_down',
  'custom bootstrap failed': 'postgres_down',
  unknown: 'unknown',
};

/**
 * Whether this node does not see its DCS. `cluster_unlocked` alone is ambiguous (api.py: no leader key, or no DCS): it
 * counts when the lock is seen held for longer than a loop, when etcd has no quorum, or when the node's own last
 * contact is older than the lease. Failsafe mode is active only without the DCS. A node that runs and whose member key
 * has expired in an etcd with a quorum is cut off from it, whatever it says: up to 3.0 at least its `dcs_last_seen`
 * goes on, because the reads are answered by a cache that a watch keeps (dcs/etcd3.py, KVCache).
 */
function cannotSeeDcs(view: MemberView, context: ConditionContext): boolean {
  const { fresh } = view;
  if (fresh === null) return false;
  if (view.inDcs === false && isRunningState(fresh.state)) return true;
  const silent = fresh.dcsLastSeen !== null && context.now - fresh.dcsLastSeen > context.ttlMs;
  return (
    fresh.failsafeActive || (fresh.unlocked && (silent || context.noQuorum || (context.lockHeld && !context.calm)))
  );
}

function ofRunning(context: ConditionContext): MemberCondition {
  if (context.behindTimeline) return 'behind_timeline';
  if (context.notStreaming) return 'not_streaming';
  return context.lagging ? 'lagging' : 'healthy';
}

function fromAnswer(view: MemberView, state: PostgresState, context: ConditionContext): MemberCondition {
  if (cannotSeeDcs(view, context)) return 'dcs_unreachable';
  if (context.isRejoining) return 'starting';
  return OF_STATE[state] ?? ofRunning(context);
}

/** Whether the last request failed before it reached Patroni. */
function failedOnTheWay(error: AppErrorData | null): boolean {
  return error !== null && (error.code.startsWith('ssh.') || error.cause?.code.startsWith('ssh.connection') === true);
}

/** Requests that end without a word from the other side. */
const SILENT: ReadonlySet<string> = new Set(['rest.timeout', 'rest.unreachable', 'rest.empty_reply']);

/**
 * Whether the server is known to answer while its Patroni is silent: another port was asked and spoke, or the SSH
 * connection outlived the member key, which takes longer to expire than a dead connection to be noticed.
 */
function serverAnswers(view: MemberView): boolean {
  return view.postgresUp !== null || (view.inDcs === false && view.ssh?.kind === 'connected');
}

/** The server answers and its Patroni does not. Silence alone says nothing of who is down. */
function isPatroniDown(view: MemberView): boolean {
  const { error, failures } = view.rest;
  if (error === null) return false;
  return error.code === 'rest.refused' || (failures > 1 && SILENT.has(error.code) && serverAnswers(view));
}

/** It answered before, or should: now there is silence, and no cause is known. */
function hasGoneSilent(view: MemberView): boolean {
  const { error, asOf } = view.rest;
  if (error !== null && !SILENT.has(error.code)) return false;
  return asOf !== null || (error !== null && view.inDcs !== false);
}

/** A lost connection alternates between lost and being made again: both are "no connection" while nothing comes back. */
function sshIsLost(view: MemberView): boolean {
  const down =
    view.ssh !== null &&
    (view.ssh.kind === 'lost' || view.ssh.kind === 'connecting' || view.ssh.kind === 'waiting_for_answer');
  return down || failedOnTheWay(view.rest.error);
}

function withoutAnswer(view: MemberView, state: PostgresState, context: ConditionContext): MemberCondition {
  if (view.rest.error !== null && sshIsLost(view)) return view.inDcs === true ? 'ssh_lost' : 'unreachable';
  const noServer = view.ssh === null;
  if (isPatroniDown(view)) {
    if (noServer && view.rest.error?.code !== 'rest.refused') return view.inDcs === true ? 'ssh_lost' : 'unreachable';
    return 'patroni_down';
  }
  if (hasGoneSilent(view)) return 'not_answering';
  if (view.inDcs === true) return OF_STATE[state] ?? ofRunning(context);
  if (view.inDcs === false && view.rest.error === null) return 'unknown';
  return view.inDcs === false ? 'gone' : 'unknown';
}

/** What is concluded about a member, with different words for different faults. */
export function conditionOf(view: MemberView, state: PostgresState, context: ConditionContext): MemberCondition {
  return view.fresh === null || view.rest.error?.code === 'rest.refused'
    ? withoutAnswer(view, state, context)
    : fromAnswer(view, state, context);
}
