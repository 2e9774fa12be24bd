import type { ClusterPatch, ClusterState } from '../../model/cluster/cluster-state';
import type { Member } from '../../model/cluster/member';

type Fields = Readonly<Record<string, unknown>>;

function hasFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two plain values (JSON and undefined) are the same in depth. Asked of each field at every fold: it copies nothing. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  if (!hasFields(a) || !hasFields(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameValue(a[name], b[name]))
  );
}

function changedMembers(before: readonly Member[], after: readonly Member[]): Record<string, Member | null> {
  const old = new Map(before.map((member) => [member.name, member]));
  const changed = after
    .filter((member) => !sameValue(old.get(member.name), member))
    .map((member): [string, Member | null] => [member.name, member]);
  const names = new Set(after.map((member) => member.name));
  const gone = before
    .filter((member) => !names.has(member.name))
    .map((member): [string, Member | null] => [member.name, null]);
  return Object.fromEntries([...changed, ...gone]);
}

/**
 * What changed between two states of a cluster; null when nothing did. `revision` and `at` are not
 * changes by themselves.
 */
export function diffState(before: ClusterState, after: ClusterState): ClusterPatch | null {
  const old: Fields = { ...before };
  const changed = Object.entries(after).filter(([name, value]) => !APART.has(name) && !sameValue(old[name], value));
  const members = changedMembers(before.members, after.members);
  if (changed.length === 0 && Object.keys(members).length === 0) return null;
  return { revision: after.revision, fields: { ...Object.fromEntries(changed), at: after.at }, members };
}

/** Fields of a state that are no change by themselves, or are told by member. */
const APART: ReadonlySet<string> = new Set<keyof ClusterState>(['members', 'revision', 'at']);

/** The state after a patch. Members keep the order of their names, as the core sorts them. */
export function applyPatch(state: ClusterState, patch: ClusterPatch): ClusterState {
  const members = new Map(state.members.map((member) => [member.name, member]));
  for (const [name, member] of Object.entries(patch.members)) {
    if (member === null) members.delete(name);
    else members.set(name, member);
  }
  return { ...state, ...patch.fields, revision: patch.revision, members: sortMembers([...members.values()]) };
}

/** The order of members everywhere: by name, numbers in it by value (db2 before db10). */
export function sortMembers(members: readonly Member[]): readonly Member[] {
  return [...members].sort((a, b) => order.compare(a.name, b.name) || (a.name < b.name ? -1 : 1));
}
const order = new Intl.Collator('en', { numeric: true });
