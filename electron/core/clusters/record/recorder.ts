import type { ClusterEventKind, ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { Member } from '../../../../shared/model/cluster/member';
import { findingKey } from '../../../../shared/rules/cluster/findings/finding-key';
import { isFirstSight } from '../../../../shared/rules/cluster/health';
import { namesInWords, spanInWords } from '../../../../shared/rules/words/wording';
import type { NewClusterEvent } from '../hub';
import { followOutage, NO_OUTAGE, type Outage, type OutageMemory } from './outage';

type Severity = NewClusterEvent['severity'];

function event(
  kind: ClusterEventKind,
  severity: Severity,
  at: number,
  member: string | null,
  sentence: string,
): NewClusterEvent {
  return { kind, severity, at, member, sentence };
}

/** What is remembered from one state to the next. */
export interface RecorderMemory {
  readonly outage: OutageMemory;
  /** Who held the leader lock when etcd was last seen, null for nobody; undefined while it was never seen. */
  readonly holder: string | null | undefined;
}

/** The memory before the first state. */
export const NOTHING_RECORDED: RecorderMemory = { outage: NO_OUTAGE, holder: undefined };

/** A change of the lock counts from who was last seen to hold it: etcd is often lost together with the leader's server. */
function leaderEvents(former: RecorderMemory['holder'], after: ClusterState): NewClusterEvent[] {
  const now = after.leader;
  if (!now.known || former === undefined || former === now.holder) return [];
  const events: NewClusterEvent[] = [];
  const lostAt = now.vacantSince ?? now.heldSince ?? after.at;
  const unseen = now.changeUnseen === true ? ' while etcd was not seen' : '';
  if (former !== null)
    events.push(
      event(
        'leader_lost',
        now.holder === null ? 'critical' : 'warning',
        lostAt,
        former,
        now.holder === null
          ? `The leader key of ${former} is gone: nobody holds the lock.`
          : `${former} no longer holds the leader lock.`,
      ),
    );
  if (now.holder !== null)
    events.push(
      event(
        'leader_elected',
        'good',
        now.heldSince ?? after.at,
        now.holder,
        `${now.holder} took the leader lock${unseen}.`,
      ),
    );
  return events;
}

function stateWords(member: Member): string {
  return member.stateText === '' ? 'in an unknown state' : member.stateText;
}

const OUT_OF_REACH: ReadonlySet<Member['condition']> = new Set(['ssh_lost', 'unreachable']);
const GOOD_STATES = new Set(['running', 'streaming']);

/** One thing that can happen to a member: its sentence when it did, else null. */
interface MemberRule {
  readonly kind: ClusterEventKind;
  readonly severity: Severity | ((after: Member) => Severity);
  readonly says: (before: Member, after: Member) => string | null;
}

const MEMBER_RULES: readonly MemberRule[] = [
  {
    kind: 'member_gone',
    severity: 'warning',
    says: (before, after) =>
      before.inDcs === true && after.inDcs === false
        ? `The member key of ${after.name} is gone: its Patroni is down or cut off.`
        : null,
  },
  {
    kind: 'member_joined',
    severity: 'good',
    says: (before, after) =>
      before.inDcs === false && after.inDcs === true ? `${after.name} is back in the DCS.` : null,
  },
  {
    kind: 'member_state',
    severity: (after) => (GOOD_STATES.has(after.stateText) ? 'good' : 'info'),
    says: (before, after) =>
      before.stateText !== after.stateText && after.stateText !== ''
        ? `${after.name} is ${stateWords(after)} (was ${stateWords(before)}).`
        : null,
  },
  {
    kind: 'promoted',
    severity: 'good',
    says: (before, after) =>
      before.primarySeen === false && after.primarySeen === true ? `${after.name} runs as the primary.` : null,
  },
  {
    kind: 'member_streaming',
    severity: 'good',
    says: (before, after) =>
      before.upstream !== after.upstream && after.upstream !== null
        ? `${after.name} streams from ${after.upstream}.`
        : null,
  },
  {
    kind: 'timeline',
    severity: 'info',
    says: (before, after) =>
      before.timeline !== null && after.timeline !== null && before.timeline !== after.timeline
        ? `${after.name} is on timeline ${String(after.timeline)} (was ${String(before.timeline)}).`
        : null,
  },
  {
    kind: 'pending_restart',
    severity: 'info',
    says: (before, after) => {
      if (before.pendingRestartFlag === after.pendingRestartFlag) return null;
      return after.pendingRestartFlag
        ? `${after.name} must restart to apply changed parameters.`
        : `${after.name} no longer has to restart.`;
    },
  },
  {
    kind: 'ssh_lost',
    severity: 'warning',
    says: (before, after) =>
      !OUT_OF_REACH.has(before.condition) && OUT_OF_REACH.has(after.condition)
        ? `The connection to the server of ${after.name} is lost.`
        : null,
  },
  {
    kind: 'ssh_back',
    severity: 'good',
    says: (before, after) =>
      OUT_OF_REACH.has(before.condition) && !OUT_OF_REACH.has(after.condition)
        ? `The connection to the server of ${after.name} is back.`
        : null,
  },
];

function memberEvents(before: Member | undefined, after: Member, at: number): NewClusterEvent[] {
  if (before === undefined) return [event('member_joined', 'info', at, after.name, `${after.name} appeared.`)];
  return MEMBER_RULES.flatMap(({ kind, severity, says }) => {
    const sentence = says(before, after);
    return sentence === null
      ? []
      : [event(kind, typeof severity === 'function' ? severity(after) : severity, at, after.name, sentence)];
  });
}

function removedMembers(before: ClusterState, after: ClusterState): NewClusterEvent[] {
  const names = new Set(after.members.map((member) => member.name));
  return before.members
    .filter((member) => !names.has(member.name))
    .map((member) => event('member_gone', 'warning', after.at, member.name, `${member.name} is no longer a member.`));
}

function dcsEvents(before: ClusterState, after: ClusterState): NewClusterEvent[] {
  const [old, now] = [before.dcs.kind, after.dcs.kind];
  if (old === now) return [];
  switch (now) {
    case 'no_quorum':
      return [event('no_quorum', 'critical', after.at, null, 'etcd has lost its quorum.')];
    case 'unreachable':
      return [event('dcs_lost', 'warning', after.at, null, 'The app no longer reaches etcd.')];
    case 'refused':
      return [event('dcs_lost', 'warning', after.at, null, 'etcd refuses the app.')];
    case 'live':
      return old === 'connecting'
        ? []
        : [
            event(
              'dcs_back',
              'good',
              after.at,
              null,
              old === 'no_quorum' ? 'etcd has its quorum again.' : 'etcd is reached again.',
            ),
          ];
    case 'connecting':
    case 'not_configured':
      return [];
  }
}

function pausedEvents(before: ClusterState, after: ClusterState): NewClusterEvent[] {
  if (before.paused === null || after.paused === null || before.paused === after.paused) return [];
  return [
    after.paused
      ? event('paused', 'warning', after.at, null, 'The cluster was paused: no automatic failover.')
      : event('resumed', 'good', after.at, null, 'The cluster was resumed.'),
  ];
}

function requestEvents(before: ClusterState, after: ClusterState): NewClusterEvent[] {
  const events: NewClusterEvent[] = [];
  const { failoverRequest: request, scheduledSwitchover: planned } = after;
  if (before.failoverRequest === null && request !== null) {
    events.push(
      event(
        'failover_requested',
        'info',
        after.at,
        request.to,
        `A ${request.from === null ? 'failover' : `switchover from ${request.from}`} to ` +
          `${request.to ?? 'the best candidate'} was requested.`,
      ),
    );
  }
  if (before.scheduledSwitchover === null && planned !== null)
    events.push(
      event(
        'switchover_scheduled',
        'info',
        after.at,
        planned.to,
        `A switchover to ${planned.to ?? 'the best candidate'} was scheduled.`,
      ),
    );
  if (before.scheduledSwitchover !== null && planned === null && after.leader.known)
    events.push(
      event('schedule_removed', 'info', after.at, null, 'The scheduled switchover is gone: done, or removed.'),
    );
  return events;
}

function changedKeys(before: ClusterState, after: ClusterState): string[] {
  const [old, now] = [before.config?.raw, after.config?.raw];
  if (old === undefined || now === undefined) return [];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].filter(
    (key) => key !== 'pause' && JSON.stringify(old[key]) !== JSON.stringify(now[key]),
  );
}

