import type { AppErrorData } from '../../../shared/model/app-error';
import { appError } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Member } from '../../../shared/model/cluster/member';
import type { Operation } from '../../../shared/model/operate/operation';
import { hasLeaderRole, isRunning, isStreamingReplica, memberOf } from '../../../shared/rules/cluster/member-facts';
import { restartOrder, waitsForRestart } from '../../../shared/rules/operate/restart-order';
import { namesInWords, spanInWords } from '../../../shared/rules/words/wording';
import type { JobEnd } from '../jobs/job-engine';
import { answerError, isAccepted } from './answers';
import { followUntil, type Sight } from './follow';
import { watchPrimary, type PrimaryGap, type PrimaryWatch } from './primary-watch';
import { done, failedEnd, refusalBeforeSending, settleMs, stateOf, unknownEnd, warningEnd, type Run } from './run';
import { sendTo, type Sent } from './send';

type Restart = Extract<Operation, { kind: 'restart' }>;
type Rolling = Extract<Operation, { kind: 'rolling_restart' }>;

/** The steps a user sees of a restart of one member. */
export const RESTART_PHASES = [
  { id: 'check', label: 'Check the cluster once more' },
  { id: 'send', label: 'PostgreSQL restarts' },
  { id: 'back', label: 'Member is back' },
] as const;

/** The steps a user sees of a rolling restart. */
export function rollingPhases(
  state: ClusterState,
  operation: Rolling,
): readonly { readonly id: string; readonly label: string }[] {
  return [
    { id: 'check', label: 'Check the cluster once more' },
    ...restartOrder(state, operation).members.map((member) => ({
      id: memberPhase(member),
      label: `Restart ${member}`,
    })),
  ];
}

const memberPhase = (member: string): string => `member:${member}`;

/** Patroni answers when PostgreSQL is back, at the latest after primary_start_timeout. */
function answerMs(state: ClusterState): number {
  const raw = state.config?.raw ?? {};
  const seconds = Number(raw['primary_start_timeout'] ?? raw['master_start_timeout'] ?? 300);
  return (Number.isFinite(seconds) && seconds > 0 ? seconds : 300) * 1000 + 30_000;
}

/** How the restart of one member came out. */
type MemberEnd =
  | { readonly kind: 'back'; readonly tookMs: number }
  | { readonly kind: 'failed'; readonly error: AppErrorData }
  | { readonly kind: 'not_seen' };

interface RestartInProgress {
  readonly run: Run;
  readonly member: string;
  readonly phase: string;
  readonly postmasterBefore: number | null;
  readonly wasLeader: boolean;
  /** Replicas that streamed before and must stream again before the next member's turn. */
  readonly streamed: readonly string[];
  readonly startedAt: number;
  sent: Sent | null;
  wasDown: boolean;
}

/** Restarts PostgreSQL on one member, once, and follows until it is back: a replica streams, a leader runs and its replicas stream. */
async function restartAndWait(run: Run, member: string, phase: string, pendingOnly: boolean): Promise<MemberEnd> {
  const state = stateOf(run);
  const before = memberOf(state, member);
  const streamed = state.members.map((one) => one.name).filter((name) => isStreamingReplica(state, name));
  const one: RestartInProgress = {
    run,
    member,
    phase,
    postmasterBefore: before?.postmasterStart ?? null,
    wasLeader: before !== null && hasLeaderRole(before),
    streamed,
    startedAt: run.now(),
    sent: null,
    wasDown: false,
  };
  const sending = sendTo(run, member, {
    method: 'POST',
    path: '/restart',
    body: pendingOnly ? { restart_pending: true } : {},
    timeoutMs: answerMs(state),
  });
  void sending.then((sent) => {
    one.sent = sent;
  });
  const limit = answerMs(state) + run.timing.patienceMs;
  const end = await followUntil<MemberEnd>(run, phase, limit, (now, sight) => inspect(one, now, sight));
  return end === 'limit' || end === 'blind' ? { kind: 'not_seen' } : end;
}

function inspect(one: RestartInProgress, state: ClusterState, sight: Sight): MemberEnd | null {
  const { sent, run } = one;
  const member = memberOf(state, one.member);
  one.wasDown ||= member !== null && !isRunning(member);
  run.context.detail(describe(one, state));
  if (sent === null) return null;
  const refusal = refusalOf(one.member, sent);
  if (refusal) return refusal;
  const fresh = sight.readSince !== null && sight.readSince >= sent.at;
  if (!fresh) return null;
  if (hasRestarted(one, sent, member))
    return isBack(one, state) ? { kind: 'back', tookMs: run.now() - one.startedAt } : null;
  return sight.elapsed > (run.timing.takeUpMs ?? NOT_BEGUN_MS) ? { kind: 'failed', error: notBegun(one.member) } : null;
}

