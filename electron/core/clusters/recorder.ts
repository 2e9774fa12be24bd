import type { ClusterEventKind, ClusterState } from '../../../shared/model/cluster-state';
import type { Member } from '../../../shared/model/member';
import { isRunning } from '../../../shared/rules/member-facts';
import { namesInWords, spanInWords } from '../../../shared/rules/wording';
import type { NewClusterEvent } from './hub';

/** What the recorder remembers between two states: a time without a primary that is not over yet. */
export interface RecorderMemory {
  readonly gap: { readonly since: number; readonly from: string | null } | null;
  /** When the present leader was first seen not to be a running primary, the lock still being its own. */
  readonly doubtSince: number | null;
}

export const EMPTY_RECORDER: RecorderMemory = { gap: null, doubtSince: null };

type Severity = NewClusterEvent['severity'];

function event(kind: ClusterEventKind, severity: Severity, at: number, member: string | null, sentence: string): NewClusterEvent {
  return { kind, severity, at, member, sentence };
}

/** Whether the leader serves writes as far as seen now: it leads, runs, and answers or is told so by the DCS. */
function leads(state: ClusterState): boolean {
  const leader = state.members.find((member) => member.name === state.leader.holder);
  return leader !== undefined && isRunning(leader) && leader.condition !== 'postgres_down' && leader.primarySeen === true;
}

function leaderEvents(before: ClusterState, after: ClusterState): NewClusterEvent[] {
  const [old, now] = [before.leader, after.leader];
  if (!after.leader.known || !before.leader.known || old.holder === now.holder) return [];
  const events: NewClusterEvent[] = [];
  const lostAt = now.vacantSince ?? now.heldSince ?? after.at;
  if (old.holder !== null) events.push(event('leader_lost', now.holder === null ? 'critical' : 'warning', lostAt, old.holder, now.holder === null ? `The leader key of ${old.holder} is gone: nobody holds the lock.` : `${old.holder} no longer holds the leader lock.`));
  if (now.holder !== null) events.push(event('leader_elected', 'good', now.heldSince ?? after.at, now.holder, `${now.holder} took the leader lock.`));
  return events;
}

function stateWords(member: Member): string {
  return member.stateText === '' ? 'in an unknown state' : member.stateText;
}

const GOOD_STATES = new Set(['running', 'streaming']);

function memberEvents(before: Member | undefined, after: Member, at: number): NewClusterEvent[] {
  if (before === undefined) return [event('member_joined', 'info', at, after.name, `${after.name} appeared.`)];
  const events: NewClusterEvent[] = [];
  const add = (kind: ClusterEventKind, severity: Severity, sentence: string): void => { events.push(event(kind, severity, at, after.name, sentence)); };
  if (before.inDcs === true && after.inDcs === false) add('member_gone', 'warning', `The member key of ${after.name} is gone: its Patroni is down or cut off.`);
  if (before.inDcs === false && after.inDcs === true) add('member_joined', 'good', `${after.name} is back in the DCS.`);
  if (before.stateText !== after.stateText && after.stateText !== '') add('member_state', GOOD_STATES.has(after.stateText) ? 'good' : 'info', `${after.name} is ${stateWords(after)} (was ${stateWords(before)}).`);
  if (before.primarySeen === false && after.primarySeen === true) add('promoted', 'good', `${after.name} runs as the primary.`);
  if (before.upstream !== after.upstream && after.upstream !== null) add('member_streaming', 'good', `${after.name} streams from ${after.upstream}.`);
  if (before.timeline !== null && after.timeline !== null && before.timeline !== after.timeline) add('timeline', 'info', `${after.name} is on timeline ${String(after.timeline)} (was ${String(before.timeline)}).`);
  if (before.pendingRestartFlag !== after.pendingRestartFlag) add('pending_restart', 'info', after.pendingRestartFlag ? `${after.name} waits for a restart.` : `${after.name} no longer waits for a restart.`);
  if (before.condition !== 'ssh_lost' && after.condition === 'ssh_lost') add('ssh_lost', 'warning', `The way to the server of ${after.name} is lost.`);
  if (before.condition === 'ssh_lost' && after.condition !== 'ssh_lost') add('ssh_back', 'good', `The way to the server of ${after.name} is back.`);
  return events;
}

function removedMembers(before: ClusterState, after: ClusterState): NewClusterEvent[] {
  const names = new Set(after.members.map((member) => member.name));
  return before.members.filter((member) => !names.has(member.name)).map((member) => event('member_gone', 'warning', after.at, member.name, `${member.name} is no longer a member.`));
}

function dcsEvents(before: ClusterState, after: ClusterState): NewClusterEvent[] {
  const [old, now] = [before.dcs.kind, after.dcs.kind];
  if (old === now) return [];
  switch (now) {
    case 'no_quorum': return [event('no_quorum', 'critical', after.at, null, 'etcd has lost its quorum.')];
    case 'unreachable': return [event('dcs_lost', 'warning', after.at, null, 'The app no longer reaches etcd.')];
    case 'refused': return [event('dcs_lost', 'warning', after.at, null, 'etcd refuses the app.')];
    case 'live': return old === 'connecting' ? [] : [event('dcs_back', 'good', after.at, null, old === 'no_quorum' ? 'etcd has its quorum again.' : 'etcd is reached again.')];
    case 'connecting':
    case 'not_configured': return [];
  }
}

function pausedEvents(before: ClusterState, after: ClusterState): NewClusterEvent[] {
  if (before.paused === null || after.paused === null || before.paused === after.paused) return [];
  return [after.paused ? event('paused', 'warning', after.at, null, 'The cluster was paused: no automatic failover.') : event('resumed', 'good', after.at, null, 'The cluster was resumed.')];
}

