import type { ClusterState } from '../../../model/cluster/cluster-state';
import type { Member } from '../../../model/cluster/member';
import { candidatesFor } from '../../cluster/candidates';
import { isPatroniAtLeast } from '../../cluster/patroni-version';
import { namesInWords } from '../../words/wording';
import { isTagOn } from './judge-tags';

type Tags = Readonly<Record<string, unknown>>;

/** What a change of a member's tags leads to, in sentences. */
export function tagConsequences(state: ClusterState, name: string, before: Tags, after: Tags): readonly string[] {
  const turnsOn = (tag: string): boolean => isTagOn(after[tag]) && !isTagOn(before[tag]);
  return [
    ...takeOverConsequences(state, name, after),
    ...(turnsOn('noloadbalance') ? readConsequences(state, name) : []),
    ...(turnsOn('nosync') || turnsOn('nostream') ? syncConsequences(state, name) : []),
    ...(turnsOn('nostream') ? [`${name} stops streaming: it is as old as the last WAL file that was archived.`] : []),
    ...sourceConsequences(state, name, before, after),
  ];
}

function withTags(state: ClusterState, name: string, tags: Tags): ClusterState {
  const scalar = Object.entries(tags).flatMap(([key, value]): [string, string | number | boolean][] =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[key, value]] : [],
  );
  const members = state.members.map((member): Member =>
    member.name === name ? { ...member, tags: Object.fromEntries(scalar) } : member,
  );
  return { ...state, members };
}

function takers(state: ClusterState): readonly string[] {
  return candidatesFor(state, 'switchover').flatMap((one) => (one.verdict === 'refuses' ? [] : [one.member]));
}

function takeOverConsequences(state: ClusterState, name: string, after: Tags): readonly string[] {
  if (state.leader.holder === name) {
    return isTagOn(after['nofailover'])
      ? [`${name} leads now and stays the leader; once it has lost the lock, it is not promoted again.`]
      : [];
  }
  const [was, is] = [takers(state), takers(withTags(state, name, after))];
  if (was.includes(name) === is.includes(name)) return [];
  if (is.includes(name)) return [`${name} may take over from now on.`];
  return is.length === 0
    ? [`${name} may not take over any more, and then nobody is left who may: a failure of the leader stops all writes.`]
    : [`${name} may not take over any more; ${namesInWords(is)} still may.`];
}

function readConsequences(state: ClusterState, name: string): readonly string[] {
  const others = state.members.filter(
    (member) => member.name !== name && member.name !== state.leader.holder && !isTagOn(member.tags['noloadbalance']),
  );
  return others.length === 0
    ? [`No replica is left that takes reads through a load balancer.`]
    : [`Load balancers send reads to ${namesInWords(others.map((one) => one.name))} alone.`];
}

function syncConsequences(state: ClusterState, name: string): readonly string[] {
  const mode = state.sync?.mode ?? 'off';
  if (mode === 'off') return [];
  const others = state.members.filter(
    (member) =>
      member.name !== name &&
      member.name !== state.leader.holder &&
      !isTagOn(member.tags['nosync']) &&
      !isTagOn(member.tags['nostream']),
  );
  if (others.length > 0) return [`${name} stops being a synchronous standby; Patroni chooses another one.`];
  return state.config?.raw['synchronous_mode_strict'] === true
    ? [`No member is left that may be a synchronous standby: with synchronous_mode_strict all writes stop.`]
    : [`No member is left that may be a synchronous standby: commits no longer wait for one.`];
}

function sourceConsequences(state: ClusterState, name: string, before: Tags, after: Tags): readonly string[] {
  const [was, is] = [before['replicatefrom'], after['replicatefrom']];
  if (was === is) return [];
  if (typeof is !== 'string' || is === '') return [`${name} streams from the leader again.`];
  const member = state.members.find((one) => one.name === name);
  const keepsSlot = isPatroniAtLeast(member?.patroniVersion ?? null, '4.0.0') === true;
  return [
    `${name} streams from ${is}: what ${is} has not received, ${name} does not have either. While ${is} is down, ` +
      `${name} streams from the leader${keepsSlot ? ', which keeps its slot for member_slots_ttl' : ''}.`,
  ];
}