function failsafeEvents(before: ClusterState, after: ClusterState): NewClusterEvent[] {
  if (before.failsafeActive === after.failsafeActive || after.failsafeActive === null || before.failsafeActive === null)
    return [];
  return [
    event(
      'failsafe',
      after.failsafeActive ? 'critical' : 'good',
      after.at,
      null,
      after.failsafeActive ? 'Failsafe mode is active.' : 'Failsafe mode is over.',
    ),
  ];
}

function syncEvents(before: ClusterState, after: ClusterState): NewClusterEvent[] {
  const [old, now] = [before.sync?.standbys, after.sync?.standbys];
  if (old === undefined || now === undefined || old.join() === now.join()) return [];
  return [event('sync_changed', 'info', after.at, null, `Synchronous standbys: ${namesInWords(now)}.`)];
}

function otherEvents(before: ClusterState, after: ClusterState): NewClusterEvent[] {
  const keys = changedKeys(before, after);
  const initialised =
    before.systemIdentifier !== after.systemIdentifier &&
    before.systemIdentifier !== null &&
    (after.systemIdentifier ?? '') !== '';
  return [
    ...(keys.length > 0
      ? [event('config_changed', 'info', after.at, null, `The dynamic configuration changed: ${keys.join(', ')}.`)]
      : []),
    ...failsafeEvents(before, after),
    ...syncEvents(before, after),
    ...(initialised ? [event('initialized', 'info', after.at, null, 'The cluster was initialised.')] : []),
  ];
}

