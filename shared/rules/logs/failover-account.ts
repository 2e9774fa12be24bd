import type { ClusterEvent, TimelineChange } from '../../model/cluster/cluster-state';
import type { LogGap, LogRecord } from '../../model/logs/log-record';

/** Why a leader was lost, as far as the evidence says. */
export type FailoverCause =
  | 'manual'
  | 'out_of_memory'
  | 'disk_full'
  | 'killed'
  | 'postgres_crash'
  | 'stopped'
  | 'dcs_lost'
  | 'cut_off'
  | 'power_cut'
  | 'unknown';

/** A sentence of an account with the lines it rests on. `missing`: it says what is not known, and why. */
export interface AccountSentence {
  readonly text: string;
  readonly missing: boolean;
  readonly lines: readonly LogRecord[];
  readonly events: readonly ClusterEvent[];
}

/** An account of a change of the leader. */
export interface FailoverAccount {
  readonly cause: FailoverCause;
  readonly from: string | null;
  readonly to: string | null;
  readonly sentences: readonly AccountSentence[];
}

/** What an account rests on: everything of some minutes around the change, oldest first. */
export interface FailoverEvidence {
  /** The change as it was recorded or as the history has it, ms since the epoch. */
  readonly at: number;
  readonly records: readonly LogRecord[];
  readonly gaps: readonly LogGap[];
  readonly events: readonly ClusterEvent[];
  readonly history: readonly TimelineChange[];
}

/** An event or a row of the history belongs to a change when it is no further from it than this. */
const NEAR_MS = 90_000;

const PROMOTED = /promoted self to leader|received promote request|Lock owner: .*promoting|selected new timeline ID/;
const SHUTDOWN = /received (?:fast|smart|immediate) shutdown request|received SIGTERM|Stopping patroni|Stopped patroni/;

interface CauseRule {
  readonly cause: FailoverCause;
  /** Lines of the old leader, or of anybody where `anywhere` is set. */
  readonly pattern: RegExp;
  readonly anywhere?: boolean;
  readonly says: (leader: string) => string;
}

/** The graver and the more certain first: a process that the kernel killed for memory was also "killed". */
const CAUSE_RULES: readonly CauseRule[] = [
  {
    cause: 'manual',
    pattern: /received (?:switchover|failover) request|manual failover: demoting myself|[Ss]witchover request/,
    anywhere: true,
    says: (leader) => `Somebody asked for it: ${leader} gave the lock away in order.`,
  },
  {
    cause: 'out_of_memory',
    pattern: /[Oo]ut of memory: Killed process|oom-kill|killed by the OOM killer|result 'oom-kill'/,
    says: (leader) => `The kernel of ${leader} ran out of memory and killed a process.`,
  },
  {
    cause: 'disk_full',
    pattern: /No space left on device|could not (?:write|extend) .*: No space|Disk quota exceeded/,
    says: (leader) => `A file system on ${leader} was full.`,
  },
  {
    cause: 'killed',
    pattern: /patroni\S*\.service: (?:Main process exited, code=killed|Failed with result 'signal')/,
    says: (leader) => `Patroni on ${leader} was killed.`,
  },
  {
    cause: 'postgres_crash',
    pattern:
      /was terminated by signal|PANIC:|database system was interrupted|Postgresql is not running|terminating any other active server processes/,
    says: (leader) => `PostgreSQL on ${leader} crashed.`,
  },
  {
    cause: 'dcs_lost',
    pattern:
      /DCS is not accessible|failed to update leader lock|demoting self because DCS|Failed to get list of machines|etcdserver: no leader/,
    says: (leader) => `${leader} could not reach the DCS, and may not lead without it.`,
  },
  {
    cause: 'stopped',
    pattern:
      /received SIGTERM, shutting down|Stopping patroni|patroni\S*\.service: Deactivated successfully|Stopped patroni/,
    says: (leader) => `Patroni on ${leader} was stopped in order.`,
  },
];

interface Change {
  readonly from: string | null;
  readonly to: string | null;
  readonly row: TimelineChange | null;
  readonly lost: ClusterEvent | null;
  readonly elected: ClusterEvent | null;
}

