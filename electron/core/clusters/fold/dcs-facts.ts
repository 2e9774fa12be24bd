import type { EtcdChange, EtcdKey, EtcdWatchEvent } from '../../etcd/etcd-client';
import { parseConfigKey, parseFailoverKey, parseHistory, parseOptime, parseSyncKey } from '../../patroni/answers/keys';
import { fromJson } from '../../patroni/answers/fields';
import { parseMemberKey } from '../../patroni/answers/member-key';
import type { DcsFacts, MemberInDcs } from './facts';

const MEMBERS = 'members/';

/** The keys again without what a snapshot replaces; who held the lock and since when is kept to see a change across a gap. */
function withoutKeys(facts: DcsFacts): DcsFacts {
  return {
    ...facts,
    members: new Map(),
    config: null,
    sync: null,
    failover: null,
    history: [],
    initialize: null,
    failsafe: false,
    optime: null,
  };
}

function holds(facts: DcsFacts, name: string, lease: string, at: number): DcsFacts {
  if (facts.leader?.name === name && facts.leader.lease === lease) return facts;
  const same = facts.leader?.name === name;
  const since = facts.seen ? at : null;
  const heldSince = same ? facts.heldSince : since;
  return {
    ...facts,
    leader: { name, lease },
    heldSince,
    vacantSince: null,
    changeUnseen: same && facts.changeUnseen,
  };
}

function vacant(facts: DcsFacts, at: number): DcsFacts {
  if (facts.leader === null && facts.vacantSince !== null) return facts;
  return { ...facts, leader: null, heldSince: null, vacantSince: at, changeUnseen: false };
}

/** The member whose key a name below the scope is; null for other keys. */
function memberOfKey(name: string): string | null {
  return name.startsWith(MEMBERS) ? name.slice(MEMBERS.length) : null;
}

function memberEntry({ value, lease }: EtcdKey, at: number): MemberInDcs {
  return { key: parseMemberKey(value), at, ...(lease === '0' ? { unleased: true } : {}) };
}

function putMember(facts: DcsFacts, name: string, entry: EtcdKey, at: number): DcsFacts {
  return { ...facts, members: new Map(facts.members).set(name, memberEntry(entry, at)) };
}

function dropMember(facts: DcsFacts, name: string): DcsFacts {
  const members = new Map(facts.members);
  members.delete(name);
  return { ...facts, members };
}

function optime(facts: DcsFacts, value: string, at: number): DcsFacts {
  const lsn = parseOptime(value);
  return lsn === null ? facts : { ...facts, optime: { lsn, at } };
}

/** One key, named below the scope; keys that are not Patroni's (or of a Citus group) change nothing. */
function put(facts: DcsFacts, name: string, entry: EtcdKey, at: number): DcsFacts {
  const member = memberOfKey(name);
  if (member !== null) return putMember(facts, member, entry, at);
  switch (name) {
    case 'leader':
      return holds(facts, entry.value, entry.lease, at);
    case 'config':
      return { ...facts, config: parseConfigKey(entry.value) };
    case 'sync':
      return { ...facts, sync: parseSyncKey(entry.value) };
    case 'failover':
      return { ...facts, failover: parseFailoverKey(entry.value) };
    case 'history':
      return { ...facts, history: parseHistory(fromJson(entry.value)) };
    case 'initialize':
      return { ...facts, initialize: entry.value };
    case 'failsafe':
      return { ...facts, failsafe: true };
    case 'status':
    case 'optime/leader':
      return optime(facts, entry.value, at);
    default:
      return facts;
  }
}

function remove(facts: DcsFacts, name: string, at: number): DcsFacts {
  if (name.startsWith(MEMBERS)) return dropMember(facts, name.slice(MEMBERS.length));
  switch (name) {
    case 'leader':
      return vacant(facts, at);
    case 'config':
      return { ...facts, config: null };
    case 'sync':
      return { ...facts, sync: null };
    case 'failover':
      return { ...facts, failover: null };
    case 'history':
      return { ...facts, history: [] };
    case 'initialize':
      return { ...facts, initialize: null };
    case 'failsafe':
      return { ...facts, failsafe: false };
    default:
      return facts;
  }
}

function nameBelow(prefix: string, key: string): string | null {
  return key.startsWith(prefix) ? key.slice(prefix.length) : null;
}

function live(facts: DcsFacts, at: number): DcsFacts {
  const state =
    facts.state.kind === 'live'
      ? facts.state
      : { kind: 'live' as const, etcdVersion: null, members: 'members' in facts.state ? facts.state.members : [] };
  return { ...facts, state, asOf: at };
}

function snapshot(facts: DcsFacts, prefix: string, entries: readonly EtcdKey[], at: number): DcsFacts {
  let next = withoutKeys(facts);
  let hasLeader = false;
  const members = new Map<string, MemberInDcs>();
  for (const entry of entries) {
    const name = nameBelow(prefix, entry.key);
    if (name === null) continue;
    hasLeader ||= name === 'leader';
    const member = memberOfKey(name);
    if (member === null) next = put(next, name, entry, at);
    else members.set(member, memberEntry(entry, at));
  }
  const now = hasLeader ? next : vacant(next, at);
  return { ...live(now, at), members, seen: true, changeUnseen: isChangeUnseen(facts, now, at) };
}

/** A change of the lock that is found this long after etcd was last seen, ms, may have come at any time in between. */
const UNSEEN_MS = 5_000;

function isChangeUnseen(before: DcsFacts, now: DcsFacts, at: number): boolean {
  if (!before.seen) return now.leader === null;
  if (before.leader?.name === now.leader?.name) return before.changeUnseen;
  return before.asOf !== null && at - before.asOf > UNSEEN_MS;
}

function change(facts: DcsFacts, prefix: string, one: EtcdChange, at: number): DcsFacts {
  const name = nameBelow(prefix, one.kind === 'put' ? one.entry.key : one.key);
  if (name === null) return facts;
  return one.kind === 'put' ? put(facts, name, one.entry, at) : remove(facts, name, at);
}

function lost(facts: DcsFacts, event: Extract<EtcdWatchEvent, { kind: 'lost' }>): DcsFacts {
  const members = 'members' in facts.state ? facts.state.members : [];
  const since = facts.state.kind === event.reason ? facts.state.since : event.at;
  switch (event.reason) {
    case 'no_quorum':
      return { ...facts, state: { kind: 'no_quorum', since, members } };
    case 'unreachable':
      return { ...facts, state: { kind: 'unreachable', since, error: event.error } };
    case 'refused':
      return { ...facts, state: { kind: 'refused', since, error: event.error } };
  }
}

/** The facts after an event of the watch. Keys last seen stay when etcd is lost: they are shown as old, never as gone. */
export function foldDcs(facts: DcsFacts, prefix: string, event: EtcdWatchEvent): DcsFacts {
  switch (event.kind) {
    case 'snapshot':
      return snapshot(facts, prefix, event.entries, event.at);
    case 'changes':
      return live(
        event.changes.reduce((next, one) => change(next, prefix, one, event.at), facts),
        event.at,
      );
    case 'alive':
      return facts.seen ? live(facts, event.at) : facts;
    case 'lost':
      return lost(facts, event);
  }
}
