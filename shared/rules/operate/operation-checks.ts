import type { ClusterState } from '../../model/cluster/cluster-state';
import type { Member } from '../../model/cluster/member';
import type { Candidate, Operation, OperationCheck, OperationKind } from '../../model/operate/operation';
import { candidatesFor } from '../cluster/candidates';
import { checkChangedSince, checkConfigPatch, checkWayOfWriting } from '../configure/config-rules';
import { answersNow, hasLeaderRole, isRunning, isSilent, leaderOf, memberOf, restLost } from '../cluster/member-facts';
import { isPatroniAtLeast, lowestPatroniVersion } from '../cluster/patroni-version';
import { restartOrder, waitsForRestart } from './restart-order';
import { checkSiteChange } from '../standby/site-change';
import { momentInWords, namesInWords } from '../words/wording';

const ok = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'ok', sentence });
const warns = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'warns', sentence });
const refuses = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'refuses', sentence });

type Checks = readonly (OperationCheck | null)[];

/** Operations that a switchover or failover under way forbids; pausing, resuming and cancelling stay possible in an emergency. */
const NEEDS_QUIET: ReadonlySet<OperationKind> = new Set([
  'switchover',
  'schedule_switchover',
  'reinit',
  'restart',
  'schedule_restart',
  'rolling_restart',
  'promote_cluster',
  'demote_cluster',
]);

function dcsCheck(state: ClusterState, operation: Operation): OperationCheck {
  const dcs = state.dcs;
  if (operation.kind === 'reload') return ok('dcs', 'A reload does not need the DCS.');
  if (dcs.kind === 'no_quorum') {
    return refuses(
      'etcd.no_quorum',
      'etcd has no quorum: Patroni can neither read nor write the cluster state, so this cannot work. Bring back a majority of etcd first.',
    );
  }
  const blind =
    state.members.length > 0 &&
    state.members.every((member) => member.condition === 'dcs_unreachable' || isSilent(member));
  if (blind && state.members.some((member) => member.condition === 'dcs_unreachable')) {
    return refuses(
      'patroni.dcs_unreachable',
      'No member can see the DCS, so Patroni cannot carry this out. Repair the way to etcd first.',
    );
  }
  if (dcs.kind === 'live') return ok('dcs', 'The DCS answers.');
  return warns(
    'operation.no_dcs_view',
    'The DCS cannot be seen from here: the operation is followed by the REST API alone.',
  );
}

function reachCheck(state: ClusterState): OperationCheck | null {
  const rest = state.sources.filter((source) => source.kind === 'rest');
  const lost = rest.length > 0 && rest.every((source) => source.status === 'lost' || source.status === 'off');
  return lost
    ? refuses(
        'rest.none_reachable',
        "No member's REST API can be reached from here, so nothing can be asked of Patroni.",
      )
    : null;
}

function quietCheck(state: ClusterState, operation: Operation): OperationCheck | null {
  const request = state.failoverRequest;
  if (!request) return null;
  const sentence = `Patroni is already carrying out a switchover or failover${request.to === null ? '' : ` to ${request.to}`}.`;
  return NEEDS_QUIET.has(operation.kind)
    ? refuses('operation.under_way', `${sentence} Wait until it has ended.`)
    : warns('operation.under_way', sentence);
}

function replacedScheduleCheck(state: ClusterState, operation: Operation): OperationCheck | null {
  const replaces =
    operation.kind === 'switchover' || operation.kind === 'failover' || operation.kind === 'schedule_switchover';
  if (!replaces || !state.scheduledSwitchover) return null;
  return warns(
    'operation.replaces_schedule',
    `The switchover scheduled for ${momentInWords(state.scheduledSwitchover.at)} is replaced by this one.`,
  );
}

function generalChecks(state: ClusterState, operation: Operation): Checks {
  const readOnly = state.readOnly
    ? refuses(
        'operation.read_only',
        'This cluster is read-only in this app. Change that under Cluster settings, or under Settings where all clusters are.',
      )
    : null;
  return [
    readOnly,
    dcsCheck(state, operation),
    reachCheck(state),
    quietCheck(state, operation),
    replacedScheduleCheck(state, operation),
  ];
}

