import type { ObservedCluster } from '../../model/cluster/cluster-state';
import type { Member } from '../../model/cluster/member';
import type { Candidate } from '../../model/operate/operation';
import { hasLeaderRole, isRunning, isSilent, leaderOf, mayNotFailOver, restLost, tagIsOn } from './member-facts';
import { isPatroniAtLeast } from './patroni-version';
import { bytesInWords } from '../words/wording';

/** What the candidate is wanted for: with `failover` Patroni skips checks when there is no leader, and so do the rules here. */
export type CandidacyKind = 'switchover' | 'failover';

interface View {
  readonly state: ObservedCluster;
  readonly member: Member;
  readonly leader: Member | null;
  readonly kind: CandidacyKind;
}

interface Reason {
  readonly verdict: 'warns' | 'refuses';
  readonly sentence: string;
}

type Rule = (view: View) => Reason | null;

const refuses = (sentence: string): Reason => ({ verdict: 'refuses', sentence });
const warns = (sentence: string): Reason => ({ verdict: 'warns', sentence });

/**
 * A leader that can still be asked applies Patroni's own checks; without one a failover skips them (ha.py,
 * manual_failover_process_no_leader).
 */
function leaderDecides({ leader }: View): boolean {
  return leader !== null && !isSilent(leader);
}

/** Where Patroni's leader would refuse the candidate, and where the operator overrides it. */
function refusesUnlessLeaderless(view: View, sentence: string): Reason {
  return view.kind === 'switchover' || leaderDecides(view)
    ? refuses(sentence)
    : warns(`${sentence} Without a leader Patroni promotes it all the same.`);
}

const tagRule: Rule = ({ member }) => {
  const tag = mayNotFailOver(member);
  if (tag === 'nofailover') return refuses('It carries the tag nofailover: Patroni never promotes it.');
  return tag === 'failover_priority' ? refuses('Its failover_priority is 0: Patroni never promotes it.') : null;
};

const reachableRule: Rule = ({ state, member }) => {
  if (member.inDcs === false) return refuses('It has no key in the DCS: its Patroni is stopped or cut off.');
  if (isSilent(member))
    return refuses('Its Patroni does not answer: the leader asks each candidate before it steps down.');
  if (member.condition === 'dcs_unreachable')
    return refuses('It cannot reach the DCS, so it cannot take the leader lock.');
  if (member.condition === 'ssh_lost' || restLost(state, member.name))
    return warns('Its REST API cannot be reached from here: its state is only what the DCS says.');
  return null;
};

const stateRule: Rule = ({ member }) => {
  if (hasLeaderRole(member)) return warns('It still calls itself the leader.');
  if (isRunning(member)) return null;
  return refuses(
    member.state === 'unknown'
      ? `Its PostgreSQL is in a state this app does not know: ${member.stateText || 'none told'}.`
      : `Its PostgreSQL is not running: ${member.stateText}.`,
  );
};

const watchdogRule: Rule = ({ member }) =>
  member.watchdogFailed === true
    ? refuses('Its watchdog is required and does not work: Patroni does not promote it.')
    : null;

const systemRule: Rule = ({ state, member }) => {
  const differs =
    member.systemIdentifier !== null && state.systemIdentifier && member.systemIdentifier !== state.systemIdentifier;
  return differs ? refuses('Its data belongs to another database system (the system identifier differs).') : null;
};

const timelineRule: Rule = (view) => {
  const { member, leader } = view;
  if (member.timeline === null) return warns('Its timeline is not known.');
  if (!leader || leader.timeline === null || member.timeline >= leader.timeline) return null;
  const sentence = `It is on timeline ${member.timeline}, the leader on ${leader.timeline}: what was written since is missing on it.`;
  return view.kind === 'switchover' ? refuses(sentence) : warns(sentence);
};

const streamingRule: Rule = ({ member, kind }) => {
  if (member.condition !== 'not_streaming' || tagIsOn(member, 'nostream')) return null;
  const sentence = 'The leader does not stream to it: it may lack data although it runs.';
  return kind === 'switchover' ? refuses(sentence) : warns(sentence);
};

