import type { Backup, BackupStanza } from '../../model/backups/backup';
import type { RestoreRange, RestoreWish } from '../../model/backups/restore';
import type { TimelineChange } from '../../model/cluster/cluster-state';
import type { OperationCheck } from '../../model/operate/operation';
import { momentInWords, namesInWords } from '../words/wording';

/** What a target is judged by. */
export interface TargetFacts {
  readonly stanza: Pick<BackupStanza, 'backups' | 'archives'>;
  readonly systemIdentifier: string;
  /** The timeline that the cluster is on; null: not known. */
  readonly timeline: number | null;
  /** The timelines that it has left, as Patroni keeps them. */
  readonly history: readonly TimelineChange[];
  /** Until when WAL can be archived before the restore: now while the leader runs; null: not known. */
  readonly archivedUntil: number | null;
  /** ms since the epoch. */
  readonly now: number;
}

/** What becomes of a target. */
export interface JudgedTarget {
  readonly backup: Backup | null;
  readonly range: RestoreRange | null;
  readonly check: OperationCheck;
}

/** The timeline of a WAL file, by the first eight digits of its name; null where it is no such name. */
function timelineOfWal(name: string | null): number | null {
  return name !== null && /^[0-9A-F]{24}/.test(name) ? Number.parseInt(name.slice(0, 8), 16) : null;
}

const WAL_BYTES = 16 * 1024 * 1024;

/** Where a backup ends at the latest, bytes of WAL, with files of the usual size. */
function endOf({ lastLsn, lastWal }: Backup): number | null {
  if (lastLsn !== null) return lastLsn;
  const [log, segment] = [lastWal?.slice(8, 16), lastWal?.slice(16, 24)].map((part) => Number.parseInt(part ?? '', 16));
  return log === undefined || segment === undefined || Number.isNaN(log + segment)
    ? null
    : log * 2 ** 32 + (segment + 1) * WAL_BYTES;
}

/**
 * Whether WAL leads from a backup to a timeline: it is on it, or ended on one of its forerunners before that was left. After a cluster
 * went back in time, backups from the time that it gave up lead nowhere.
 */
function leadsTo(backup: Backup, timeline: number, facts: TargetFacts): boolean {
  const own = timelineOfWal(backup.lastWal);
  if (own === null) return false;
  if (own === timeline) return true;
  const isOnPath = timeline === facts.timeline || facts.history.some((row) => row.timeline === timeline);
  const left = facts.history.find((row) => row.timeline === own);
  const end = endOf(backup);
  return isOnPath && own < timeline && left !== undefined && end !== null && end <= left.lsn;
}

/** The timelines that are heard of. */
function knownTimelines({ stanza, timeline, history }: TargetFacts): readonly number[] {
  const inArchive = [
    ...stanza.archives.flatMap(({ first, last }) => [timelineOfWal(first), timelineOfWal(last)]),
    ...stanza.backups.map(({ lastWal }) => timelineOfWal(lastWal)),
  ];
  const all = [timeline, ...history.map((row) => row.timeline), ...inArchive].filter((one) => one !== null);
  return [...new Set(all)].toSorted((a, b) => a - b);
}

const refused = (sentence: string, range: RestoreRange | null): JudgedTarget => ({
  backup: null,
  range,
  check: { code: 'restore.target', verdict: 'refuses', sentence },
});

/** Which backup a restore begins with, and whether its target can be reached at all; otherwise what could be. */
export function judgeTarget(
  { target, timeline: wanted }: Omit<RestoreWish, 'member'>,
  facts: TargetFacts,
): JudgedTarget {
  const timeline = wanted ?? facts.timeline;
  if (timeline === null) return refused('On which timeline the cluster is, is not known: say along which to go.', null);
  const known = knownTimelines(facts);
  if (!known.includes(timeline))
    return refused(
      `There is no timeline ${timeline}: the cluster and its archive know ${namesInWords(known.map(String))}.`,
      null,
    );
  const eligible = facts.stanza.backups
    .filter(({ systemIdentifier }) => systemIdentifier === null || systemIdentifier === facts.systemIdentifier)
    .filter((backup) => leadsTo(backup, timeline, facts));
  const [first] = eligible;
  if (first === undefined) return refused(`No backup leads to timeline ${timeline}.`, null);
  const isCurrent = timeline === facts.timeline;
  const range = { from: first.endedAt, to: isCurrent ? facts.archivedUntil : null };
  if (target.kind === 'latest') return begin(eligible, range, Infinity, isCurrent);
  if (target.at > facts.now)
    return refused(`${momentInWords(target.at)} is in the future. ${rangeInWords(range)}`, range);
  if (target.at < range.from + 1000)
    return refused(`${momentInWords(target.at)} is before the end of the first backup. ${rangeInWords(range)}`, range);
  if (range.to !== null && target.at > range.to)
    return refused(`${momentInWords(target.at)} is past the end of the archive. ${rangeInWords(range)}`, range);
  return begin(eligible, range, target.at, isCurrent);
}

function begin(eligible: readonly Backup[], range: RestoreRange, at: number, isCurrent: boolean): JudgedTarget {
  const before = eligible.filter(({ endedAt }) => endedAt + 1000 <= at);
  const backup = before.findLast(({ damaged }) => damaged !== true) ?? before.at(-1) ?? null;
  if (backup === null) return refused(`No backup ended before. ${rangeInWords(range)}`, range);
  if (backup.damaged === true)
    return {
      ...{ backup, range },
      check: {
        code: 'restore.target',
        verdict: 'warns',
        sentence: `${backup.label} is the only backup for this target, and pages in it have wrong checksums.`,
      },
    };
  const isSure = isCurrent && range.to !== null;
  return {
    backup,
    range,
    check: isSure
      ? { code: 'restore.target', verdict: 'ok', sentence: `It begins with the backup ${backup.label}.` }
      : {
          code: 'restore.target',
          verdict: 'warns',
          sentence:
            `It begins with the backup ${backup.label}. Until when WAL of this timeline is archived is not known: PostgreSQL ` +
            'does not start where it ends before the target, and the present data is put back then.',
        },
  };
}

/** The possible range as a sentence. */
export function rangeInWords({ from, to }: RestoreRange): string {
  const end = to === null ? 'the end of its archive, which is not known from here' : momentInWords(to);
  return `Possible is from ${momentInWords(from + 1000)} to ${end}.`;
}
