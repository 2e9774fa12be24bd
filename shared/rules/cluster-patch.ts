import type { ClusterPatch, ClusterState } from '../model/cluster-state';
import type { Member } from '../model/member';

/** Whether two plain values (JSON and undefined) are the same in depth. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  const left = Object.entries(a);
  const right = new Map<string, unknown>(Object.entries(b));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && sameValue(value, right.get(key)));
}

function changedMembers(before: readonly Member[], after: readonly Member[]): Record<string, Member | null> {
  const old = new Map(before.map((member) => [member.name, member]));
  const changed = after.filter((member) => !sameValue(old.get(member.name), member)).map((member): [string, Member | null] => [member.name, member]);
  const names = new Set(after.map((member) => member.name));
  const gone = before.filter((member) => !names.has(member.name)).map((member): [string, Member | null] => [member.name, null]);
  return Object.fromEntries([...changed, ...gone]);
}

/**
 * What changed between two states of a cluster; null when nothing did. `revision` and `at` are not
 * changes by themselves.
 */
export function diffState(before: ClusterState, after: ClusterState): ClusterPatch | null {
  const { members: oldMembers, revision: _oldRevision, ...oldFields } = before;
  const { members: newMembers, revision, ...newFields } = after;
  const old = new Map<string, unknown>(Object.entries(oldFields));
  const changed = Object.entries(newFields).filter(([key, value]) => key !== 'at' && !sameValue(old.get(key), value));
  const members = changedMembers(oldMembers, newMembers);
  if (changed.length === 0 && Object.keys(members).length === 0) return null;
  return { revision, fields: { ...Object.fromEntries(changed), at: after.at }, members };
}

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
