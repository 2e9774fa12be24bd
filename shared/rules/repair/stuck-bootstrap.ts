import type { OperationCheck } from '../../model/operate/operation';
import type { RepairPlace, RepairPlan, ScopeKeys } from '../../model/repair/repair';
import { namesInWords } from '../words/wording';
import { checkGone, evidenceOfPlaces, passes, placesInFingerprint, refusesFor, warnsOf } from './check-places';
import { KEEP_STEP, etcdctl } from './repair-steps';
import { evidenceOfKeys, lockHolder, memberKeys, scopeKey, stateInKey } from './scope-keys';

/** What the repair of a bootstrap that never ended rests on. */
export interface StuckBootstrapFacts {
  readonly keys: ScopeKeys;
  readonly places: readonly RepairPlace[];
  readonly gone: readonly string[];
}

/** States of a member's key while its PostgreSQL runs or its data is being made (patroni/postgresql/misc.py). */
const AT_WORK: ReadonlySet<string> = new Set([
  'initializing new cluster',
  'running custom bootstrap script',
  'starting after custom bootstrap',
  'creating replica',
  'running',
  'starting',
  'restarting',
  'streaming',
  'in archive recovery',
]);

/**
 * Judges whether the `initialize` key may be removed so that a member bootstraps: only when no leader ever was, nobody is at it now, and
 * no server has data of a cluster.
 */
export function judgeStuckBootstrap(facts: StuckBootstrapFacts): RepairPlan {
  const { keys, places, gone } = facts;
  const initialize = scopeKey(keys, 'initialize');
  const shown = keys.keys.filter(({ name }) => ['initialize', 'leader', 'status', 'history', 'config'].includes(name));
  return {
    title: 'Let the cluster bootstrap again',
    evidence: [
      ...evidenceOfKeys(keys, shown),
      ...(lockHolder(keys) === null
        ? [{ sentence: 'Nobody holds the leader lock.', source: 'etcd', at: keys.at }]
        : []),
      ...evidenceOfPlaces(places),
    ],
    checks: [
      ...checkNeverLed(keys),
      ...checkNobodyAtWork(keys, places),
      ...places.flatMap((place) => checkNoData(place, gone)),
      ...checkSomebodyBootstraps(places),
      ...checkGone(places, unreadData(places), gone),
    ],
    steps: [
      KEEP_STEP,
      {
        id: 'remove',
        label: 'Remove the key initialize',
        server: null,
        commands: [etcdctl(['del', `${keys.prefix}initialize`])],
      },
      { id: 'bootstrap', label: 'Patroni bootstraps a new cluster', server: null, commands: [] },
    ],
    consequences: [
      'Patroni itself leaves this as it is: with the key there and no leader every member waits for another one to ' +
        'bootstrap. Only the member that wrote the key removes it, when its bootstrap fails and it is not killed.',
      'One of the members that run makes a new, empty PostgreSQL cluster; the others copy it.',
    ],
    silent: unreadData(places),
    asksName: true,
    fingerprint: JSON.stringify([initialize?.modRevision ?? null, lockHolder(keys), placesInFingerprint(places), gone]),
  };
}

/** Members of whose data nothing is known: they may have some. */
function unreadData(places: readonly RepairPlace[]): readonly string[] {
  return places.filter(({ data }) => data.kind === 'unknown').map(({ member }) => member);
}

function checkNeverLed(keys: ScopeKeys): readonly OperationCheck[] {
  if (scopeKey(keys, 'initialize') === null)
    return [refusesFor('repair.no_evidence', 'There is no key initialize: nothing keeps a member from bootstrapping.')];
  const holder = lockHolder(keys);
  if (holder !== null) return [refusesFor('repair.leads', `${holder} holds the leader lock: the cluster is there.`)];
  const traces = ['status', 'optime/leader'].filter((name) => scopeKey(keys, name) !== null);
  const history = scopeKey(keys, 'history')?.value ?? '[]';
  if (traces.length === 0 && /^\s*(\[\s*\])?\s*$/.test(history))
    return [passes('never_led', 'No leader has ever written its position or a timeline: this cluster never ran.')];
  return [
    refusesFor(
      'repair.has_run',
      `A leader has run: ${namesInWords([...traces, ...(traces.length === 0 ? ['history'] : [])])} is in etcd. ` +
        'Its data must be found, and not a new cluster be made in its place.',
    ),
  ];
}

function checkNobodyAtWork(keys: ScopeKeys, places: readonly RepairPlace[]): readonly OperationCheck[] {
  const busy = memberKeys(keys).flatMap(({ member, key }) => {
    const state = stateInKey(key);
    return state !== null && AT_WORK.has(state) ? [`${member} (${state})`] : [];
  });
  const programs = places.flatMap(({ member, atWork }) => atWork.map((program) => `${program} on ${member}`));
  if (busy.length + programs.length === 0) return [passes('nobody_at_work', 'Nobody is bootstrapping now.')];
  return [refusesFor('repair.at_work', `Something is at work: ${namesInWords([...busy, ...programs])}.`)];
}

function checkNoData({ member, data }: RepairPlace, gone: readonly string[]): readonly OperationCheck[] {
  switch (data.kind) {
    case 'none':
      return [passes('no_data', `${member} has no data.`)];
    case 'files':
      return [
        warnsOf(
          'repair.leftover_files',
          `${data.directory} of ${member} has files and is no cluster: this member cannot bootstrap until it is empty.`,
        ),
      ];
    case 'cluster':
      return [
        refusesFor(
          'repair.has_data',
          `${member} has the data of a cluster (system identifier ${data.systemIdentifier ?? 'not known'}). A new, ` +
            'empty cluster must not be made beside it.',
        ),
      ];
    case 'unknown':
      return gone.includes(member)
        ? [warnsOf('repair.said_to_be_gone', `You say that ${member} is gone for good. ${data.why}`)]
        : [refusesFor('repair.not_known', `Whether ${member} has data is not known: ${data.why}`)];
  }
}

function checkSomebodyBootstraps(places: readonly RepairPlace[]): readonly OperationCheck[] {
  const able = places.filter(({ agent, data }) => agent.kind === 'runs' && data.kind === 'none');
  if (able.length > 0) return [];
  return [
    warnsOf(
      'repair.nobody_bootstraps',
      'No Patroni runs with an empty data directory: start one when the key is gone, and it bootstraps.',
    ),
  ];
}
