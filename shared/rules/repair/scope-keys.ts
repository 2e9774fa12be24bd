import type { OperationCheck } from '../../model/operate/operation';
import type { RepairEvidence, ScopeKey, ScopeKeys } from '../../model/repair/repair';
import { decodePatroniKey } from '../etcd/patroni-keys';
import { namesInWords, spanInWords } from '../words/wording';
import { refusesFor } from './check-places';

/** What the keys of members begin with, below the scope. */
const MEMBERS = 'members/';

/** A key of the scope by its name. */
export function scopeKey({ keys }: ScopeKeys, name: string): ScopeKey | null {
  return keys.find((key) => key.name === name) ?? null;
}

/** The key of a member. */
export function memberKeyOf(keys: ScopeKeys, member: string): ScopeKey | null {
  return scopeKey(keys, `${MEMBERS}${member}`);
}

/** The keys of all members, with the members' names. */
export function memberKeys({ keys }: ScopeKeys): readonly { readonly member: string; readonly key: ScopeKey }[] {
  return keys.flatMap((key) => (key.name.startsWith(MEMBERS) ? [{ member: key.name.slice(MEMBERS.length), key }] : []));
}

/** Who holds the leader lock; null: nobody. */
export function lockHolder(keys: ScopeKeys): string | null {
  return scopeKey(keys, 'leader')?.value ?? null;
}

/** A lease in words. */
function leaseInWords({ lease }: ScopeKey): string {
  if (lease === null) return 'It has no lease.';
  return `Its lease ends in ${spanInWords(lease.leftMs)} unless it is renewed (granted for ${spanInWords(lease.ttlMs)}).`;
}

/** What stands in etcd, as evidence. */
export function evidenceOfKeys(keys: ScopeKeys, shown: readonly ScopeKey[]): readonly RepairEvidence[] {
  return shown.map((key) => {
    const says = decodePatroniKey(key.name, key.value)?.says ?? null;
    return {
      sentence: `${keys.prefix}${key.name} is there${says === null ? '' : `: ${says}`}. ${leaseInWords(key)}`,
      source: 'etcd',
      at: keys.at,
    };
  });
}

/** Below the scope lies only what Patroni writes; another cluster's keys may lie there too, when its namespace is this scope. */
export function checkOnlyPatroni({ keys, prefix }: ScopeKeys): readonly OperationCheck[] {
  const foreign = keys.filter(({ name, value }) => decodePatroniKey(name, value) === null).map(({ name }) => name);
  if (foreign.length === 0) return [];
  return [
    refusesFor(
      'repair.foreign_keys',
      `Below ${prefix} are keys that no Patroni of this cluster writes: ${namesInWords(foreign.slice(0, 5))}` +
        `${foreign.length > 5 ? ` and ${foreign.length - 5} more` : ''}. They may be another cluster's.`,
    ),
  ];
}

/** What the value of a member's key says of its state; null where it does not say. */
export function stateInKey({ value }: ScopeKey): string | null {
  try {
    const parsed: unknown = JSON.parse(value);
    const state: unknown = Reflect.get(Object(parsed), 'state');
    return typeof state === 'string' ? state : null;
  } catch {
    return null;
  }
}
