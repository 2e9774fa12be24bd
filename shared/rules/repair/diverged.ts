import type { OperationCheck } from '../../model/operate/operation';
import type { RepairEvidence, RepairPlan, RepairStep } from '../../model/repair/repair';
import { shellWord } from '../words/shell-words';
import { bytesInWords } from '../words/wording';
import { passes, refusesFor, warnsOf } from './check-places';
import { positionInWords, type WalFork } from './fork';
import { checkRenewal, evidenceOfData, renewConsequences, renewSteps, type RenewFacts } from './renew-member';

/** What pg_waldump finds behind the place where the WAL of a member leaves the leader's. Moments are as PostgreSQL writes them. */
export interface LostWal {
  readonly records: number;
  readonly commits: number;
  readonly firstCommit: string | null;
  readonly lastCommit: string | null;
  /** Where the last record begins, bytes. */
  readonly last: number | null;
  /** Not all of it was read: there was too much. */
  readonly isCut: boolean;
}

/** What the repair of a member with WAL of its own rests on. */
export interface DivergedFacts extends RenewFacts {
  /** null: the histories could not be read. */
  readonly fork: WalFork | null;
  /** null: nothing is behind the fork, or it could not be read; `lostWhy` says which. */
  readonly lost: LostWal | null;
  readonly lostWhy: string | null;
  readonly lostAt: number;
  /** Whether the leader streams to it now, so that it follows. */
  readonly streams: boolean;
  /** Whether it runs as a primary now, so that it may still be written to. */
  readonly runsAsPrimary: boolean;
  /** Whether Patroni may rewind it by itself (use_pg_rewind); null: not known. */
  readonly rewinds: boolean | null;
  /** What the log says of it. */
  readonly said: RepairEvidence | null;
}

/** Judges whether a member's data has left the leader's, and may be kept aside for a new copy. */
export function judgeDiverged(facts: DivergedFacts): RepairPlan {
  const { member, own, leaders, fork, said } = facts;
  return {
    title: `Give ${member} the data of the leader again`,
    evidence: [
      evidenceOfData(own),
      ...(leaders === null ? [] : [evidenceOfData(leaders)]),
      forkEvidence(facts),
      ...lostEvidence(facts),
      ...(said === null ? [] : [said]),
    ],
    checks: [...checkFork(facts), ...checkSameCluster(facts), ...checkRenewal(facts)],
    steps: divergedSteps(facts),
    consequences: [
      ...(facts.runsAsPrimary
        ? [
            `Applications that are connected to ${member} lose their connections, and what they wrote there is set aside.`,
          ]
        : []),
      ...renewConsequences(facts),
      'What only this member has is in the data that is kept, and in no other place: look there for what is missed.',
    ],
    silent: [],
    asksName: true,
    fingerprint: JSON.stringify([
      ...[facts.leader, facts.unit, own.content, own.directory, own.kept, own.links, fork],
      ...[leaders?.systemIdentifier ?? null, facts.runsAsPrimary],
    ]),
  };
}

/** A PostgreSQL that runs without its Patroni is stopped by itself. */
function divergedSteps(facts: DivergedFacts): readonly RepairStep[] {
  const { own } = facts;
  const stop = `sudo -u postgres pg_ctl -D ${shellWord(own.directory)} -m fast -w stop`;
  return renewSteps(facts).map((step) =>
    step.id === 'stop' && own.runs ? { ...step, commands: [...step.commands, `${stop}  # where it still runs`] } : step,
  );
}

