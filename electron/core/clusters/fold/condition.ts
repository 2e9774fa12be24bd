import type { MemberCondition, PostgresState } from '../../../../shared/model/member';
import type { AppErrorData } from '../../../../shared/model/app-error';
import type { MemberView } from './view';

/** What the condition of a member is decided from, beside what is known of the member itself. */
export interface ConditionContext {
  /** The lock has a holder as far as the DCS is seen. */
  readonly lockHeld: boolean;
  readonly ttlMs: number;
  readonly now: number;
  /** A replica that nobody streams to, or one on an older timeline, for longer than a loop. */
  readonly notStreaming: boolean;
  readonly behindTimeline: boolean;
}

/** Whether PostgreSQL runs, in the words of Patroni. */
export function isRunning(state: PostgresState): boolean {
  return state === 'running' || state === 'streaming' || state === 'in archive recovery';
}

function ofState(state: PostgresState): MemberCondition | null {
  switch (state) {
    case 'running':
    case 'streaming':
    case 'in archive recovery': return null;
    case 'creating replica':
    case 'initializing new cluster':
    case 'running custom bootstrap script': return 'creating';
    case 'starting':
    case 'starting after custom bootstrap':
    case 'restarting':
    case 'stopping': return 'starting';
    case 'stopped':
    case 'crashed':
    case 'start failed':
    case 'restart failed':
    case 'stop failed':
    case 'initdb failed':
    case 'custom bootstrap failed': return 'postgres_down';
    case 'unknown': return 'unknown';
  }
}

/**
 * Whether this node does not see its DCS. `cluster_unlocked` alone is ambiguous (api.py): it counts when others see
 * the lock held, when failsafe mode carries the node, or when its own last contact is older than the lease.
 */
function cannotSeeDcs(view: MemberView, context: ConditionContext): boolean {
  const { fresh } = view;
  if (fresh === null) return false;
  const silent = fresh.dcsLastSeen !== null && context.now - fresh.dcsLastSeen > context.ttlMs;
  return fresh.failsafeActive || (fresh.unlocked && (silent || (context.lockHeld && view.inDcs === false))) || (silent && view.inDcs !== true);
}

function ofRunning(context: ConditionContext): MemberCondition {
  if (context.behindTimeline) return 'behind_timeline';
  return context.notStreaming ? 'not_streaming' : 'healthy';
}

function fromAnswer(view: MemberView, state: PostgresState, context: ConditionContext): MemberCondition {
  if (cannotSeeDcs(view, context)) return 'dcs_unreachable';
  return ofState(state) ?? ofRunning(context);
}

/** Whether the last ask failed on the way to the server, before Patroni had a say. */
export function failedOnTheWay(error: AppErrorData | null): boolean {
  return error !== null && (error.code.startsWith('ssh.') || error.cause?.code.startsWith('ssh.connection') === true);
}

/** Patroni was reached and gave no usable answer: it is there (rest.tls, rest.unauthorized ...) or it is silent. */
function isPatroniDown(view: MemberView): boolean {
  const { error, failures } = view.rest;
  if (error === null) return false;
  if (error.code === 'rest.refused') return true;
  return failures > 1 && ['rest.timeout', 'rest.unreachable', 'rest.empty_reply'].includes(error.code);
}

function sshIsLost(view: MemberView): boolean {
  return view.ssh?.kind === 'lost' || failedOnTheWay(view.rest.error);
}

function withoutAnswer(view: MemberView, state: PostgresState, context: ConditionContext): MemberCondition {
  if (view.rest.error !== null && sshIsLost(view)) return view.inDcs === true ? 'ssh_lost' : 'unreachable';
  const noServer = view.ssh === null;
  if (isPatroniDown(view)) {
    if (noServer && view.rest.error?.code !== 'rest.refused') return view.inDcs === true ? 'ssh_lost' : 'unreachable';
    return 'patroni_down';
  }
  if (view.inDcs === true) return ofState(state) ?? ofRunning(context);
  if (view.inDcs === false && view.rest.asOf === null && view.rest.error === null) return 'unknown';
  return view.inDcs === false ? 'gone' : 'unknown';
}

/** What is concluded about a member, with different words for different faults. */
export function conditionOf(view: MemberView, state: PostgresState, context: ConditionContext): MemberCondition {
  return view.fresh === null || view.rest.error?.code === 'rest.refused' ? withoutAnswer(view, state, context) : fromAnswer(view, state, context);
}