/** Longer than Patroni takes to begin a restart that it was asked for. */
const NOT_BEGUN_MS = 60_000;

function refusalOf(member: string, sent: Sent): MemberEnd | null {
  if (sent.kind === 'not_sent') return { kind: 'failed', error: sent.error };
  return sent.kind === 'answer' && !isAccepted(sent.answer)
    ? { kind: 'failed', error: answerError(member, sent.answer) }
    : null;
}

function notBegun(member: string): AppErrorData {
  return appError('patroni.restart_not_begun', `The answer was lost, and ${member} did not restart.`, {
    target: member,
    hint: 'Look at its Patroni log, then restart it again.',
  }).data;
}

function hasRestarted(one: RestartInProgress, sent: Sent, member: Member | null): boolean {
  if (sent.kind === 'answer' || one.wasDown) return true;
  const start = member?.postmasterStart ?? null;
  return start !== null && one.postmasterBefore !== null && start > one.postmasterBefore;
}

/** Every replica that streamed before streams again, and the member itself runs; one that led may have become a replica meanwhile. */
function isBack(one: RestartInProgress, state: ClusterState): boolean {
  const member = memberOf(state, one.member);
  if (!member || !isRunning(member)) return false;
  const leads = state.leader.holder === one.member;
  return (
    one.streamed.filter((name) => name !== state.leader.holder).every((name) => isStreamingReplica(state, name)) &&
    (leads || !one.wasLeader || isStreamingReplica(state, one.member))
  );
}

function describe(one: RestartInProgress, state: ClusterState): string {
  const member = memberOf(state, one.member);
  if (!member) return `${one.member} is not in the DCS now.`;
  if (!isRunning(member)) return `${one.member}: ${member.stateText || member.state}.`;
  const missing = one.streamed.filter((name) => name !== state.leader.holder && !isStreamingReplica(state, name));
  return one.sent && missing.length > 0
    ? `Waiting until ${namesInWords(missing)} ${missing.length === 1 ? 'streams' : 'stream'} again.`
    : `${one.member}: ${member.stateText || member.state}.`;
}

function watchRestarts(run: Run, ofLeader: boolean): PrimaryWatch {
  return watchPrimary(run, {
    members: ofLeader ? stateOf(run).members.map((one) => one.name) : [],
    from: null,
    slowYesCounts: true,
  });
}

/** Restarts one member. */
export async function restartMember(run: Run<Restart>): Promise<JobEnd> {
  run.context.phase('check', 'checking');
  const { member, pendingOnly } = run.operation;
  const leader = stateOf(run).leader.holder;
  const watch = watchRestarts(run, leader === member);
  try {
    await watch.firstRound;
    const refusal = refusalBeforeSending(run);
    if (refusal) return refusal;
    run.context.phase('send', 'running');
    const end = await restartAndWait(run, member, 'send', pendingOnly);
    run.context.phase('back', 'following');
    const gap = leader === member ? watch.gap() : null;
    return end.kind === 'back' ? await restarted(run, end.tookMs, gap) : brokenOff(end, member, [], [member]);
  } finally {
    watch.stop();
  }
}

async function restarted(run: Run<Restart>, tookMs: number, gap: PrimaryGap | null): Promise<JobEnd> {
  const { member } = run.operation;
  const pending = await stillPending(run, 'back', [member]);
  const holder = stateOf(run).leader.holder;
  const facts = { Member: member, Took: spanInWords(tookMs), ...gapFacts(gap) };
  if (gap && holder !== null && holder !== member)
    return warningEnd(
      `${member} was restarted, but ${holder} took over as the leader meanwhile${gapWords(gap)}.`,
      facts,
      gap.ms,
    );
  if (pending.length > 0)
    return warningEnd(
      `${member} was restarted and is back${gapWords(gap)}, but it still waits for a restart.`,
      facts,
      gap?.ms ?? null,
    );
  return done(
    `${member} was restarted and is back after ${spanInWords(tookMs)}${gapWords(gap)}.`,
    facts,
    gap?.ms ?? null,
  );
}

const gapWords = (gap: PrimaryGap | null): string =>
  gap === null || gap.ms === null ? '' : `, ${spanInWords(gap.ms)} without a primary`;