function timeCheck(at: number, now: number): OperationCheck | null {
  return Number.isFinite(at) && at > now
    ? null
    : refuses('operation.time_past', 'The time has already passed. Choose one in the future.');
}

function namedCandidateCheck(candidates: readonly Candidate[], name: string): OperationCheck {
  const chosen = candidates.find((candidate) => candidate.member === name);
  if (!chosen) return refuses('operation.no_candidate', `${name} is not a member that could take over.`);
  const code = `candidate.${chosen.verdict}`;
  if (chosen.verdict === 'ok') return ok(code, `${name} may become the leader.`);
  return {
    code: chosen.verdict === 'refuses' ? 'patroni.candidate_refused' : code,
    verdict: chosen.verdict,
    sentence: `${name}: ${chosen.reasons.join(' ')}`,
  };
}

function anyCandidateCheck(candidates: readonly Candidate[]): OperationCheck {
  const able = candidates.filter((candidate) => candidate.verdict !== 'refuses').map((candidate) => candidate.member);
  if (able.length > 0) return ok('candidate.any', `Patroni chooses among ${namesInWords(able)}.`);
  const why = candidates.map((candidate) => `${candidate.member}: ${candidate.reasons[0] ?? ''}`).join(' ');
  return refuses('patroni.no_candidate', `No member may take over. ${why}`.trim());
}

function leaderChecks(state: ClusterState, leader: string): Checks {
  const holder = state.leader.holder;
  if (!state.leader.known && leader === '')
    return [refuses('operation.leader_unknown', 'Who leads is not known now, so there is nobody to switch over from.')];
  if (!state.leader.known && (holder === null || holder === leader))
    return [warns('operation.leader_unknown', 'Who holds the leader lock cannot be seen from here now.')];
  if (holder === null)
    return [
      refuses(
        'patroni.no_leader',
        'The cluster has no leader, so there is nothing to switch over from. A failover can name a new one.',
      ),
    ];
  if (holder !== leader) return [refuses('operation.leader_changed', `The leader is ${holder}, not ${leader}.`)];
  const member = leaderOf(state);
  if (member && isSilent(member))
    return [
      refuses(
        'patroni.leader_silent',
        `Patroni on leader ${holder} does not answer, and in a switchover it has to step down by itself. ` +
          'Wait for the failover, or start Patroni there.',
      ),
    ];
  if (member && !isRunning(member))
    return [
      warns('operation.leader_not_running', `PostgreSQL on the leader ${holder} is not running (${member.stateText}).`),
    ];
  return [ok('leader', `${holder} holds the leader lock.`)];
}

type Switchover = Extract<Operation, { kind: 'switchover' | 'schedule_switchover' }>;

/** What Patroni refuses of a switchover while its management is paused. */
function pausedCheck(state: ClusterState, operation: Switchover): OperationCheck | null {
  if (state.paused !== true) return null;
  if (operation.kind === 'schedule_switchover')
    return refuses(
      'patroni.paused',
      'Automatic failover is paused: Patroni does not carry out scheduled switchovers. Resume it first.',
    );
  if (operation.candidate === null)
    return refuses('patroni.paused', 'Automatic failover is paused: a switchover must name its candidate.');
  if (state.config?.standbyCluster === true)
    return refuses('patroni.paused', 'A paused standby cluster does not switch over. Resume it first.');
  return null;
}

function switchoverChecks(state: ClusterState, operation: Switchover, now: number): Checks {
  const candidates = candidatesFor(state, 'switchover');
  const candidate =
    operation.candidate === null ? anyCandidateCheck(candidates) : namedCandidateCheck(candidates, operation.candidate);
  const same =
    operation.candidate === operation.leader
      ? refuses('operation.same_member', 'The candidate is already the leader.')
      : null;
  return [
    ...leaderChecks(state, operation.leader),
    same,
    candidate,
    pausedCheck(state, operation),
    operation.kind === 'schedule_switchover' ? timeCheck(operation.at, now) : null,
  ];
}

