import { appError } from '../../../shared/model/app-error';
import type { Operation } from '../../../shared/model/operate/operation';
import { candidatesFor } from '../../../shared/rules/cluster/candidates';
import { isSilent, isStreamingReplica, leaderOf, memberOf, restLost } from '../../../shared/rules/cluster/member-facts';
import { spanInWords } from '../../../shared/rules/words/wording';
import type { JobEnd } from '../jobs/job-engine';
import { followUntil } from './follow';
import { followLeaderChange, type LeaderOutcome } from './leader-change';
import { watchPrimary, type PrimaryGap, type PrimaryWatch } from './primary-watch';
import { done, failedEnd, patroniPollMs, refusalBeforeSending, stateOf, unknownEnd, warningEnd, type Run } from './run';
import { sendOnce, type Sent } from './send';

type Change = Extract<Operation, { kind: 'switchover' | 'failover' }>;

/** The steps a user sees of a switchover or failover. */
export const LEADER_CHANGE_PHASES = [
  { id: 'check', label: 'Check the cluster once more' },
  { id: 'send', label: 'Ask Patroni' },
  { id: 'promote', label: 'New leader takes over' },
  { id: 'rejoin', label: 'Former leader streams again' },
] as const;

/**
 * How long the HTTP call may take: Patroni answers at the latest after its own polling, 2 x max(10, loop_wait) s
 * (api.py, poll_failover_result), and 15 s are added for the way there and back.
 */
const ANSWER_MARGIN_MS = 15_000;

/**
 * Whom to ask, in patronictl's order: the leader, then the candidate, then anybody; those known to be silent last, and those that did not
 * answer a moment ago: a server that lost its power may be noticed by nobody yet, and a connection to it is waited for in vain.
 */
function askOrder(run: Run, watch: PrimaryWatch, candidate: string | null): string[] {
  const state = stateOf(run);
  const names = [...new Set([state.leader.holder, candidate, ...state.members.map((member) => member.name)])].filter(
    (name) => name !== null,
  );
  const silent = (name: string): number => {
    const member = memberOf(state, name);
    return !member || isSilent(member) || restLost(state, name) || !watch.isSeen(name) ? 1 : 0;
  };
  return names.sort((a, b) => silent(a) - silent(b));
}

function send(run: Run, watch: PrimaryWatch, operation: Change): Promise<Sent> {
  const timeoutMs = patroniPollMs(run.before) + ANSWER_MARGIN_MS;
  const order = askOrder(run, watch, operation.candidate);
  if (operation.kind === 'failover')
    return sendOnce(run, order, {
      method: 'POST',
      path: '/failover',
      body: { candidate: operation.candidate },
      timeoutMs,
    });
  const body = {
    leader: operation.leader,
    ...(operation.candidate === null ? {} : { candidate: operation.candidate }),
  };
  return sendOnce(run, order, { method: 'POST', path: '/switchover', body, timeoutMs });
}

/** Changes the leader: asks, follows until the new leader runs as primary and the former one streams from it. */
export async function changeLeader(run: Run<Change>): Promise<JobEnd> {
  run.context.phase('check', 'checking');
  const before = stateOf(run);
  const vacant = before.leader.known && before.leader.holder === null ? before.leader.vacantSince : null;
  const watch = watchPrimary(run, {
    members: before.members.map((member) => member.name),
    from: vacant,
    slowYesCounts: false,
  });
  try {
    await watch.firstRound;
    const refusal = refusalBeforeSending(run);
    if (refusal) return refusal;
    const from = stateOf(run).leader.holder;
    run.context.phase('send', 'running');
    run.context.detail(`Patroni is asked to make ${run.operation.candidate ?? 'the best replica'} the leader.`);
    return await concluded(run, watch, from, await askUntilWritten(run, watch, from));
  } finally {
    watch.stop();
  }
}

/** One for each member of etcd that a Patroni may find gone, in clusters of the usual size. */
const MOST_ASKED = 3;

/**
 * Patroni writes a request once, to the member of etcd it used last. Where that one was lost with the leader's server, it
 * answers 503 and turns to the next (patroni/dcs/etcd3.py, set_failover_value has no retry; etcd.py, _do_http_request). It
 * is asked again only after that answer, when a reading that began later shows the same leader and no request in the DCS;
 * a first request that arrives late after all asks for the same once more.
 */
async function askUntilWritten(run: Run<Change>, watch: PrimaryWatch, from: string | null): Promise<LeaderOutcome> {
  for (let asked = 1; ; asked += 1) {
    const outcome = await followLeaderChange(run, watch, from, send(run, watch, run.operation));
    const written = outcome.kind !== 'dropped' || outcome.error.code !== 'patroni.dcs_write_failed';
    if (written || asked === MOST_ASKED || refusalBeforeSending(run) !== null) return outcome;
    run.context.log(
      'info',
      'The request is not in the DCS, and the leader is the same. ' +
        'Patroni has turned to another member of etcd meanwhile and is asked again.',
    );
  }
}

function concluded(
  run: Run<Change>,
  watch: PrimaryWatch,
  from: string | null,
  outcome: LeaderOutcome,
): Promise<JobEnd> | JobEnd {
  switch (outcome.kind) {
    case 'refused':
      return failedEnd(withReasons(run, outcome.error));
    case 'dropped':
      return failedEnd(withReasons(run, outcome.error));
    case 'not_seen':
      return unknownEnd(
        outcome.missed === 'blind'
          ? 'The connection to the cluster did not come back in time, so the end could not be seen.'
          : 'No new leader was seen in the time this may take.',
        'What was asked may still happen. Look at who leads before you do anything else.',
      );
    case 'changed':
      return afterChange(run, watch, from, outcome.leader);
  }
}

