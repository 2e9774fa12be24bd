import type { OperationCheck } from '../../model/operate/operation';
import type { RepairPlace, RepairPlan, ScopeKeys } from '../../model/repair/repair';
import { spanInWords } from '../words/wording';
import { checkStopped, evidenceOfPlaces, passes, placesInFingerprint, refusesFor, silentMembers } from './check-places';
import { KEEP_STEP, etcdctl } from './repair-steps';
import { checkOnlyPatroni, evidenceOfKeys, lockHolder, memberKeys } from './scope-keys';

/** What the removal of a scope rests on. `places`: of all members that the app or the DCS knows. */
export interface StaleScopeFacts {
  readonly scope: string;
  readonly keys: ScopeKeys;
  readonly places: readonly RepairPlace[];
  readonly gone: readonly string[];
}

/** Judges whether all keys of a cluster may be removed: only when none of its Patronis runs or may run. */
export function judgeStaleScope(facts: StaleScopeFacts): RepairPlan {
  const { scope, keys, places, gone } = facts;
  const withData = places.filter(({ data }) => data.kind === 'cluster').map(({ member }) => member);
  return {
    title: `Remove the scope ${scope} from etcd`,
    evidence: [...evidenceOfKeys(keys, keys.keys), ...evidenceOfPlaces(places)],
    checks: [...checkKeys(keys), ...checkOnlyPatroni(keys), ...checkStopped(places, gone)],
    steps: [
      KEEP_STEP,
      { id: 'remove', label: 'Remove all keys', server: null, commands: [etcdctl(['del', '--prefix', keys.prefix])] },
    ],
    consequences: [
      'The dynamic configuration, the history and the state of this cluster are gone from etcd. Its servers are not touched.',
      withData.length === 0
        ? 'The next Patroni of this scope that starts makes a new, empty cluster.'
        : 'The next Patroni of this scope that starts with data becomes the leader with it, even if others have newer data.',
      'Patroni writes the dynamic configuration anew from bootstrap.dcs of its file.',
    ],
    silent: silentMembers(places),
    asksName: true,
    fingerprint: JSON.stringify([
      keys.keys.map(({ name, modRevision }) => `${name} ${modRevision}`),
      placesInFingerprint(places),
      gone,
    ]),
  };
}

function checkKeys(keys: ScopeKeys): readonly OperationCheck[] {
  if (keys.keys.length === 0)
    return [refusesFor('repair.no_evidence', `etcd has no key below ${keys.prefix}: there is nothing to remove.`)];
  const holder = lockHolder(keys);
  const leased = memberKeys(keys).filter(({ key }) => key.lease !== null);
  const checks = holder === null ? [] : [refusesFor('repair.leads', `${holder} holds the leader lock.`)];
  if (leased.length === 0) return [...checks, passes('no_lease', 'No key has a lease that a Patroni would renew.')];
  return [
    ...checks,
    ...leased.map(({ member, key }) =>
      refusesFor(
        'repair.lease_runs',
        `Patroni of ${member} reported to etcd not long ago: its lease ends in ${spanInWords(key.lease?.leftMs ?? 0)}.`,
      ),
    ),
  ];
}