function requestEvents(before: ClusterState, after: ClusterState): NewClusterEvent[] {
  const events: NewClusterEvent[] = [];
  const { failoverRequest: request, scheduledSwitchover: planned } = after;
  if (before.failoverRequest === null && request !== null) {
    events.push(event('failover_requested', 'info', after.at, request.to, `A ${request.from === null ? 'failover' : `switchover from ${request.from}`} to ${request.to ?? 'the best candidate'} was asked for.`));
  }
  if (before.scheduledSwitchover === null && planned !== null) events.push(event('switchover_scheduled', 'info', after.at, planned.to, `A switchover to ${planned.to ?? 'the best candidate'} was scheduled.`));
  if (before.scheduledSwitchover !== null && planned === null && after.leader.known) events.push(event('schedule_removed', 'info', after.at, null, 'The scheduled switchover is gone: done, or removed.'));
  return events;
}

function changedKeys(before: ClusterState, after: ClusterState): string[] {
  const [old, now] = [before.config?.raw, after.config?.raw];
  if (old === undefined || now === undefined) return [];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((key) => key !== 'pause' && JSON.stringify(old[key]) !== JSON.stringify(now[key]));
}

function otherEvents(before: ClusterState, after: ClusterState): NewClusterEvent[] {
  const events: NewClusterEvent[] = [];
  const keys = changedKeys(before, after);
  if (keys.length > 0) events.push(event('config_changed', 'info', after.at, null, `The dynamic configuration changed: ${keys.join(', ')}.`));
  if (before.failsafeActive !== after.failsafeActive && after.failsafeActive !== null && before.failsafeActive !== null) {
    events.push(event('failsafe', after.failsafeActive ? 'critical' : 'good', after.at, null, after.failsafeActive ? 'Failsafe mode is active.' : 'Failsafe mode is over.'));
  }
  const [oldSync, newSync] = [before.sync?.standbys.join(), after.sync?.standbys.join()];
  if (oldSync !== undefined && newSync !== undefined && oldSync !== newSync) events.push(event('sync_changed', 'info', after.at, null, `Synchronous standbys: ${namesInWords(after.sync?.standbys ?? [])}.`));
  if (before.systemIdentifier !== after.systemIdentifier && before.systemIdentifier !== null && (after.systemIdentifier ?? '') !== '') events.push(event('initialized', 'info', after.at, null, 'The cluster was initialised.'));
  return events;
}

/** Findings that other events do not already tell. */
const TOLD_OTHERWISE = new Set(['cluster.no_leader', 'cluster.paused', 'cluster.failsafe', 'dcs.no_quorum', 'dcs.unreachable', 'dcs.refused', 'member.pending_restart', 'member.ssh_lost']);

function findingEvents(before: ClusterState, after: ClusterState): NewClusterEvent[] {
  const known = new Set(before.findings.map((finding) => `${finding.code} ${finding.member ?? ''}`));
  const fresh = after.findings.filter((finding) => finding.severity !== 'info' && !TOLD_OTHERWISE.has(finding.code) && !known.has(`${finding.code} ${finding.member ?? ''}`));
  return fresh.map((finding) => event('finding', finding.severity, after.at, finding.member, finding.sentence));
}

function beginGap(memory: RecorderMemory, before: ClusterState, after: ClusterState): RecorderMemory {
  const doubtSince = leads(after) ? null : (memory.doubtSince ?? after.at);
  const from = before.leader.holder;
  const left = after.leader.known && before.leader.known && from !== null && after.leader.holder !== from;
  const since = memory.doubtSince ?? after.leader.vacantSince ?? after.leader.heldSince ?? after.at;
  const stopped = !leads(after) && after.leader.holder === from && after.members.some((member) => member.name === from && member.condition === 'postgres_down');
  if (left || stopped) return { gap: { since: Math.min(since, after.at), from }, doubtSince };
  return { gap: null, doubtSince };
}

/** The measured time without a primary: from the first sign that the old one was gone to the new one running as primary. */
function followGap(memory: RecorderMemory, before: ClusterState, after: ClusterState): { readonly memory: RecorderMemory; readonly events: NewClusterEvent[] } {
  const open = memory.gap === null ? beginGap(memory, before, after) : memory;
  if (open.gap === null || !leads(after)) return { memory: open, events: [] };
  const durationMs = Math.max(0, after.at - open.gap.since);
  const sentence = `${spanInWords(durationMs)} without a primary${open.gap.from === null || open.gap.from === after.leader.holder ? '' : ` between ${open.gap.from} and ${after.leader.holder ?? ''}`}.`;
  return { memory: EMPTY_RECORDER, events: [{ ...event('primary_gap', 'info', after.at, after.leader.holder, sentence), durationMs }] };
}

/** What happened between two states, in the order in which it happened, and what to remember. Pure. */
export function recordChanges(memory: RecorderMemory, before: ClusterState, after: ClusterState): { readonly memory: RecorderMemory; readonly events: readonly NewClusterEvent[] } {
  const old = new Map(before.members.map((member) => [member.name, member]));
  // What the app finds when it first looks has not happened now.
  const firstSight = before.members.length === 0 || before.health.level === 'connecting';
  const gap = followGap(memory, before, after);
  const events = [
    ...dcsEvents(before, after), ...requestEvents(before, after), ...leaderEvents(before, after),
    ...(firstSight ? [] : after.members.flatMap((member) => memberEvents(old.get(member.name), member, after.at))),
    ...removedMembers(before, after), ...pausedEvents(before, after), ...otherEvents(before, after),
    ...(firstSight ? [] : findingEvents(before, after)), ...gap.events,
  ];
  return { memory: gap.memory, events: events.toSorted((a, b) => a.at - b.at) };
}
