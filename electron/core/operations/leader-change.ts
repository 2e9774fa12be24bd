import { appError, type AppErrorData } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { isRunning, isSilent, memberOf } from '../../../shared/rules/cluster/member-facts';
import { answerError, isAccepted } from './answers';
import { followUntil, seenAfter, type Missed, type Sight } from './follow';
import type { PrimaryWatch } from './primary-watch';
import { patroniPollMs, ttlMs, type Run } from './run';
import type { Sent } from './send';

/** How a request for another leader came out, as seen in the cluster itself. */
export type LeaderOutcome =
  | { readonly kind: 'changed'; readonly leader: string }
  | { readonly kind: 'refused'; readonly error: AppErrorData }
  | { readonly kind: 'dropped'; readonly leader: string | null; readonly error: AppErrorData }
  | { readonly kind: 'not_seen'; readonly missed: Missed };

interface Tracking {
  readonly run: Run;
  readonly watch: PrimaryWatch;
  readonly from: string | null;
  readonly sentAt: number;
  sent: Sent | null;
  requestSeen: boolean;
  /** When the request was first missed again in the DCS. */
  requestGoneAt: number | null;
  reported: string;
}

/** After this the absence of a request in the DCS is not a race any more, ms. */
const SETTLE_MS = 1500;

/**
 * Follows a switchover or failover that was sent (`sending` is the one request) until another member than
 * `from` holds the lock and runs as primary, or the cluster shows that it will not happen.
 */
export async function followLeaderChange(
  run: Run,
  watch: PrimaryWatch,
  from: string | null,
  sending: Promise<Sent>,
): Promise<LeaderOutcome> {
  const tracking: Tracking = {
    run,
    watch,
    from,
    sentAt: run.now(),
    sent: null,
    requestSeen: false,
    requestGoneAt: null,
    reported: '',
  };
  void sending.then((sent) => {
    tracking.sent = sent;
  });
  const limit =
    Math.max(patroniPollMs(run.before), ttlMs(run.before)) + patroniPollMs(run.before) + run.timing.patienceMs;
  run.context.phase('promote', 'following');
  const outcome = await followUntil(run, 'promote', limit, (state, sight) => decide(tracking, state, sight));
  return typeof outcome === 'string' ? { kind: 'not_seen', missed: outcome } : outcome;
}

function decide(tracking: Tracking, state: ClusterState, sight: Sight): LeaderOutcome | null {
  const { sent } = tracking;
  noteRequest(tracking, state);
  reportProgress(tracking, state);
  const { holder } = state.leader;
  if (holder !== null && holder !== tracking.from)
    return leads(tracking, state, holder) ? { kind: 'changed', leader: holder } : null;
  if (sent?.kind === 'not_sent') return { kind: 'refused', error: sent.error };
  if (sent?.kind === 'answer' && sent.answer.status >= 400 && sent.answer.status < 500)
    return { kind: 'refused', error: answerError(sent.member, sent.answer) };
  return wasDropped(tracking, state, sight);
}

function noteRequest(tracking: Tracking, state: ClusterState): void {
  if (state.failoverRequest) {
    tracking.requestSeen = true;
    tracking.requestGoneAt = null;
  } else if (tracking.requestSeen) tracking.requestGoneAt ??= tracking.run.now();
}

/** The holder runs as primary when its own REST API says so; where it cannot be asked, when its key in the DCS does. */
function leads({ watch }: Tracking, state: ClusterState, holder: string): boolean {
  if (watch.isPrimary(holder)) return true;
  const member = memberOf(state, holder);
  if (!member || !isRunning(member) || !state.leader.known) return false;
  if (state.config?.standbyCluster === true) return member.role === 'standby_leader';
  return !watch.isSeen(holder) && member.primarySeen === true && member.inDcs === true;
}

/** Only a reading that began after the request was answered, or given up, may say that nothing will come of it. */
function wasDropped(tracking: Tracking, state: ClusterState, sight: Sight): LeaderOutcome | null {
  const { sent, run, from } = tracking;
  if (!sent || !stillLeads(tracking, state)) return null;
  const since = Math.max(sent.at, tracking.requestGoneAt ?? 0) + SETTLE_MS;
  if (sight.readSince === null || sight.readSince < since || !seenAfter(state, since)) return null;
  if (sent.kind === 'answer') {
    const refused = !isAccepted(sent.answer) && !/status unknown/i.test(sent.answer.body);
    return refused ? { kind: 'dropped', leader: from, error: answerError(sent.member, sent.answer) } : null;
  }
  const takeUp = run.timing.takeUpMs ?? patroniPollMs(run.before);
  const settled = tracking.requestSeen || run.now() - tracking.sentAt > takeUp;
  return settled ? { kind: 'dropped', leader: from, error: nothingCame(from, tracking.requestSeen) } : null;
}

/** Nothing has changed: the same holder, and no request in the DCS. Without the DCS the former leader must say so itself. */
function stillLeads({ from, watch }: Tracking, state: ClusterState): boolean {
  if (state.leader.holder !== from || state.failoverRequest) return false;
  return state.leader.known || (from !== null && watch.isPrimary(from));
}

function nothingCame(from: string | null, seen: boolean): AppErrorData {
  const what = seen
    ? 'Patroni took the request and dropped it'
    : 'The answer was lost, and Patroni did not take the request up';
  return appError(
    'patroni.request_dropped',
    `${what}; ${from === null ? 'there is still no leader' : `the leader is still ${from}`}.`,
    {
      hint: 'Look at the Patroni log of the leader for the reason. Nothing was sent twice.',
    },
  ).data;
}

function reportProgress(tracking: Tracking, state: ClusterState): void {
  const text = describe(tracking, state);
  if (text === tracking.reported) return;
  tracking.reported = text;
  tracking.run.context.detail(text);
  tracking.run.context.log('info', text);
}

function describe(tracking: Tracking, state: ClusterState): string {
  const { holder } = state.leader;
  if (holder === null)
    return state.leader.known ? 'Nobody holds the leader lock.' : 'Who holds the leader lock is not known now.';
  return holder === tracking.from ? describeFormer(tracking, state, holder) : describeNew(tracking, state, holder);
}

function describeNew({ watch }: Tracking, state: ClusterState, holder: string): string {
  const timeline = memberOf(state, holder)?.timeline ?? null;
  return watch.isPrimary(holder)
    ? `${holder} runs as the primary.`
    : `${holder} holds the leader lock and is promoting${timeline === null ? '' : ` (timeline ${timeline})`}.`;
}

function describeFormer({ sent }: Tracking, state: ClusterState, holder: string): string {
  const member = memberOf(state, holder);
  const silent = !member || isSilent(member) || member.condition === 'ssh_lost';
  if (state.failoverRequest)
    return silent
      ? `The request is in the DCS. ${holder} does not answer; its lock has to run out first.`
      : `${holder} has the request and prepares to step down.`;
  if (!state.leader.known) return `As last seen, ${holder} leads.`;
  return sent?.kind === 'no_answer'
    ? `The answer was lost. ${holder} still holds the leader lock.`
    : `${holder} still holds the leader lock.`;
}
