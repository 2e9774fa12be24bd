import type { OperationCheck } from '../../model/operate/operation';
import type { RepairEvidence, RepairPlan } from '../../model/repair/repair';
import { passes, refusesFor, warnsOf } from './check-places';
import { checkRenewal, evidenceOfData, renewConsequences, renewSteps, type RenewFacts } from './renew-member';

/** What the repair of a member with the data of another cluster rests on. */
export interface ForeignDataFacts extends RenewFacts {
  /** The value of the key initialize, and when it was read; null: there is no such key. */
  readonly expected: string | null;
  readonly expectedAt: number;
  /** Clusters of this app that have the identifier which the member's data has. */
  readonly owners: readonly string[];
  /** What Patroni itself says of it in its log; null: nothing was found there. */
  readonly said: RepairEvidence | null;
}

/** Judges whether the data of a member is another cluster's, and may be moved aside for a copy of this one's. */
export function judgeForeignData(facts: ForeignDataFacts): RepairPlan {
  const { member, own, leaders, expected, expectedAt, said } = facts;
  return {
    title: `Replace the data of another cluster on ${member}`,
    evidence: [
      {
        sentence: `The key initialize has the system identifier ${expected === null || expected === '' ? 'of nobody' : expected}.`,
        source: 'etcd',
        at: expectedAt,
      },
      evidenceOfData(own),
      ...(leaders === null ? [] : [evidenceOfData(leaders)]),
      ...(said === null ? [] : [said]),
    ],
    checks: [...checkForeign(facts), ...checkRightful(facts), ...checkRenewal(facts)],
    steps: renewSteps(facts),
    consequences: renewConsequences(facts),
    silent: [],
    asksName: true,
    fingerprint: JSON.stringify([
      ...[expected, facts.leader, facts.unit, own.content, own.systemIdentifier, own.directory, own.runs, own.links],
      ...[own.kept, leaders?.systemIdentifier ?? null],
    ]),
  };
}

function checkForeign({ member, own, expected, owners }: ForeignDataFacts): readonly OperationCheck[] {
  if (expected === null || expected === '')
    return [refusesFor('repair.no_evidence', 'etcd does not say which system identifier the cluster has.')];
  if (own.content === 'none' && own.kept.length > 0)
    return [
      passes('moved_before', `The data of ${member} was moved aside by an earlier repair; the copy is still to come.`),
    ];
  if (own.content !== 'cluster')
    return [refusesFor('repair.no_evidence', `${own.directory} of ${member} has no data of a cluster.`)];
  if (own.systemIdentifier === null)
    return [refusesFor('repair.not_known', `The system identifier of the data of ${member} could not be read.`)];
  if (own.systemIdentifier === expected)
    return [refusesFor('repair.no_evidence', `The data of ${member} is of this cluster: it has the same identifier.`)];
  return [
    passes('foreign', `The data of ${member} has the identifier ${own.systemIdentifier}, not ${expected}.`),
    ...(own.runs
      ? [
          refusesFor(
            'repair.at_work',
            `A PostgreSQL runs with the data of ${member}: somebody may be using it. Stop it first.`,
          ),
        ]
      : []),
    ...owners.map((title) =>
      warnsOf(
        'repair.belongs_elsewhere',
        `It is the data of ${title}: see that ${member} is not meant to be a member there.`,
      ),
    ),
  ];
}

/** Which of the two is right must not be guessed: the leader's own data decides. */
function checkRightful({ leader, leaders, expected }: ForeignDataFacts): readonly OperationCheck[] {
  if (leaders === null || leader === null || expected === null || expected === '') return [];
  if (leaders.systemIdentifier === expected) return [];
  return [
    refusesFor(
      'repair.leader_differs',
      `The data of ${leader}, which leads, has the identifier ${leaders.systemIdentifier ?? 'not known'}: the key ` +
        'initialize may be the one that is wrong.',
    ),
  ];
}