/** Patroni does not report to its caller why a request was dropped: say what can be seen from here. */
function withReasons(run: Run<Change>, error: Parameters<typeof failedEnd>[0]): Parameters<typeof failedEnd>[0] {
  const { candidate } = run.operation;
  const state = stateOf(run);
  const reasons = candidatesFor(state, run.operation.kind)
    .filter((one) => candidate === null || one.member === candidate)
    .flatMap((one) => one.reasons.map((reason) => `${one.member}: ${reason}`));
  const leader = state.leader.holder === null ? 'There is no leader.' : `The leader is ${state.leader.holder}.`;
  const seen = reasons.length > 0 ? ` What can be seen from here: ${reasons.join(' ')}` : '';
  return appError(error.code, `${error.message} ${leader}${seen}`, {
    retryable: error.retryable,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.target === undefined ? {} : { target: error.target }),
  }).data;
}

async function afterChange(
  run: Run<Change>,
  watch: PrimaryWatch,
  from: string | null,
  leader: string,
): Promise<JobEnd> {
  const standby = run.before.config?.standbyCluster === true;
  const own = standby ? { ms: null, how: 'Not measured: a standby cluster has no primary.' } : watch.gap();
  run.context.log(
    'good',
    `${leader} is the leader${own.ms === null ? '' : `; ${spanInWords(own.ms)} without a primary`}.`,
  );
  const rejoined = await rejoin(run, from, leader);
  const gap = standby || own.ms !== null || watch.beganWithPrimary() ? own : ((await recordedGap(run)) ?? own);
  const facts = {
    'New leader': leader,
    'Former leader': from,
    Timeline: leaderOf(stateOf(run))?.timeline ?? null,
    'Time without a primary': gap.ms === null ? null : spanInWords(gap.ms),
    'How it was measured': gap.how,
    'Whole job': spanInWords(run.now() - run.startedAt),
  };
  return verdict(run, { from, leader, rejoined, gapMs: gap.ms, facts });
}

/** The gap that the cluster's own event recorder saw, where the leader was gone before the job began. It is written a moment after. */
async function recordedGap(run: Run): Promise<PrimaryGap | null> {
  const find = (): number | null =>
    run.hub
      .events(run.clusterId, RECENT_EVENTS)
      .filter((event) => event.kind === 'primary_gap' && event.at >= run.startedAt)
      .at(-1)?.durationMs ?? null;
  const ms = await followUntil(run, 'rejoin', RECORDER_MS, find);
  if (typeof ms === 'string') return null;
  return {
    ms,
    how:
      'Seen by the event recorder: from the moment it noticed that the former leader was gone ' +
      'to the moment the new one ran as the primary.',
  };
}

const RECORDER_MS = 3000;

const RECENT_EVENTS = 100;

interface Ending {
  readonly from: string | null;
  readonly leader: string;
  /** null: streams again; else the sentence that says what is so. */
  readonly rejoined: string | null;
  readonly gapMs: number | null;
  readonly facts: Readonly<Record<string, string | number | null>>;
}

function verdict(run: Run<Change>, { from, leader, rejoined, gapMs, facts }: Ending): JobEnd {
  const wanted = run.operation.candidate;
  const verb = run.operation.kind === 'failover' ? 'Failed over' : 'Switched over';
  const gap = gapMs === null ? '' : `, ${spanInWords(gapMs)} without a primary`;
  const now = stateOf(run).leader.holder;
  if (now !== null && now !== leader)
    return warningEnd(`${verb} to ${leader}, but the leader is ${now} now${gap}.`, facts, gapMs);
  if (wanted !== null && leader !== wanted)
    return warningEnd(`${verb} to ${leader} instead of ${wanted}${gap}. ${rejoined ?? ''}`.trim(), facts, gapMs);
  if (rejoined !== null) return warningEnd(`${verb} to ${leader}${gap}. ${rejoined}`, facts, gapMs);
  return done(`${verb} ${from === null ? '' : `from ${from} `}to ${leader}${gap}.`, facts, gapMs);
}

/** Waits until the former leader streams on the new timeline. Answers what is missing, or null. */
async function rejoin(run: Run, from: string | null, leader: string): Promise<string | null> {
  run.context.phase('rejoin', 'following');
  if (from === null) return null;
  const former = memberOf(stateOf(run), from);
  if (run.operation.kind === 'failover' && (!former || isSilent(former))) {
    return `${from} is down. When it comes back, see that it streams; it may need a reinit.`;
  }
  run.context.detail(`Waiting until ${from} streams from ${leader}.`);
  const seen = await followUntil(run, 'rejoin', run.timing.rejoinMs, (state) => {
    if (state.leader.holder !== null && state.leader.holder !== leader) return 'moved' as const;
    return isStreamingReplica(state, from) ? ('streams' as const) : null;
  });
  if (seen === 'streams') run.context.detail(`${from} streams from ${leader}.`);
  if (seen === 'streams' || seen === 'moved') return null;
  const now = memberOf(stateOf(run), from);
  const words = now
    ? `${now.stateText || now.state}${now.timeline === null ? '' : `, timeline ${now.timeline}`}`
    : 'not in the cluster';
  return `${from} does not stream from ${leader} yet (${words}). Look at its Patroni log; it may need a reinit.`;
}