/** Findings that no other event reports. */
const TOLD_OTHERWISE = new Set([
  'cluster.no_leader',
  'cluster.paused',
  'cluster.failsafe',
  'dcs.no_quorum',
  'dcs.unreachable',
  'dcs.refused',
  'member.pending_restart',
  'member.ssh_lost',
]);

function findingEvents(before: ClusterState, after: ClusterState): NewClusterEvent[] {
  const known = new Set(before.findings.map(findingKey));
  const fresh = after.findings.filter(
    (finding) => finding.severity !== 'info' && !TOLD_OTHERWISE.has(finding.code) && !known.has(findingKey(finding)),
  );
  return fresh.map((finding) => event('finding', finding.severity, after.at, finding.member, finding.sentence));
}

function outageEvent({ durationMs, precisionMs, unheardMs, from, to }: Outage, at: number): NewClusterEvent {
  const who = from === null || from === to ? '' : ` between ${from} and ${to}`;
  if (durationMs === null)
    return event(
      'primary_gap',
      'info',
      at,
      to,
      `How long there was no primary${who} is not known: nothing was heard of the cluster for ${spanInWords(unheardMs)}.`,
    );
  const said = event('primary_gap', 'info', at, to, `${spanInWords(durationMs)} without a primary${who}.`);
  return { ...said, durationMs, ...(precisionMs === null ? {} : { precisionMs }) };
}

/** What happened between two states, in the order in which it happened, and what to remember. Pure. */
export function recordChanges(
  memory: RecorderMemory,
  before: ClusterState,
  after: ClusterState,
): { readonly memory: RecorderMemory; readonly events: readonly NewClusterEvent[] } {
  const old = new Map(before.members.map((member) => [member.name, member]));
  const firstSight = isFirstSight(before);
  const outage = followOutage(memory.outage, after);
  const events = [
    ...dcsEvents(before, after),
    ...requestEvents(before, after),
    ...leaderEvents(memory.holder, after),
    ...(firstSight ? [] : after.members.flatMap((member) => memberEvents(old.get(member.name), member, after.at))),
    ...removedMembers(before, after),
    ...pausedEvents(before, after),
    ...otherEvents(before, after),
    ...(firstSight ? [] : findingEvents(before, after)),
    ...(outage.over === null ? [] : [outageEvent(outage.over, after.at)]),
  ];
  const holder = after.leader.known ? after.leader.holder : memory.holder;
  return { memory: { outage: outage.memory, holder }, events: events.toSorted((a, b) => a.at - b.at) };
}
