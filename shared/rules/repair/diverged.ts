import type { OperationCheck } from '../../model/operate/operation';
import type { DataDirectory, RepairChoice, RepairEvidence, RepairPlan, RepairStep } from '../../model/repair/repair';
import { shellWord } from '../words/shell-words';
import { bytesInWords } from '../words/wording';
import { passes, refusesFor, warnsOf } from './check-places';
import { positionInWords, type WalFork } from './fork';
import { checkRenewal, evidenceOfData, renewConsequences, renewSteps, type RenewFacts } from './renew-member';
import { checkRewind, rewindConsequences, rewindSteps } from './rewind-member';

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
  /** The files of relations that it changes, those with most records first. */
  readonly files: readonly ChangedFile[];
}

/** A file of a relation, by the numbers that name it. */
export interface ChangedFile {
  readonly tablespace: number;
  readonly database: number;
  readonly file: number;
  readonly records: number;
}

/** The relations behind changed files, by the catalog of a member. */
export interface TouchedRelations {
  /** As in `orders.public.items`. */
  readonly names: readonly { readonly name: string; readonly records: number }[];
  /** Files that the catalog does not know. */
  readonly unknown: number;
  readonly member: string;
}

/** What the repair of a member with WAL of its own rests on. */
export interface DivergedFacts extends RenewFacts {
  /** How it is to come back. */
  readonly way: 'renew' | 'rewind';
  /** What the WAL behind the fork changes; null: nothing is behind it, or no catalog could be asked. */
  readonly touched: TouchedRelations | null;
  /** How far each one's WAL goes by its own word, bytes; 0: not told. */
  readonly positions: { readonly own: number; readonly leaders: number };

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
      ...historyEvidence(own, facts.positions.own),
      ...(leaders === null ? [] : historyEvidence(leaders, facts.positions.leaders)),
      forkEvidence(facts),
      ...lostEvidence(facts),
      ...touchedEvidence(facts),
      ...(said === null ? [] : [said]),
    ],
    checks: [
      ...checkFork(facts),
      ...checkSameCluster(facts),
      ...(facts.way === 'rewind' ? checkRewind(facts) : checkRenewal(facts)),
    ],
    steps: divergedSteps(facts),
    choices: [wayChoice(facts)],
    consequences: [
      ...(facts.runsAsPrimary
        ? [
            `Applications that are connected to ${member} lose their connections, and what they wrote there is set aside.`,
          ]
        : []),
      ...(facts.way === 'rewind' ? rewindConsequences(facts) : renewConsequences(facts)),
      'What only this member has is in the data that is kept, and in no other place: look there for what is missed.',
    ],
    silent: [],
    asksName: true,
    fingerprint: JSON.stringify([
      ...[facts.leader, facts.unit, own.content, own.directory, own.kept, own.links, fork],
      ...[leaders?.systemIdentifier ?? null, facts.runsAsPrimary, facts.way, facts.rewinds],
    ]),
  };
}

/** A PostgreSQL that runs without its Patroni is stopped by itself. */
function divergedSteps(facts: DivergedFacts): readonly RepairStep[] {
  const { own } = facts;
  const stop = `sudo -u postgres pg_ctl -D ${shellWord(own.directory)} -m fast -w stop`;
  const steps = facts.way === 'rewind' ? rewindSteps(facts) : renewSteps(facts);
  return steps.map((step) =>
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

/** The way of a member's WAL: its timelines, each with where it was left. */
function historyEvidence(
  { member, history, timeline, server, at }: DataDirectory,
  position: number,
): readonly RepairEvidence[] {
  if (timeline === null) return [];
  const source = `the history of timelines on ${server}`;
  if (history === null)
    return [{ sentence: `${member} is on timeline ${timeline}; the timelines before could not be read.`, source, at }];
  const before = history.map((end) => `${end.timeline} until ${positionInWords(end.lsn)}`);
  const now = position === 0 ? '' : `, and its WAL goes to ${positionInWords(position)}`;
  return [
    {
      sentence:
        before.length === 0
          ? `${member} is on timeline ${timeline}, its first${now}.`
          : `${member} is on timeline ${timeline}${now}; before it was on ${before.slice(-5).join(', then ')}.`,
      source,
      at,
    },
  ];
}

/** Which relations have changes that are only there. */
function touchedEvidence({ touched, lostAt, own, lost }: DivergedFacts): readonly RepairEvidence[] {
  if (lost === null || lost.files.length === 0) return [];
  if (touched === null)
    return [
      {
        sentence: `It changes ${lost.files.length} files of relations, whose names could not be read.`,
        source: `pg_waldump on ${own.server}`,
        at: lostAt,
      },
    ];
  const { names, unknown, member } = touched;
  const shown = names.slice(0, 10).map(({ name, records }) => `${name} (${records} records)`);
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  const strange = unknown === 0 ? '' : ` ${unknown} changed files are of relations that its catalog does not know.`;
  return [
    {
      sentence:
        (shown.length === 0 ? 'No table is known that it changes.' : `It changes ${shown.join(', ')}${more}.`) +
        strange,
      source: `pg_waldump on ${own.server}, with names by the catalog of ${member}`,
      at: lostAt,
    },
  ];
}

function wayChoice({ way, rewinds, keptAs }: DivergedFacts): RepairChoice {
  return {
    field: 'way',
    legend: 'How it comes back',
    chosen: way,
    options: [
      {
        value: 'renew',
        label: 'Move its data aside, and copy all of it anew',
        explain: `All data of the leader is copied. The old data stays in ${keptAs}.`,
      },
      ...(rewinds === true
        ? [
            {
              value: 'rewind',
              label: 'Keep a copy of its data, and let Patroni rewind it',
              explain:
                'pg_rewind fetches only what differs, which is quicker where the data is large. The copy is made first.',
            },
          ]
        : []),
    ],
  };
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

function divergedChecks({ member, rewinds, lost, way }: DivergedFacts): readonly OperationCheck[] {
  return [
    passes('diverged', `${member} has WAL of its own and cannot follow the leader with it.`),
    ...(rewinds === true && way === 'renew'
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
