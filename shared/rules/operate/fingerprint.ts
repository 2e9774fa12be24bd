import { z } from 'zod';
import type { ClusterState } from '../../model/cluster/cluster-state';
import type { Member } from '../../model/cluster/member';
import type { Operation } from '../../model/operate/operation';
import { stableText } from '../configure/config-patch';
import { hasLeaderRole, isRunning, leaderOf } from '../cluster/member-facts';
import { waitsForRestart } from './restart-order';
import { siteFact } from '../standby/site-change';
import { momentInWords } from '../words/wording';

/** Short text that differs when the long one does; not for secrets, only to notice a change (FNV-1a, two lanes). */
function digest(text: string): string {
  let [low, high] = [0x811c9dc5, 0x01000193];
  for (let index = 0; index < text.length; index += 1) {
    low = Math.imul(low ^ text.charCodeAt(index), 0x01000193);
    high = Math.imul(high ^ text.charCodeAt(index), 0x5bd1e995);
  }
  return (low >>> 0).toString(16).padStart(8, '0') + (high >>> 0).toString(16).padStart(8, '0');
}

const factsSchema = z.object({
  operation: z.string(),
  leader: z.string().nullable(),
  leaderKnown: z.boolean(),
  timeline: z.number().nullable(),
  paused: z.boolean().nullable(),
  request: z.string().nullable(),
  scheduledAt: z.number().nullable(),
  config: z.string().nullable(),
  members: z.record(z.string(), z.string()),
  site: z.string().nullable().default(null),
});
type Facts = z.infer<typeof factsSchema>;

function roleFact(state: ClusterState, member: Member): string {
  if (hasLeaderRole(member)) return 'leader';
  return state.sync?.standbys.includes(member.name) ? 'synchronous standby' : 'replica';
}

/** What about a member would make a decision a different one. `running` and `streaming` are the same here: sources tell them in turn. */
function memberFacts(state: ClusterState): Record<string, string> {
  return Object.fromEntries(
    state.members.map((member) => {
      const role = roleFact(state, member);
      const pending = waitsForRestart(member) ? ', waiting for a restart' : '';
      return [member.name, `${role}, ${isRunning(member) ? 'running' : member.state}${pending}`];
    }),
  );
}

function factsOf(state: ClusterState, operation: Operation): Facts {
  const request = state.failoverRequest;
  return {
    operation: digest(stableText(operation)),
    leader: state.leader.holder,
    leaderKnown: state.leader.known,
    timeline: leaderOf(state)?.timeline ?? null,
    paused: state.paused,
    request: request ? `${request.from ?? ''} > ${request.to ?? ''}` : null,
    scheduledAt: state.scheduledSwitchover?.at ?? null,
    config: state.config ? digest(stableText(state.config.raw)) : null,
    members: memberFacts(state),
    site:
      operation.kind === 'promote_cluster' || operation.kind === 'demote_cluster' ? siteFact(state, operation) : null,
  };
}

/** Names the state and the operation a preview was made from. It goes to the page and comes back with the start. */
export function fingerprintOf(state: ClusterState, operation: Operation): string {
  return JSON.stringify(factsOf(state, operation));
}

function memberChanges(before: Facts, after: Facts): string[] {
  const names = [...new Set([...Object.keys(before.members), ...Object.keys(after.members)])].sort();
  return names.flatMap((name) => {
    const [was, is] = [before.members[name], after.members[name]];
    if (was === is) return [];
    if (is === undefined) return [`${name} is no longer a member.`];
    return was === undefined ? [`${name} has joined.`] : [`${name} was ${was} and is now ${is}.`];
  });
}

const holderName = ({ leader, leaderKnown }: Facts): string => leader ?? (leaderKnown ? 'nobody' : 'not known');

function leaderChanges(before: Facts, after: Facts): (string | null)[] {
  const leader = holderName(before) !== holderName(after);
  const timeline = before.timeline !== after.timeline && before.timeline !== null && after.timeline !== null;
  return [
    leader ? `The leader was ${holderName(before)} and is now ${holderName(after)}.` : null,
    timeline ? `The timeline was ${before.timeline} and is now ${after.timeline}.` : null,
  ];
}

function requestChanges(before: Facts, after: Facts): (string | null)[] {
  const request =
    after.request === null
      ? 'The failover that was under way has ended.'
      : `A switchover or failover is under way (${after.request}).`;
  const schedule =
    after.scheduledAt === null
      ? 'The scheduled switchover is gone.'
      : `A switchover is now scheduled for ${momentInWords(after.scheduledAt)}.`;
  return [
    before.request !== after.request ? request : null,
    before.scheduledAt !== after.scheduledAt ? schedule : null,
  ];
}

function settingChanges(before: Facts, after: Facts): (string | null)[] {
  const paused = before.paused !== after.paused && after.paused !== null && before.paused !== null;
  const config = before.config !== after.config && before.config !== null && after.config !== null;
  const site = before.site !== after.site;
  return [
    site ? `What is known of the other cluster has changed (${after.site ?? 'nothing is known'}).` : null,
    paused ? `Management is now ${after.paused ? 'paused' : 'no longer paused'}.` : null,
    config ? 'The dynamic configuration has changed.' : null,
  ];
}

function parse(fingerprint: string): Facts | null {
  try {
    return factsSchema.safeParse(JSON.parse(fingerprint)).data ?? null;
  } catch {
    return null;
  }
}

/**
 * What is different from the state the fingerprint was made from, as sentences; empty when nothing that matters is. A
 * fingerprint of another operation, or none at all, counts as different.
 */
export function changesSince(fingerprint: string, state: ClusterState, operation: Operation): readonly string[] {
  const before = parse(fingerprint);
  const after = factsOf(state, operation);
  if (!before || before.operation !== after.operation) return ['It was confirmed for something else.'];
  const cluster = [...leaderChanges(before, after), ...requestChanges(before, after), ...settingChanges(before, after)];
  return [...cluster.filter((sentence) => sentence !== null), ...memberChanges(before, after)];
}

/** The changes in one sentence for `operation.state_changed`. */
export function changesInWords(changes: readonly string[]): string {
  return changes.length > 6
    ? `${changes.slice(0, 5).join(' ')} And ${changes.length - 5} more changes.`
    : changes.join(' ');
}
