import type { ReportedFigure, ReportedFigures } from '../../model/alerts/figure';
import { bytesInWords } from '../words/wording';
import { fullAt, type DiskReading } from './disk-forecast';

/** Names what is measured of disks and of the age of transactions at the hub. */
export const VITALS_SOURCE = 'vitals';

/** A disk of a server with what lies on it, and its readings, the newest last. */
export interface FollowedDisk {
  readonly server: string;
  readonly mount: string;
  /** E.g. `the data directory`, `etcd`. */
  readonly uses: readonly string[];
  readonly readings: readonly DiskReading[];
}

/** The oldest database of a cluster. Ages in transactions. */
export interface OldestDatabase {
  readonly name: string;
  readonly age: number;
}

/** What was measured of a cluster; `unseen`: servers, or the leader's PostgreSQL, that could not be asked now. */
export interface VitalsReading {
  readonly disks: readonly FollowedDisk[];
  readonly oldest: OldestDatabase | null;
  readonly unseenServers: readonly string[];
  /** The subjects that were measured before: those of unseen servers are hidden. */
  readonly known: readonly string[];
}

/** What a disk is called in alerts: its server, and where it is mounted. */
function diskSubject({ server, mount }: Pick<FollowedDisk, 'server' | 'mount'>): string {
  return `${server} ${mount}`;
}

const MILLION = 1_000_000;
/** The subject of the age of transactions. */
const AGE_SUBJECT = 'transactions';

/** Figures of disks and of the age of transactions. */
export function vitalsFigures({ disks, oldest, unseenServers, known }: VitalsReading): ReportedFigures {
  const figures = [...disks.flatMap(figuresOfDisk), ...(oldest === null ? [] : [figureOfAge(oldest)])];
  const seen = new Set(figures.map(({ subject }) => subject));
  const isUnseen = (subject: string): boolean =>
    unseenServers.some((server) => subject.startsWith(`${server} `)) || (subject === AGE_SUBJECT && oldest === null);
  const unseen = known.filter((subject) => !seen.has(subject) && isUnseen(subject));
  const wasRead = (begin: string): boolean => known.some((subject) => subject.startsWith(begin));
  const isWhole = unseenServers.every((server) => wasRead(`${server} `)) && (oldest !== null || wasRead(AGE_SUBJECT));
  return { figures, unseen, isWhole };
}

function figuresOfDisk(disk: FollowedDisk): readonly ReportedFigure[] {
  const last = disk.readings.at(-1);
  if (last === undefined || last.size <= 0) return [];
  const subject = diskSubject(disk);
  const uses = disk.uses.length === 0 ? '' : ` (${disk.uses.join(', ')})`;
  const words = `${bytesInWords(last.free)} of ${bytesInWords(last.size)} are free on ${disk.mount} of ${disk.server}${uses}`;
  const full = fullAt(disk.readings);
  return [
    { kind: 'disk_free_percent', subject, value: (last.free * 100) / last.size, words },
    ...(full === null ? [] : [{ kind: 'disk_full_at' as const, subject, value: full, words }]),
  ];
}

function figureOfAge({ name, age }: OldestDatabase): ReportedFigure {
  return {
    kind: 'transaction_age',
    subject: AGE_SUBJECT,
    value: age / MILLION,
    words: `The oldest rows of database ${name} are ${Math.floor(age / MILLION)} million transactions old`,
  };
}