function failoverChecks(state: ClusterState, operation: Extract<Operation, { kind: 'failover' }>): Checks {
  const leader = leaderOf(state);
  const healthy =
    leader !== null &&
    isRunning(leader) &&
    !isSilent(leader) &&
    answersNow(state, leader.name) &&
    state.leader.holder !== null;
  const better = healthy
    ? warns(
        'operation.switchover_is_better',
        `${leader.name} leads and runs: a switchover loses nothing, a failover may.`,
      )
    : null;
  return [better, namedCandidateCheck(candidatesFor(state, 'failover'), operation.candidate)];
}

function restChecks(state: ClusterState, member: Member): Checks {
  if (isSilent(member) || restLost(state, member.name))
    return [
      refuses(
        'rest.refused',
        `The REST API of ${member.name} does not answer, and only ${member.name} itself can do this.`,
      ),
    ];
  return [];
}

function fromLeaderCheck(member: Member): OperationCheck | null {
  if (isPatroniAtLeast(member.patroniVersion, '4.1.0') === true) return null;
  const version = member.patroniVersion ?? 'of an unknown version';
  return warns(
    'operation.from_leader_ignored',
    `Patroni ${version} ignores "from the leader" (4.1 knows it): it copies from a member tagged clonefrom, else from the leader.`,
  );
}

function onlyStandbyCheck(state: ClusterState, member: Member): OperationCheck | null {
  const standbys = state.sync && state.sync.mode !== 'off' ? state.sync.standbys : [];
  if (standbys.length !== 1 || standbys[0] !== member.name) return null;
  return warns(
    'operation.only_sync_standby',
    `${member.name} is the only synchronous standby: until it is back, writes wait or go unprotected.`,
  );
}

function reinitChecks(state: ClusterState, operation: Extract<Operation, { kind: 'reinit' }>): Checks {
  const member = memberOf(state, operation.member);
  if (!member) return [refuses('operation.no_member', `${operation.member} is not a member of this cluster now.`)];
  const leading = state.leader.holder === member.name || hasLeaderRole(member);
  return [
    leading
      ? refuses('patroni.is_leader', `${member.name} is the leader: its data is what the others are copied from.`)
      : null,
    state.leader.known && state.leader.holder === null
      ? refuses('patroni.no_leader', 'The cluster has no leader to copy from.')
      : null,
    member.state === 'creating replica'
      ? refuses(
          'patroni.reinit_running',
          `${member.name} is already being created from a copy. A second one on top would start over.`,
        )
      : null,
    operation.fromLeader ? fromLeaderCheck(member) : null,
    onlyStandbyCheck(state, member),
    ...restChecks(state, member),
  ];
}

const UNSTEADY: ReadonlySet<Member['state']> = new Set([
  'starting',
  'restarting',
  'stopping',
  'creating replica',
  'initializing new cluster',
]);

function restartChecks(
  state: ClusterState,
  operation: Extract<Operation, { kind: 'restart' | 'schedule_restart' }>,
  now: number,
): Checks {
  const member = memberOf(state, operation.member);
  if (!member) return [refuses('operation.no_member', `${operation.member} is not a member of this cluster now.`)];
  const scheduled = operation.kind === 'schedule_restart';
  return [
    operation.pendingOnly && !scheduled && !waitsForRestart(member)
      ? refuses('operation.nothing_pending', `${member.name} does not wait for a restart.`)
      : null,
    !scheduled && UNSTEADY.has(member.state)
      ? refuses('operation.unsteady', `${member.name} is busy (${member.stateText}). Wait until it runs.`)
      : null,
    scheduled && member.scheduledRestart
      ? refuses(
          'patroni.already_scheduled',
          `${member.name} already has a restart scheduled for ${momentInWords(member.scheduledRestart.at)}. Cancel it first.`,
        )
      : null,
    scheduled && state.paused === true
      ? refuses('patroni.paused', 'Automatic failover is paused: it does not schedule restarts. Resume it first.')
      : null,
    scheduled ? timeCheck(operation.at, now) : null,
    ...restChecks(state, member),
  ];
}

