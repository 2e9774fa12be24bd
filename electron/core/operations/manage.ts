import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Operation } from '../../../shared/model/operate/operation';
import { isSilent } from '../../../shared/rules/cluster/member-facts';
import { namesInWords } from '../../../shared/rules/words/wording';
import type { JobEnd } from '../jobs/job-engine';
import { answerError, isAccepted } from './answers';
import { done, failedEnd, refusalBeforeSending, settleMs, stateOf, warningEnd, type Run } from './run';
import { askAndSee, leaderFirst } from './schedules';
import { sendTo } from './send';

type Of<K extends Operation['kind']> = Extract<Operation, { kind: K }>;

/** The steps a user sees of pause and resume. */
export const PAUSE_PHASES = [
  { id: 'check', label: 'Check the cluster once more' },
  { id: 'send', label: 'Ask Patroni' },
  { id: 'see', label: 'Every member has seen it' },
] as const;

/** The steps a user sees of a reload. */
export const RELOAD_PHASES = [
  { id: 'check', label: 'Check the cluster once more' },
  { id: 'send', label: 'Ask each member' },
] as const;

/** Members that can still say what they do, by name. */
export function speaking(state: ClusterState): string[] {
  return state.members.filter((member) => !isSilent(member)).map((member) => member.name);
}

function unaware(state: ClusterState, paused: boolean): string[] {
  return state.members
    .filter((member) => !isSilent(member) && (member.pausedSeen ?? false) !== paused)
    .map((member) => member.name);
}

/** Pauses or resumes Patroni's management and waits until every member that answers has seen it (patronictl --wait). */
export async function setPaused(run: Run<Of<'pause' | 'resume'>>): Promise<JobEnd> {
  const paused = run.operation.kind === 'pause';
  const words = paused ? 'Automatic failover paused' : 'Automatic failover resumed';
  const end = await askAndSee(run, {
    members: leaderFirst(stateOf(run)),
    request: { method: 'PATCH', path: '/config', body: { pause: paused ? true : null } },
    waitMs: settleMs(run),
    seen: (state) => (state.paused ?? false) === paused && unaware(state, paused).length === 0,
    done: () => done(`${words} on ${namesInWords(speaking(stateOf(run)))}.`),
    notSeen: 'Not every member shows it.',
  });
  if (end.status !== 'warning') return end;
  return warningEnd(
    `${words}, but ${namesInWords(unaware(stateOf(run), paused))} has not reported yet that it has seen it.`,
  );
}

const RELOAD_MS = 15_000;

/** Asks each member to reload. Patroni answers before it has done so; what needs a restart shows as pending afterwards. */
export async function reload(run: Run<Of<'reload'>>): Promise<JobEnd> {
  run.context.phase('check', 'checking');
  const refusal = refusalBeforeSending(run);
  if (refusal) return refusal;
  run.context.phase('send', 'running');
  const missed: string[] = [];
  for (const member of run.operation.members) {
    run.context.detail(`Asking ${member}.`);
    const sent = await sendTo(run, member, { method: 'POST', path: '/reload', timeoutMs: RELOAD_MS });
    if (sent.kind === 'answer' && !isAccepted(sent.answer)) return failedEnd(answerError(member, sent.answer));
    if (sent.kind !== 'answer') missed.push(member);
    if (run.context.signal.aborted) throw run.context.signal.reason;
  }
  const asked = run.operation.members.filter((member) => !missed.includes(member));
  if (missed.length > 0)
    return warningEnd(`${namesInWords(missed)} did not answer; ${namesInWords(asked)} will reload.`);
  return done(`${namesInWords(asked)} will reload; Patroni does it within a moment.`);
}
