import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Member } from '../../../shared/model/cluster/member';
import type { Operation } from '../../../shared/model/operate/operation';
import { isSilent, isStreamingReplica, leaderOf, memberOf } from '../../../shared/rules/cluster/member-facts';
import { spanInWords } from '../../../shared/rules/words/wording';
import type { JobEnd } from '../jobs/job-engine';
import { answerError, isAccepted } from './answers';
import { followUntil, type Sight } from './follow';
import {
  done,
  failedEnd,
  failedEndOf,
  loopMs,
  refusalBeforeSending,
  stateOf,
  ttlMs,
  unknownEnd,
  type Run,
} from './run';
import { sendTo, type Sent } from './send';

type Reinit = Extract<Operation, { kind: 'reinit' }>;

/** The steps a user sees of a reinit. */
export const REINIT_PHASES = [
  { id: 'check', label: 'Check the cluster once more' },
  { id: 'send', label: 'Ask Patroni' },
  { id: 'copy', label: 'Delete the old data and copy anew' },
  { id: 'stream', label: 'Replica streams from the leader' },
] as const;

const ANSWER_MS = 30_000;

interface Copy {
  readonly run: Run<Reinit>;
  readonly sent: Sent;
  readonly postmasterBefore: number | null;
  readonly startedAt: number;
  /** Whether the member was seen without its old data: only then can `running` mean the new copy. */
  begun: boolean;
  brokenSince: number | null;
  streamPhase: boolean;
}

type CopyEnd = { readonly kind: 'streams' } | { readonly kind: 'gone' } | { readonly kind: 'not_begun' };

/** Has a member's data copied anew and follows until the leader streams to it: a 200 only says that the copy began. */
export async function reinitialize(run: Run<Reinit>): Promise<JobEnd> {
  run.context.phase('check', 'checking');
  const refusal = refusalBeforeSending(run);
  if (refusal) return refusal;
  const { member, fromLeader } = run.operation;
  const postmasterBefore = memberOf(stateOf(run), member)?.postmasterStart ?? null;
  run.context.phase('send', 'running');
  const body = { force: false, ...(fromLeader ? { from_leader: true } : {}) };
  const sent = await sendTo(run, member, { method: 'POST', path: '/reinitialize', body, timeoutMs: ANSWER_MS });
  if (sent.kind === 'not_sent') return failedEnd(sent.error);
  if (sent.kind === 'answer' && !isAccepted(sent.answer)) return failedEnd(answerError(member, sent.answer));
  run.context.phase('copy', sent.kind === 'no_answer' ? 'waiting' : 'following');
  const copy: Copy = {
    run,
    sent,
    postmasterBefore,
    startedAt: run.now(),
    begun: false,
    brokenSince: null,
    streamPhase: false,
  };
  return concluded(
    copy,
    await followUntil(run, 'copy', run.timing.copyMs, (state, sight) => inspect(copy, state, sight)),
  );
}

function inspect(copy: Copy, state: ClusterState, sight: Sight): CopyEnd | null {
  const name = copy.run.operation.member;
  const member = memberOf(state, name);
  copy.begun ||= hasBegun(copy, member);
  reportProgress(copy, state);
  if (copy.begun && isStreamingReplica(state, name)) return { kind: 'streams' };
  if (!member || isSilent(member)) return goneFor(copy, state) ? { kind: 'gone' } : null;
  copy.brokenSince = null;
  return neverBegan(copy, state, sight) ? { kind: 'not_begun' } : null;
}

const WITHOUT_DATA: ReadonlySet<Member['state']> = new Set(['creating replica', 'stopping', 'stopped', 'starting']);

/** Once begun, these say that the copy is there: before it a member stops, and is stopped, and says so. */
const WITH_DATA: ReadonlySet<Member['state']> = new Set(['running', 'streaming', 'in archive recovery']);

/** The old data is gone, or PostgreSQL was started anew: only from then on can "running" mean the new copy. */
function hasBegun(copy: Copy, member: Member | null): boolean {
  if (!member) return false;
  const started =
    member.postmasterStart !== null && copy.postmasterBefore !== null && member.postmasterStart > copy.postmasterBefore;
  return started || WITHOUT_DATA.has(member.state);
}

/** After a lost answer Patroni had three loops to begin, and a reading since shows that it has not. */
function neverBegan(copy: Copy, state: ClusterState, sight: Sight): boolean {
  const waited = copy.run.timing.takeUpMs ?? 3 * loopMs(state);
  return (
    copy.sent.kind === 'no_answer' &&
    !copy.begun &&
    sight.elapsed > waited &&
    sight.readSince !== null &&
    sight.readSince > copy.startedAt
  );
}

/** A member key lasts for one ttl after its Patroni; only a longer silence means that nobody is copying any more. */
function goneFor(copy: Copy, state: ClusterState): boolean {
  copy.brokenSince ??= copy.run.now();
  return copy.run.now() - copy.brokenSince > ttlMs(state) + copy.run.timing.patienceMs;
}

function reportProgress(copy: Copy, state: ClusterState): void {
  const { run } = copy;
  const member = memberOf(state, run.operation.member);
  const since = spanInWords(run.now() - copy.startedAt);
  if (!member) return run.context.detail('The member is not in the DCS now.');
  const runs = copy.begun && WITH_DATA.has(member.state);
  if (runs && !copy.streamPhase) {
    copy.streamPhase = true;
    run.context.phase('stream', 'following');
  }
  const timeline = member.timeline === null ? '' : `, timeline ${member.timeline}`;
  run.context.detail(
    copy.begun
      ? `${member.name}: ${member.stateText || member.state}${timeline}, ${since} since the start.`
      : `${member.name} has not begun yet (${member.stateText || member.state}).`,
  );
}

function concluded({ run, startedAt }: Copy, end: CopyEnd | 'limit' | 'blind'): JobEnd {
  const name = run.operation.member;
  if (end === 'limit' || end === 'blind') {
    return unknownEnd(
      `The copy of ${name} was not seen to end in the time this app follows it.`,
      `Look at the state of ${name} and at its Patroni log. Patroni goes on by itself.`,
    );
  }
  switch (end.kind) {
    case 'gone':
      return failedEndOf('patroni.member_gone', `${name} stopped answering during the copy.`, {
        target: name,
        hint: 'Look at its server and at its Patroni log; Patroni starts the copy again when it runs.',
      });
    case 'not_begun':
      return failedEndOf('patroni.reinit_not_begun', `The answer was lost, and ${name} did not begin a copy.`, {
        target: name,
        hint: 'Look at its Patroni log, then start the reinit again.',
      });
    case 'streams':
      return succeeded(run, startedAt);
  }
}

function succeeded(run: Run<Reinit>, startedAt: number): JobEnd {
  const name = run.operation.member;
  const state = stateOf(run);
  const took = spanInWords(run.now() - startedAt);
  const facts = {
    Member: name,
    Leader: leaderOf(state)?.name ?? null,
    Timeline: memberOf(state, name)?.timeline ?? null,
    'Lag in bytes': memberOf(state, name)?.lag?.replay ?? null,
    Took: took,
  };
  return done(
    `${name} was re-copied and streams from ${leaderOf(state)?.name ?? 'the leader'} again, after ${took}.`,
    facts,
  );
}