function rollingChecks(state: ClusterState, operation: Extract<Operation, { kind: 'rolling_restart' }>): Checks {
  const order = restartOrder(state, operation);
  if (order.members.length === 0) {
    return [
      operation.pendingOnly
        ? refuses('operation.nothing_pending', 'No such member must restart to apply changed parameters.')
        : refuses('operation.no_member', 'No member has this role now.'),
    ];
  }
  const members = order.members.flatMap((name) => memberOf(state, name) ?? []);
  const busy = members.filter((member) => UNSTEADY.has(member.state)).map((member) => member.name);
  const unsteady =
    busy.length > 0
      ? refuses('operation.unsteady', `${namesInWords(busy)}: PostgreSQL is not up. Wait until it runs.`)
      : null;
  return [
    unsteady,
    ok('order', `${order.members.join(', then ')}. ${order.reason}`),
    ...members.flatMap((member) => restChecks(state, member)),
  ];
}

function reloadChecks(state: ClusterState, members: readonly string[]): Checks {
  if (members.length === 0) return [refuses('operation.no_member', 'No member is chosen.')];
  return members.flatMap((name) => {
    const member = memberOf(state, name);
    return member
      ? restChecks(state, member)
      : [refuses('operation.no_member', `${name} is not a member of this cluster now.`)];
  });
}

function configChecks(state: ClusterState, { patch, base }: Extract<Operation, { kind: 'change_config' }>): Checks {
  if (!state.config)
    return [refuses('config.unknown', 'The dynamic configuration is not known now, so a change cannot be checked.')];
  return [
    checkWayOfWriting(state.dcs),
    base === undefined ? null : checkChangedSince(base, state.config.raw, patch),
    ...checkConfigPatch(
      state.config.raw,
      patch,
      lowestPatroniVersion(state.members.map((member) => member.patroniVersion)),
    ),
  ];
}

function ownChecks(state: ClusterState, operation: Operation, now: number): Checks {
  switch (operation.kind) {
    case 'switchover':
    case 'schedule_switchover':
      return switchoverChecks(state, operation, now);
    case 'failover':
      return failoverChecks(state, operation);
    case 'reinit':
      return reinitChecks(state, operation);
    case 'restart':
    case 'schedule_restart':
      return restartChecks(state, operation, now);
    case 'rolling_restart':
      return rollingChecks(state, operation);
    case 'reload':
      return reloadChecks(state, operation.members);
    case 'change_config':
      return configChecks(state, operation);
    case 'promote_cluster':
    case 'demote_cluster':
      return checkSiteChange(state, operation, now);
    default:
      return simpleChecks(state, operation);
  }
}

function simpleChecks(
  state: ClusterState,
  operation: Extract<Operation, { kind: 'pause' | 'resume' | 'cancel_switchover' | 'cancel_restart' }>,
): Checks {
  switch (operation.kind) {
    case 'pause':
      return [
        state.paused === true ? refuses('operation.already_paused', 'Automatic failover is already paused.') : null,
      ];
    case 'resume':
      return [state.paused === false ? refuses('operation.not_paused', 'Automatic failover is not paused.') : null];
    case 'cancel_switchover':
      return [state.scheduledSwitchover ? null : refuses('operation.nothing_scheduled', 'No switchover is scheduled.')];
    case 'cancel_restart':
      return cancelRestartChecks(state, operation.member);
  }
}

function cancelRestartChecks(state: ClusterState, name: string): Checks {
  const member = memberOf(state, name);
  if (!member) return [refuses('operation.no_member', `${name} is not a member of this cluster now.`)];
  return [
    member.scheduledRestart ? null : refuses('operation.nothing_scheduled', `No restart of ${name} is scheduled.`),
    ...restChecks(state, member),
  ];
}

/** Every check before an operation, on the state as it is now (`now` in ms since the epoch). One that refuses is enough to stop it. */
export function checkOperation(state: ClusterState, operation: Operation, now: number): readonly OperationCheck[] {
  return [...generalChecks(state, operation), ...ownChecks(state, operation, now)].filter((check) => check !== null);
}

/** The first check that stops the operation; null when none does. */
export function firstRefusal(checks: readonly OperationCheck[]): OperationCheck | null {
  return checks.find((check) => check.verdict === 'refuses') ?? null;
}