function gapFacts(gap: PrimaryGap | null): Record<string, string | null> {
  return gap
    ? { 'Time without a primary': gap.ms === null ? null : spanInWords(gap.ms), 'How it was measured': gap.how }
    : {};
}

/** Restarts members one by one; each waits until every replica streams again. The first that fails ends it. */
export async function rollingRestart(run: Run<Rolling>): Promise<JobEnd> {
  run.context.phase('check', 'checking');
  const before = stateOf(run);
  const order = restartOrder(before, run.operation);
  const leader = before.leader.holder;
  const watch = watchRestarts(run, leader !== null && order.members.includes(leader));
  try {
    await watch.firstRound;
    const refusal = refusalBeforeSending(run);
    if (refusal) return refusal;
    run.context.log('info', order.reason);
    const progress: string[] = [];
    const stopped =
      (await restartAll(run, order.members, run.operation.pendingOnly, progress)) ??
      (await restartAgain(run, order.members, leader, progress));
    if (stopped) return stopped;
    const pending = await stillPending(run, memberPhase(order.members[order.members.length - 1] ?? ''), order.members);
    return summed(run, progress, pending, leader !== null && order.members.includes(leader) ? watch.gap() : null);
  } finally {
    watch.stop();
  }
}

async function restartAll(
  run: Run<Rolling>,
  members: readonly string[],
  pendingOnly: boolean,
  progress: string[],
  suffix = '',
): Promise<JobEnd | null> {
  for (const member of members) {
    if (run.context.signal.aborted) throw run.context.signal.reason;
    const phase = memberPhase(member) + suffix;
    run.context.phase(phase, 'running', suffix === '' ? `Restart ${member}` : `Restart ${member} once more`);
    const end = await restartAndWait(run, member, phase, pendingOnly);
    if (end.kind !== 'back') return brokenOff(end, member, progress, members);
    progress.push(member);
    run.context.log('good', `${member} is back after ${spanInWords(end.tookMs)}; all replicas stream.`);
  }
  return null;
}

/** A replica keeps a shrinking shared-memory value until its leader has the new one; then it needs one more restart. */
async function restartAgain(
  run: Run<Rolling>,
  members: readonly string[],
  leader: string | null,
  progress: string[],
): Promise<JobEnd | null> {
  if (leader === null || members.indexOf(leader) <= 0) return null;
  const last = members[members.length - 1] ?? leader;
  const pending = await stillPending(
    run,
    memberPhase(last),
    members.filter((name) => name !== leader),
  );
  return restartAll(run, pending, true, progress, ':again');
}

/** Who of these still waits for a restart once every member has reported its state: Patroni clears the mark in its next loop only. */
async function stillPending(run: Run, phase: string, members: readonly string[]): Promise<readonly string[]> {
  const left = (state: ClusterState): string[] => members.filter((name) => isPending(state, name));
  await followUntil(run, phase, settleMs(run), (state) => (left(state).length === 0 ? 'clear' : null));
  return left(stateOf(run));
}

function isPending(state: ClusterState, name: string): boolean {
  const member = memberOf(state, name);
  return member !== null && waitsForRestart(member);
}

function brokenOff(
  end: Exclude<MemberEnd, { kind: 'back' }>,
  member: string,
  progress: readonly string[],
  members: readonly string[],
): JobEnd {
  const untouched = members.slice(members.indexOf(member) + 1);
  const rest =
    progress.length + untouched.length === 0
      ? ''
      : ` Restarted before: ${namesInWords(progress)}. Left alone: ${namesInWords(untouched)}.`;
  if (end.kind === 'not_seen')
    return unknownEnd(
      `${member} was not seen to come back in time.${rest}`,
      `Look at the PostgreSQL and Patroni logs of ${member} before you go on. Nothing was sent twice.`,
    );
  return failedEnd({ ...end.error, message: `${end.error.message}${rest}` });
}

function summed(
  run: Run<Rolling>,
  progress: readonly string[],
  pending: readonly string[],
  gap: PrimaryGap | null,
): JobEnd {
  const facts = { Order: progress.join(', '), 'Whole job': spanInWords(run.now() - run.startedAt), ...gapFacts(gap) };
  const sentence = `Restarted ${namesInWords([...new Set(progress)])}, one after the other${gapWords(gap)}.`;
  if (pending.length > 0)
    return warningEnd(
      `${sentence} ${namesInWords(pending)} still ${pending.length === 1 ? 'waits' : 'wait'} for a restart.`,
      facts,
      gap?.ms ?? null,
    );
  return done(sentence, facts, gap?.ms ?? null);
}
