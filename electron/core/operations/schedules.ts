import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Operation } from '../../../shared/model/operate/operation';
import { leaderOf, memberOf } from '../../../shared/rules/cluster/member-facts';
import { momentInWords } from '../../../shared/rules/words/wording';
import type { JobEnd } from '../jobs/job-engine';
import type { RestWrite } from '../patroni/patroni-client';
import { answerError, isAccepted } from './answers';
import { followUntil, type Missed } from './follow';
import {
  done,
  failedEnd,
  failedEndOf,
  neverSeen,
  refusalBeforeSending,
  settleMs,
  stateOf,
  warningEnd,
  type Run,
} from './run';
import { sendOnce, type Sent } from './send';

type Of<K extends Operation['kind']> = Extract<Operation, { kind: K }>;

/** The steps a user sees where something is asked and then seen in the DCS. */
export const ASK_AND_SEE_PHASES = [
  { id: 'check', label: 'Check the cluster once more' },
  { id: 'send', label: 'Ask Patroni' },
  { id: 'see', label: 'See it in the cluster' },
] as const;

const ANSWER_MS = 20_000;

/** One request and the fact in the cluster that proves it. */
export interface AskAndSee {
  readonly members: readonly string[];
  readonly request: Omit<RestWrite, 'timeoutMs'>;
  /** What is to be seen in the end. */
  readonly seen: (state: ClusterState) => boolean;
  readonly waitMs: number;
  readonly done: () => JobEnd;
  /** What to say when Patroni accepted it and it was not seen in time. */
  readonly notSeen: string;
}

/** Asks once, then waits until the cluster itself shows what was asked for. A lost answer is decided by the cluster too. */
export async function askAndSee(run: Run, plan: AskAndSee): Promise<JobEnd> {
  run.context.phase('check', 'checking');
  const refusal = refusalBeforeSending(run);
  if (refusal) return refusal;
  run.context.phase('send', 'running');
  const sent = await sendOnce(run, plan.members, { ...plan.request, timeoutMs: ANSWER_MS });
  if (sent.kind === 'not_sent') return failedEnd(sent.error);
  if (sent.kind === 'answer' && !isAccepted(sent.answer)) return failedEnd(answerError(sent.member, sent.answer));
  run.context.phase('see', sent.kind === 'no_answer' ? 'waiting' : 'following');
  const end = await followUntil(run, 'see', plan.waitMs, (state) => (plan.seen(state) ? 'seen' : null));
  return end === 'seen' ? plan.done() : notSeen(plan, sent, end);
}

function notSeen(plan: AskAndSee, sent: Sent, missed: Missed): JobEnd {
  if (sent.kind === 'answer') return warningEnd(`Patroni accepted it. ${plan.notSeen}`);
  if (missed === 'blind') return neverSeen('The answer was lost');
  return failedEndOf('operation.not_carried_out', `The answer was lost. ${plan.notSeen}`, {
    hint: 'Look at the cluster, then try again. Nothing was sent twice.',
    retryable: true,
  });
}

/** Members in the order to ask: the leader first, as patronictl does. */
export function leaderFirst(state: ClusterState): readonly string[] {
  const leader = leaderOf(state)?.name;
  const others = state.members.map((member) => member.name).filter((name) => name !== leader);
  return leader === undefined ? others : [leader, ...others];
}

const iso = (at: number): string => new Date(at).toISOString().replace('Z', '+00:00');

/** Plans a switchover at a time. The job ends when the plan is in the DCS; Patroni carries it out. */
export function scheduleSwitchover(run: Run<Of<'schedule_switchover'>>): Promise<JobEnd> {
  const { leader, candidate, at } = run.operation;
  const body = { leader, ...(candidate === null ? {} : { candidate }), scheduled_at: iso(at) };
  const text = `Patroni will switch over from ${leader} to ${candidate ?? 'the best replica'} at ${momentInWords(at)}.`;
  return askAndSee(run, {
    members: leaderFirst(stateOf(run)),
    request: { method: 'POST', path: '/switchover', body },
    waitMs: settleMs(run),
    seen: ({ scheduledSwitchover: plan }) => plan !== null && Math.abs(plan.at - at) < 1000 && plan.to === candidate,
    done: () => done(text, { At: momentInWords(at), From: leader, To: candidate }),
    notSeen: 'The scheduled switchover does not show in the cluster.',
  });
}

/** Takes a scheduled switchover back. */
export function cancelSwitchover(run: Run<Of<'cancel_switchover'>>): Promise<JobEnd> {
  return askAndSee(run, {
    members: leaderFirst(stateOf(run)),
    request: { method: 'DELETE', path: '/switchover' },
    waitMs: settleMs(run),
    seen: (state) => state.scheduledSwitchover === null,
    done: () => done('The scheduled switchover was cancelled.'),
    notSeen: 'The scheduled switchover still shows in the cluster.',
  });
}

/** Plans a restart of one member at a time. */
export function scheduleRestart(run: Run<Of<'schedule_restart'>>): Promise<JobEnd> {
  const { member, at, pendingOnly } = run.operation;
  return askAndSee(run, {
    members: [member],
    request: {
      method: 'POST',
      path: '/restart',
      body: { schedule: iso(at), ...(pendingOnly ? { restart_pending: true } : {}) },
    },
    waitMs: settleMs(run),
    seen: (state) => Math.abs((memberOf(state, member)?.scheduledRestart?.at ?? 0) - at) < 1000,
    done: () =>
      done(`Patroni will restart PostgreSQL on ${member} at ${momentInWords(at)}.`, {
        At: momentInWords(at),
        Member: member,
      }),
    notSeen: `The scheduled restart does not show at ${member}.`,
  });
}

/** Takes a scheduled restart back. */
export function cancelRestart(run: Run<Of<'cancel_restart'>>): Promise<JobEnd> {
  const { member } = run.operation;
  return askAndSee(run, {
    members: [member],
    request: { method: 'DELETE', path: '/restart' },
    waitMs: settleMs(run),
    seen: (state) => {
      const now = memberOf(state, member);
      return now !== null && now.scheduledRestart === null;
    },
    done: () => done(`The scheduled restart of ${member} was cancelled.`),
    notSeen: `The scheduled restart still shows at ${member}.`,
  });
}