/** Who led before and who leads after, from the recorder, Patroni's history and the lines of the promotion. */
function findChange({ at, events, history, records }: FailoverEvidence): Change {
  const near = events.filter((event) => Math.abs(event.at - at) <= NEAR_MS);
  const nearest = (kind: ClusterEvent['kind']): ClusterEvent | null =>
    closest(
      near.filter((event) => event.kind === kind),
      at,
    );
  const [lost, elected] = [nearest('leader_lost'), nearest('leader_elected') ?? nearest('promoted')];
  const row = closest(
    history.flatMap((one) => (one.at !== null && Math.abs(one.at - at) <= NEAR_MS ? [{ ...one, at: one.at }] : [])),
    at,
  );
  const promoted = records.find((record) => PROMOTED.test(record.text))?.member ?? null;
  const to = elected?.member ?? row?.newLeader ?? promoted;
  const before = history.filter((one) => one.at !== null && row !== null && one.timeline < row.timeline).at(-1);
  const lastWord = records
    .filter((record) => record.member !== to && /the leader with the lock/.test(record.text))
    .at(-1);
  return { from: lost?.member ?? lastWord?.member ?? before?.newLeader ?? null, to, row, lost, elected };
}

function closest<T extends { readonly at: number }>(all: readonly T[], at: number): T | null {
  return [...all].sort((one, other) => Math.abs(one.at - at) - Math.abs(other.at - at))[0] ?? null;
}

const sentence = (
  text: string,
  lines: readonly (LogRecord | undefined)[] = [],
  events: readonly (ClusterEvent | null)[] = [],
): AccountSentence => ({
  text,
  missing: false,
  lines: lines.filter((line) => line !== undefined),
  events: events.filter((event) => event !== null),
});

const missing = (text: string): AccountSentence => ({ text, missing: true, lines: [], events: [] });

/** What is known of why, from the lines of the old leader until the new one took over. */
function findCause(
  evidence: FailoverEvidence,
  change: Change,
): { readonly cause: FailoverCause; readonly sentences: readonly AccountSentence[] } {
  const { from } = change;
  const end =
    evidence.records.find((record) => record.member === change.to && PROMOTED.test(record.text))?.at ?? evidence.at;
  const before = evidence.records.filter((record) => record.at <= end + 2_000);
  const name = from ?? 'The former leader';
  for (const rule of CAUSE_RULES) {
    const lines = before.filter(
      (record) => (rule.anywhere === true || record.member === from) && rule.pattern.test(record.text),
    );
    if (lines.length > 0) return { cause: rule.cause, sentences: [sentence(rule.says(name), lines.slice(-3))] };
  }
  const asked = evidence.events.find(
    (event) => event.kind === 'failover_requested' && Math.abs(event.at - evidence.at) <= NEAR_MS,
  );
  if (asked !== undefined)
    return { cause: 'manual', sentences: [sentence('Somebody asked for it, as the recorder saw.', [], [asked])] };
  return causeOfSilence(evidence, change, before);
}

/** The old leader said nothing of why: silence has causes too. */
function causeOfSilence(
  { gaps, events, at, records }: FailoverEvidence,
  { from }: Change,
  before: readonly LogRecord[],
): { readonly cause: FailoverCause; readonly sentences: readonly AccountSentence[] } {
  const name = from ?? 'the former leader';
  const own = before.filter((record) => record.member === from);
  const last = own.at(-1);
  const gap = gaps.find(
    (one) =>
      one.member === from &&
      one.cause === 'cut_off' &&
      one.from <= at + NEAR_MS &&
      (one.to ?? Infinity) >= at - NEAR_MS,
  );
  const lost = events.find(
    (event) => event.kind === 'ssh_lost' && event.member === from && Math.abs(event.at - at) <= NEAR_MS,
  );
  const after = records.find((record) => record.member === from && record.at > (last?.at ?? at));
  if (last !== undefined && (gap !== undefined || lost !== undefined)) {
    return {
      cause: 'power_cut',
      sentences: [
        sentence(
          `${name} went silent without a last word, and its server was not reached either: it lost its power, or its network.`,
          [last],
          [lost ?? null],
        ),
      ],
    };
  }
  if (own.length === 0)
    return {
      cause: 'unknown',
      sentences: [
        missing(`There are no lines of ${name} from before the change, so why it lost the lock is not known.`),
      ],
    };
  const isSilent = at - (last?.at ?? at) > 15_000 && !own.some((record) => SHUTDOWN.test(record.text));
  if (isSilent && after !== undefined)
    return {
      cause: 'cut_off',
      sentences: [
        sentence(`${name} wrote nothing for a while and then went on: it stood still, or was cut off.`, [last, after]),
      ],
    };
  return {
    cause: 'unknown',
    sentences: [missing(`The lines of ${name} from before the change do not say why it lost the lock.`)],
  };
}

