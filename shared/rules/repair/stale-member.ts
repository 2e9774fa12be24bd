import type { OperationCheck } from '../../model/operate/operation';
import type { RepairPlace, RepairPlan, ScopeKey, ScopeKeys } from '../../model/repair/repair';
import { shellWord } from '../words/shell-words';
import { spanInWords } from '../words/wording';
import { checkStopped, evidenceOfPlaces, passes, placesInFingerprint, refusesFor, silentMembers } from './check-places';
import { KEEP_STEP, etcdctl } from './repair-steps';
import { evidenceOfKeys, lockHolder, memberKeyOf, scopeKey } from './scope-keys';

/** What the repair of a stale member key rests on. `ttlMs` is Patroni's. */
export interface StaleMemberFacts {
  readonly member: string;
  readonly keys: ScopeKeys;
  /** Where this member runs, or ran. */
  readonly places: readonly RepairPlace[];
  readonly ttlMs: number;
  readonly gone: readonly string[];
}

/** Judges whether the key of a member may be removed: only one that no Patroni keeps, or may keep. */
export function judgeStaleMember(facts: StaleMemberFacts): RepairPlan {
  const { member, keys, places, gone } = facts;
  const key = memberKeyOf(keys, member);
  const path = `${keys.prefix}members/${member}`;
  return {
    title: `Remove the stale key of ${member}`,
    evidence: [...evidenceOfKeys(keys, key === null ? [] : [key]), ...evidenceOfPlaces(places)],
    checks: [...checkKey(facts, key), ...checkStopped(places, gone)],
    steps: [KEEP_STEP, { id: 'remove', label: 'Remove the key', server: null, commands: [etcdctl(['del', path])] }],
    consequences: [
      `Patroni, patronictl and load balancers that read the DCS no longer count ${member} among the members.`,
      'The leader drops the replication slot of a member that is gone, from Patroni 4.0 on after member_slots_ttl.',
      'Data is not touched. A Patroni of that name that starts again writes its key anew.',
      ...syncConsequence(facts),
    ],
    silent: silentMembers(places),
    asksName: false,
    fingerprint: JSON.stringify([key?.modRevision ?? null, lockHolder(keys), placesInFingerprint(places), gone]),
  };
}

function checkKey({ member, keys, ttlMs }: StaleMemberFacts, key: ScopeKey | null): readonly OperationCheck[] {
  if (key === null) return [refusesFor('repair.no_evidence', `etcd has no key of ${member}: nothing is stale.`)];
  const checks = lockHolder(keys) === member ? [refusesFor('repair.leads', `${member} holds the leader lock.`)] : [];
  return [...checks, ...checkLease(key, ttlMs)];
}

/** Patroni ties its member key to a lease of ttl seconds, which it renews each loop (patroni/dcs/etcd3.py, touch_member). */
function checkLease({ lease }: ScopeKey, ttlMs: number): readonly OperationCheck[] {
  if (lease === null)
    return [passes('no_lease', 'The key has no lease. Patroni ties its own to one: no Patroni keeps this key.')];
  if (lease.leftMs > 2 * ttlMs)
    return [passes('long_lease', `Its lease lasts ${spanInWords(lease.leftMs)} more; none of this ttl is that long.`)];
  return [
    refusesFor(
      'repair.lease_runs',
      `The key ends by itself in ${spanInWords(lease.leftMs)} when no Patroni renews it. There is nothing to remove.`,
    ),
  ];
}

function syncConsequence({ keys, member }: StaleMemberFacts): readonly string[] {
  const sync = scopeKey(keys, 'sync')?.value ?? '';
  return sync.includes(JSON.stringify(member).slice(1, -1))
    ? [`The key sync names ${shellWord(member)}; the leader takes it out by itself.`]
    : [];
}
