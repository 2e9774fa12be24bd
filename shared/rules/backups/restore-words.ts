import type { Backup } from '../../model/backups/backup';
import type { BackupWorkStep } from '../../model/backups/backup-setup';
import type { RestorePlace, RestoreWish } from '../../model/backups/restore';
import type { OperationCheck } from '../../model/operate/operation';
import { bytesInWords, momentInWords, namesInWords } from '../words/wording';

/** The name of the method by which Patroni makes the cluster anew, in its configuration. */
export const RESTORE_METHOD = 'matriarch_restore';
/** Beside the size of the backup: WAL, and what is written while it is replayed, bytes. */
const SPARE = 256 * 1024 ** 2;
const PER_SIZE = 1.1;

/** A moment as PostgreSQL reads it, to the millisecond. */
function postgresTime(at: number): string {
  return `${new Date(at).toISOString().replace('T', ' ').replace('Z', '')}+00`;
}

/** A word for a shell and for Python's shlex, which read single quotes alike. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

/** How Patroni makes the cluster anew: by pgBackRest and recovery up to the target (docs/replica_bootstrap.rst, "Custom bootstrap"). */
export function restoreMethod(
  wish: RestoreWish,
  backup: Pick<Backup, 'label' | 'repository'>,
  stanza: string,
  dataDirectory: string,
): Readonly<Record<string, unknown>> {
  const pgbackrest = `pgbackrest --stanza=${quoted(stanza)}`;
  const options = `--repo=${backup.repository} --set=${quoted(backup.label)} --type=none --pg1-path=${quoted(dataDirectory)}`;
  const target =
    wish.target.kind === 'time'
      ? { recovery_target_time: postgresTime(wish.target.at), recovery_target_action: 'promote' }
      : {};
  return {
    command: `${pgbackrest} ${options} restore`,
    no_params: true,
    keep_existing_recovery_conf: false,
    recovery_conf: {
      ...target,
      recovery_target_timeline: wish.timeline === null ? 'latest' : String(wish.timeline),
      restore_command: `${pgbackrest} archive-get %f "%p"`,
    },
  };
}

/** What the servers of a restore say for and against it. */
export function checkPlaces(
  places: readonly RestorePlace[],
  wish: RestoreWish,
  backup: Backup | null,
): readonly OperationCheck[] {
  return places.flatMap((place): readonly OperationCheck[] => {
    const code = 'restore.place';
    if (place.obstacle !== null) return [{ code, verdict: 'refuses', sentence: place.obstacle }];
    if (place.member === wish.member && !place.hasPgbackrest)
      return [{ code, verdict: 'refuses', sentence: `pgBackRest is not installed on ${place.server}.` }];
    return backup === null ? [] : [checkSpace(place, backup)];
  });
}

function checkSpace(place: RestorePlace, backup: Backup): OperationCheck {
  const code = 'restore.space';
  const { server, dataDirectory, free } = place;
  if (free === null || backup.size === null)
    return {
      code,
      verdict: 'refuses',
      sentence: `How much space ${dataDirectory} on ${server} has and needs is not known.`,
    };
  const needed = Math.ceil(backup.size * PER_SIZE + SPARE);
  return free < needed
    ? {
        code,
        verdict: 'refuses',
        sentence:
          `${server} has ${bytesInWords(free)} free beside ${dataDirectory} and needs ${bytesInWords(needed)}, ` +
          'because the present data stays until you remove it.',
      }
    : {
        code,
        verdict: 'ok',
        sentence: `${server} has ${bytesInWords(free)} free; ${bytesInWords(needed)} are needed.`,
      };
}

/** What a restore means for those who use the cluster, as sentences. */
export function restoreConsequences(wish: RestoreWish, places: readonly RestorePlace[]): readonly string[] {
  const lost =
    wish.target.kind === 'time'
      ? `Everything that was committed after ${momentInWords(wish.target.at)} is not in the restored cluster.`
      : 'What was committed and not yet archived is not in the restored cluster.';
  return [
    lost,
    'The cluster is down from its stop until the backup is restored and WAL replayed; how long that takes depends on their size.',
    `The present data stays on each server as ${namesInWords([...new Set(places.map(({ aside }) => aside))])}, and takes space there ` +
      'until you remove it.',
    `${wish.member} is restored first; the others are copied from it afterwards.`,
    'The restored cluster begins a new timeline. Backups from the time that is given up lead nowhere from then on: replicas are ' +
      'copied from the leader until there is a new full backup.',
  ];
}

/** Every command and file of a restore, as a person would do it. */
export function restoreSteps(
  wish: RestoreWish,
  places: readonly RestorePlace[],
  method: Readonly<Record<string, unknown>>,
  initializeKey: string,
): readonly BackupWorkStep[] {
  const first = places.find(({ member }) => member === wish.member);
  if (first === undefined) return [];
  const others = places.filter((place) => place !== first);
  const move = ({ dataDirectory, aside }: RestorePlace): readonly string[] => [
    `mv -T -- ${quoted(dataDirectory)} ${quoted(aside)}`,
    `install -d -m 0700 -o postgres -g postgres -- ${quoted(dataDirectory)}`,
  ];
  return [
    ...[...others, first].map(({ server, unit }) => ({
      server,
      title: 'Stop Patroni and PostgreSQL',
      lines: [`systemctl stop ${quoted(unit)}`],
    })),
    { server: 'etcd', title: 'Let the cluster be made anew', lines: [`etcdctl del ${quoted(initializeKey)}`] },
    { server: first.server, title: 'Keep the present data aside', lines: move(first) },
    {
      server: first.server,
      title: `Until it is restored, bootstrap in ${first.configFile} has`,
      lines: [`method: ${RESTORE_METHOD}`, `${RESTORE_METHOD}:`, ...linesOf(method, '  ')],
    },
    { server: first.server, title: 'Restore', lines: [`systemctl start ${quoted(first.unit)}`] },
    ...others.map((place) => ({
      server: place.server,
      title: 'Keep the present data aside, and copy from the leader',
      lines: [...move(place), `systemctl start ${quoted(place.unit)}`],
    })),
  ];
}

function linesOf(section: Readonly<Record<string, unknown>>, indent: string): readonly string[] {
  return Object.entries(section).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null
      ? [`${indent}${name}:`, ...linesOf({ ...value }, `${indent}  `)]
      : [`${indent}${name}: ${String(value)}`],
  );
}