/** Where the WAL of a member leaves that of whom it is to follow. */
export function forkEvidence({
  member,
  leader,
  fork,
  own,
  leaders,
}: Pick<DivergedFacts, 'member' | 'leader' | 'fork' | 'own' | 'leaders'>): RepairEvidence {
  const source = `the histories of ${own.server} and ${leaders?.server ?? 'the leader'}`;
  const at = own.at;
  if (fork === null) return { sentence: 'Where their timelines part could not be read.', source, at };
  if (fork.kind === 'same')
    return { sentence: `Both are on timeline ${fork.timeline}, of which the histories tell nothing.`, source, at };
  if (fork.kind === 'behind')
    return { sentence: `The WAL of ${member} is a part of what ${leader ?? 'the leader'} has.`, source, at };
  return {
    sentence:
      `The WAL of ${member} leaves that of ${leader ?? 'the leader'} at ${positionInWords(fork.lsn)}: it goes on, on ` +
      `timeline ${fork.timeline}, with what the leader does not have.`,
    source,
    at,
  };
}

/** What is behind that place, and in no other. */
export function lostEvidence({
  lost,
  lostWhy,
  lostAt,
  own,
  fork,
}: Pick<DivergedFacts, 'lost' | 'lostWhy' | 'lostAt' | 'own' | 'fork'>): readonly RepairEvidence[] {
  if (fork?.kind !== 'diverged') return [];
  const source = `pg_waldump on ${own.server}`;
  if (lost === null) return [{ sentence: lostWhy ?? 'No WAL was found behind that.', source, at: lostAt }];
  const more = lost.isCut ? 'More than ' : '';
  const span =
    lost.firstCommit === null ? '' : `, committed from ${lost.firstCommit} to ${lost.lastCommit ?? lost.firstCommit}`;
  const size = lost.last === null ? '' : ` (${bytesInWords(lost.last - fork.lsn)} of WAL)`;
  return [
    {
      sentence: `${more}${lost.commits} transactions are only there${span}; ${lost.records} records in all${size}.`,
      source,
      at: lostAt,
    },
  ];
}

/** What PostgreSQL says to a standby that asks for WAL which it does not have yet (replication/walsender.c). */
const AHEAD = /ahead of the WAL flush position/i;

function checkFork(facts: DivergedFacts): readonly OperationCheck[] {
  const { member, fork, own, streams } = facts;
  if (own.content === 'none' && own.kept.length > 0)
    return [
      passes('moved_before', `The data of ${member} was moved aside by an earlier repair; the copy is still to come.`),
    ];
  if (own.content !== 'cluster')
    return [refusesFor('repair.no_evidence', `${own.directory} of ${member} has no data of a cluster.`)];
  if (streams)
    return [refusesFor('repair.no_evidence', `The leader streams to ${member}: it follows, and has not diverged.`)];
  if (fork === null)
    return [refusesFor('repair.not_known', 'Whether the timelines part could not be read, so nothing is done.')];
  if (fork.kind === 'behind')
    return [
      refusesFor('repair.no_evidence', `${member} has nothing that the leader does not have: it has not diverged.`),
    ];
  if (fork.kind === 'same' && !AHEAD.test(facts.said?.sentence ?? ''))
    return [
      refusesFor(
        'repair.not_known',
        `Both are on timeline ${fork.timeline}, and no log says that ${member} is ahead: whether it has diverged is not known.`,
      ),
    ];
  return divergedChecks(facts);
}

function divergedChecks({ member, rewinds, lost }: DivergedFacts): readonly OperationCheck[] {
  return [
    passes('diverged', `${member} has WAL of its own and cannot follow the leader with it.`),
    ...(rewinds === true
      ? [
          warnsOf(
            'repair.patroni_rewinds',
            'use_pg_rewind is on: Patroni may still rewind it by itself. Give it a minute.',
          ),
        ]
      : []),
    ...(lost !== null && lost.commits > 0
      ? [warnsOf('repair.commits_set_aside', `${lost.commits} transactions that were committed are only on ${member}.`)]
      : []),
  ];
}

function checkSameCluster({ own, leaders }: DivergedFacts): readonly OperationCheck[] {
  if (leaders === null || own.content !== 'cluster' || own.systemIdentifier === leaders.systemIdentifier) return [];
  return [
    refusesFor(
      'repair.other_cluster',
      'Its data is of another cluster (the system identifiers differ); that is another repair.',
    ),
  ];
}
