import type { AppErrorData } from '../app-error';
import type { BackupProof } from './backup-setup';
import type { ProofScheduleView } from './proof-schedule';

/** How much of the data a backup holds: all of it, what changed since the last full one, or since the last of any kind. */
export type BackupKind = 'full' | 'diff' | 'incr';

/** A backup that pgBackRest lists. Times are ms since the epoch, sizes bytes. */
export interface Backup {
  readonly label: string;
  readonly kind: BackupKind;
  readonly startedAt: number;
  readonly endedAt: number;
  /** The size of the data when restored, and what this backup takes in the repository; null: not told. */
  readonly size: number | null;
  readonly stored: number | null;
  /** The first and the last WAL file that it needs; null where WAL is not archived. */
  readonly firstWal: string | null;
  readonly lastWal: string | null;
  /** Where it ends, bytes of WAL; null: not told. */
  readonly lastLsn: number | null;
  /** The backup that it builds on; null for a full one. */
  readonly prior: string | null;
  /** Whether pages with wrong checksums were found in it; null: not told. */
  readonly damaged: boolean | null;
  /** Which of the stanza's repositories holds it. */
  readonly repository: number;
  /** The system identifier of the cluster that it is of; null: not told. */
  readonly systemIdentifier: string | null;
}

/** The WAL that a repository holds of one database system, from the first to the last file. */
export interface WalArchive {
  readonly id: string;
  readonly repository: number;
  readonly first: string | null;
  readonly last: string | null;
}

/** A stanza of pgBackRest: the backups and the archive of one cluster. */
export interface BackupStanza {
  readonly name: string;
  readonly state: 'ok' | 'empty' | 'broken';
  /** What pgBackRest says of it. */
  readonly message: string;
  readonly encrypted: boolean | null;
  /** Whether a backup runs now; null: not told. */
  readonly running: boolean | null;
  /** Of every database system that it has ever held. */
  readonly systemIdentifiers: readonly string[];
  /** The oldest first. */
  readonly backups: readonly Backup[];
  readonly archives: readonly WalArchive[];
}

/** A file of pgBackRest's configuration; values that are secret are hidden on the server already. */
export interface BackupConfigFile {
  readonly path: string;
  readonly text: string;
}

/** A systemd timer that has to do with backups. Times are ms since the epoch. */
export interface BackupTimer {
  readonly unit: string;
  readonly active: boolean;
  readonly nextAt: number | null;
  readonly lastAt: number | null;
}

/** pgBackRest on one server. */
export interface PgbackrestView {
  readonly version: string | null;
  readonly files: readonly BackupConfigFile[];
  /** null: it could not be asked; `problem` says why. */
  readonly stanzas: readonly BackupStanza[] | null;
  readonly problem: string | null;
}

/** How the PostgreSQL of a server archives its WAL. Times are ms since the epoch. */
export interface ArchivingView {
  readonly mode: string;
  /** archive_command, or `library NAME`; '' where there is none. */
  readonly command: string;
  readonly lastWal: string | null;
  readonly lastAt: number | null;
  readonly failedAt: number | null;
  readonly systemIdentifier: string | null;
  readonly dataDirectory: string | null;
}

/** What the timer that proves a stanza wrote on its server, as it stands there. */
export interface ProofRecord {
  readonly stanza: string;
  readonly text: string;
}

/** What there is of backups on one server. */
export interface BackupHost {
  /** The server's name in the inventory. */
  readonly server: string;
  /** Its member of the cluster; null for a server that only keeps backups. */
  readonly member: string | null;
  /** Why it could not be looked at; everything else is empty then. */
  readonly error: AppErrorData | null;
  /** null: not installed, where there is no error. */
  readonly pgbackrest: PgbackrestView | null;
  /** null: PostgreSQL there could not be asked, or there is none; `archivingProblem` says why. */
  readonly archiving: ArchivingView | null;
  readonly archivingProblem: string | null;
  readonly timers: readonly BackupTimer[];
  readonly proofs: readonly ProofRecord[];
  /** Other programs for backups that were seen there, in words. */
  readonly others: readonly string[];
}

/** What can be said of the backups of a cluster as a whole. */
export type BackupStanding =
  | { readonly kind: 'backed_up'; readonly stanza: string; readonly newest: Backup }
  /** Every server was read, and none knows a backup. */
  | { readonly kind: 'none'; readonly why: string }
  /** Another program seems to make them, which is not read here. */
  | { readonly kind: 'elsewhere'; readonly tools: readonly string[] }
  | { readonly kind: 'not_known'; readonly why: readonly string[] };

/** All of it, as it was read. */
export interface BackupsView {
  readonly hosts: readonly BackupHost[];
  readonly standing: BackupStanding;
  /** The stanza that was set up from here; null: none was. */
  readonly setUpHere: string | null;
  /** The stanza that somebody else set up and that was adopted; null: none was. */
  readonly adopted: string | null;
  /** The last proof, started from here or by the timer; null: none is known. */
  readonly proof: BackupProof | null;
  /** The timer that proves the newest backup; null: none was set from here. */
  readonly schedule: ProofScheduleView | null;
  /** After how long without a proof by the timer the alert is raised, days. */
  readonly proofLimitDays: number;
  /** After how long without a new backup the alert is raised, hours. */
  readonly limitHours: number;
  /** ms since the epoch. */
  readonly asOf: number;
}
