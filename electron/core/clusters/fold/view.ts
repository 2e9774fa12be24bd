import type { MemberEntry } from '../../../../shared/model/cluster/cluster-entry';
import type { SshState } from '../../../../shared/model/connect/server';
import type { ListedMember } from '../../patroni/answers/cluster';
import type { MemberKey } from '../../patroni/answers/member-key';
import type { StatusAnswer } from '../../patroni/answers/status';
import type { ClusterFacts, RestFacts } from './facts';
import { EMPTY_REST, freshFor } from './facts';

/** All that is known about one member, before anything is concluded from it. */
export interface MemberView {
  readonly name: string;
  readonly entry: MemberEntry | null;
  /** null: the DCS is not seen. */
  readonly inDcs: boolean | null;
  readonly key: MemberKey | null;
  readonly keyAt: number | null;
  /** Its key has no lease, which every Patroni gives its own. */
  readonly keyUnleased: boolean;
  readonly rest: RestFacts;
  /** The REST answer when it is fresh, else null. */
  readonly fresh: StatusAnswer | null;
  readonly listed: ListedMember | null;
  readonly ssh: SshState | null;
  readonly postgresUp: boolean | null;
  readonly holdsLock: boolean;
}

/**
 * Whether the cluster has its keys elsewhere: etcd answers and has not one where the inventory says, while a member says that it
 * leads and sees the lock held. Then nothing of the DCS is known, least of all that there is no leader.
 */
export function hasKeysElsewhere({ dcs, rest }: ClusterFacts): boolean {
  if (dcs.state.kind !== 'live' || !dcs.seen) return false;
  const hasKeys =
    dcs.members.size > 0 ||
    [dcs.leader, dcs.config, dcs.initialize, dcs.sync, dcs.failover, dcs.optime].some((one) => one !== null) ||
    dcs.history.length > 0 ||
    dcs.failsafe;
  if (hasKeys) return false;
  return [...rest.values()].some(
    ({ answer, failures }) =>
      failures === 0 && answer !== null && !answer.unlocked && ['primary', 'standby_leader'].includes(answer.role),
  );
}

/** Whether etcd's keys can be taken as the present. */
export function dcsIsLive(facts: ClusterFacts): boolean {
  return facts.dcs.state.kind === 'live' && facts.dcs.seen && !hasKeysElsewhere(facts);
}

/**
 * So many members of a cluster are followed. Patroni's clusters have a few dozen at most; an answer with thousands is an
 * error or hostile, and following them all would leave no time for other clusters.
 */
const MOST_MEMBERS = 200;

/** Every member that any source names, and how many of them are followed: the leader and those of the inventory first. */
function names(facts: ClusterFacts): { readonly followed: readonly string[]; readonly all: number } {
  const { dcs, listing, entry } = facts;
  const leader = dcs.leader === null ? [] : [dcs.leader.name];
  const listed = dcsIsLive(facts) ? [] : (listing.answer?.members ?? []).map((member) => member.name);
  const own = entry.members.map((member) => member.name);
  const all = [...new Set([...dcs.members.keys(), ...leader, ...listed, ...own])];
  if (all.length <= MOST_MEMBERS) return { followed: all, all: all.length };
  return { followed: [...new Set([...leader, ...own, ...all])].slice(0, MOST_MEMBERS), all: all.length };
}

/** How many members are named by a source and not followed; 0 unless an answer cannot be right. */
export function countUnfollowed(facts: ClusterFacts, views: readonly MemberView[]): number {
  return views.length < MOST_MEMBERS ? 0 : names(facts).all - views.length;
}

function holdsLock(facts: ClusterFacts, name: string, listed: ListedMember | null): boolean {
  if (dcsIsLive(facts)) return facts.dcs.leader?.name === name;
  return listed?.role === 'leader' || listed?.role === 'standby_leader';
}

function freshAnswer(facts: ClusterFacts, rest: RestFacts, now: number): StatusAnswer | null {
  return rest.asOf !== null && now - rest.asOf <= freshFor(facts) && rest.failures <= 1 ? rest.answer : null;
}

function viewOf(facts: ClusterFacts, name: string, now: number): MemberView {
  const entry = facts.entry.members.find((member) => member.name === name) ?? null;
  const rest = facts.rest.get(name) ?? EMPTY_REST;
  const found = facts.dcs.members.get(name) ?? { key: null, at: null, unleased: undefined };
  const listed = facts.listing.answer?.members.find((member) => member.name === name) ?? null;
  const serverId = entry?.serverId ?? null;
  return {
    name,
    entry,
    rest,
    listed,
    key: found.key,
    keyAt: found.at,
    inDcs: dcsIsLive(facts) ? found.key !== null : null,
    keyUnleased: found.unleased === true,
    fresh: freshAnswer(facts, rest, now),
    ssh: serverId === null ? null : (facts.ssh.get(serverId) ?? null),
    postgresUp: facts.postgresUp.get(name) ?? null,
    holdsLock: holdsLock(facts, name, listed),
  };
}

/** The members that any source or the inventory knows, `MOST_MEMBERS` of them at most. */
export function memberViews(facts: ClusterFacts, now: number): readonly MemberView[] {
  return names(facts).followed.map((name) => viewOf(facts, name, now));
}

/** What is reported of PostgreSQL now: by REST when that is fresh, by the DCS while it is live, else the last report. */
export function best<T>(
  view: MemberView,
  fromRest: (answer: StatusAnswer) => T | null,
  fromKey: (key: MemberKey) => T | null,
  fromList?: (listed: ListedMember) => T | null,
): T | null {
  const candidates = [
    view.fresh === null ? null : fromRest(view.fresh),
    view.inDcs === true && view.key !== null ? fromKey(view.key) : null,
    view.listed === null || fromList === undefined ? null : fromList(view.listed),
    view.rest.answer === null ? null : fromRest(view.rest.answer),
    view.key === null ? null : fromKey(view.key),
  ];
  return candidates.find((value) => value !== null) ?? null;
}