/** Tells why the leader changed, in sentences that each have the lines they rest on; what is not known is said to be so. Pure. */
export function describeFailover(evidence: FailoverEvidence): FailoverAccount {
  const change = findChange(evidence);
  const { from, to, row } = change;
  const { cause, sentences } = findCause(evidence, change);
  return {
    cause,
    from,
    to,
    sentences: [
      ...leaderBefore(evidence, change),
      ...sentences,
      ...(change.lost === null ? [] : [sentence(`The lock of ${from ?? 'the leader'} was gone.`, [], [change.lost])]),
      ...promotion(evidence, change),
      ...(row === null
        ? [missing("Patroni's history has no row for this change: it is written when the new leader has its timeline.")]
        : [sentence(`Patroni's history says that timeline ${String(row.timeline)} ended: ${row.reason}.`)]),
      ...holes(evidence, [from, to]),
    ],
  };
}

function leaderBefore({ records }: FailoverEvidence, { from }: Change): readonly AccountSentence[] {
  if (from === null) return [missing('Who led before is not known: neither the recorder nor the lines say it.')];
  const word = records
    .filter((record) => record.member === from && /the leader with the lock/.test(record.text))
    .at(-1);
  return [
    word === undefined
      ? missing(`${from} led before, but no line of its own says when it last held the lock.`)
      : sentence(`${from} led, and last said so here.`, [word]),
  ];
}

function promotion(
  { records, events, at }: FailoverEvidence,
  { from, to, elected }: Change,
): readonly AccountSentence[] {
  if (to === null) return [missing('Nobody is seen to have taken the lock.')];
  const own = records.filter((record) => record.member === to);
  const lines = own.filter((record) => PROMOTED.test(record.text)).slice(0, 3);
  const ready = own.find(
    (record) => record.at >= (lines[0]?.at ?? at) && /ready to accept connections/.test(record.text),
  );
  const refused = records
    .filter(
      (record) =>
        record.member !== to &&
        record.member !== from &&
        /exceeds maximum replication lag|nofailover|not healthy enough/.test(record.text),
    )
    .slice(-2);
  const gap = events.find((event) => event.kind === 'primary_gap' && Math.abs(event.at - at) <= NEAR_MS);
  const seconds = gap?.durationMs === undefined ? null : (gap.durationMs / 1000).toFixed(1);
  return [
    lines.length === 0 && elected === null
      ? missing(`${to} leads now, but no line says how it was promoted.`)
      : sentence(`${to} took the lock and was promoted.`, lines, [elected]),
    ...(refused.length === 0 ? [] : [sentence(`Other members did not stand for it.`, refused)]),
    ...(ready === undefined ? [] : [sentence(`PostgreSQL on ${to} took writes from then on.`, [ready])]),
    ...(seconds === null ? [] : [sentence(`There was no primary for ${seconds} s.`, [], [gap ?? null])]),
  ];
}

function holes({ gaps, records }: FailoverEvidence, names: readonly (string | null)[]): readonly AccountSentence[] {
  const [first, last] = [records[0]?.at ?? -Infinity, records.at(-1)?.at ?? Infinity];
  return gaps
    .filter(
      (gap) =>
        names.includes(gap.member) && gap.state !== 'filled' && gap.from <= last && (gap.to ?? Infinity) >= first,
    )
    .map((gap) => missing(gap.sentence));
}