/** Patroni compares the received position with the last one the leader wrote to the DCS (ha.py, is_lagging). */
const lagRule: Rule = (view) => {
  const limit = view.state.config?.maximumLagOnFailover;
  const lag = view.member.lag?.receive ?? view.member.lag?.replay ?? null;
  if (lag === null) return warns('Its lag is not known.');
  if (limit === undefined || lag <= limit) return null;
  return refusesUnlessLeaderless(
    view,
    `It lags by ${bytesInWords(lag)}, more than maximum_lag_on_failover (${bytesInWords(limit)}).`,
  );
};

/** In synchronous mode a switchover needs a synchronous standby; a failover may choose another one (ha.py, get_failover_candidates). */
const syncRule: Rule = ({ state, member, kind, leader }) => {
  const sync = state.sync;
  if (!sync || sync.mode === 'off' || sync.standbys.includes(member.name)) return null;
  if (kind === 'failover')
    return warns(
      'It is not a synchronous standby: transactions that were confirmed to applications may be missing on it.',
    );
  if (sync.mode === 'on')
    return refuses('It is not a synchronous standby: in synchronous mode Patroni switches over only to one.');
  const named = isPatroniAtLeast(leader?.patroniVersion ?? null, '4.0.6');
  return named === true
    ? warns('It is not one of the quorum standbys.')
    : refuses('It is not one of the quorum standbys.');
};

const streamTagRule: Rule = ({ member }) =>
  tagIsOn(member, 'nostream')
    ? warns('It carries the tag nostream: it replays archived WAL only and may be far behind.')
    : null;

const replayRule: Rule = ({ member }) =>
  member.replayPaused === true ? warns('Its replay of WAL is paused: the promotion waits until it is resumed.') : null;

const freshRule: Rule = ({ member }) => (member.stale ? warns('What is known of it is old.') : null);

const RULES: readonly Rule[] = [
  tagRule,
  reachableRule,
  stateRule,
  watchdogRule,
  systemRule,
  timelineRule,
  streamingRule,
  lagRule,
  syncRule,
  streamTagRule,
  replayRule,
  freshRule,
];

/** WAL that would be missing, bytes: the leader's last known position minus what the candidate has received. */
function estimatedLoss(view: View): number | null {
  const received = view.member.receivedLsn ?? view.member.lsn;
  if (view.leader?.lsn != null && received !== null) return Math.max(0, view.leader.lsn - received);
  return view.member.lag?.receive ?? view.member.lag?.replay ?? null;
}

function worstOf(reasons: readonly Reason[]): Candidate['verdict'] {
  if (reasons.some((reason) => reason.verdict === 'refuses')) return 'refuses';
  return reasons.length > 0 ? 'warns' : 'ok';
}

function candidateOf(view: View): Candidate {
  const reasons = RULES.flatMap((rule) => rule(view) ?? []);
  const ordered = [
    ...reasons.filter((reason) => reason.verdict === 'refuses'),
    ...reasons.filter((reason) => reason.verdict === 'warns'),
  ];
  return {
    member: view.member.name,
    verdict: worstOf(reasons),
    reasons: ordered.map((reason) => reason.sentence),
    lag: view.member.lag?.replay ?? null,
    estimatedLoss: view.kind === 'failover' ? estimatedLoss(view) : null,
  };
}

/** Orders the smaller of two sizes first, and what is not known last. */
function smaller(a: number | null, b: number | null): number {
  return a === b ? 0 : (a ?? Number.MAX_SAFE_INTEGER) - (b ?? Number.MAX_SAFE_INTEGER);
}

/**
 * Every member but the holder of the lock, with why it may not or should not become the leader: Patroni's own
 * pre-check and the checks its leader makes later without telling the caller (api.py is_failover_possible,
 * ha.py is_failover_possible). Best first: allowed before warned before refused, then what would lose less, then the
 * smaller lag.
 */
export function candidatesFor(state: ObservedCluster, kind: CandidacyKind): readonly Candidate[] {
  const leader = leaderOf(state);
  const others = state.members.filter((member) => member.name !== state.leader.holder);
  const rank = { ok: 0, warns: 1, refuses: 2 } as const;
  return others
    .map((member) => candidateOf({ state, member, leader, kind }))
    .sort(
      (a, b) =>
        rank[a.verdict] - rank[b.verdict] ||
        smaller(a.estimatedLoss, b.estimatedLoss) ||
        smaller(a.lag, b.lag) ||
        a.member.localeCompare(b.member),
    );
}
