import { z } from 'zod';
import type { OperationCheck } from '../operate/operation';

/** Paths and names that need no quotes anywhere: pgBackRest hands them on to the other side through a login shell. */
const plainPath = z
  .string()
  .max(400)
  .regex(/^(\/[\w.@+-]+)+$/, 'Give an absolute path of letters, digits and . _ @ + - without blanks.');
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Give a time of day such as 01:30.');

/** The days of the week as systemd writes them. */
export const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** Where backups are kept: on a server that the members reach by SSH, or in a directory that every member sees under one path. */
const repositorySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('server'),
    serverId: z.string().min(1),
    /** Where the members reach it. */
    address: z.string().regex(/^[\w.:-]{1,253}$/, 'Give a host name or an IP address.'),
    path: plainPath,
  }),
  z.object({ kind: z.literal('directory'), path: plainPath }),
]);
/** One of these. */
export type BackupRepository = z.infer<typeof repositorySchema>;

/** How a cluster is backed up. */
export const backupSetupSchema = z.object({
  stanza: z.string().regex(/^[A-Za-z0-9][\w-]{0,59}$/, 'Give a name of letters, digits, _ and -.'),
  repository: repositorySchema,
  /** So many full backups are kept, with all that builds on them. */
  keepFull: z.number().int().min(1).max(1000),
  compression: z.enum(['none', 'gz', 'lz4', 'zst']),
  encrypted: z.boolean(),
  /** A full backup on this day of the week, one of the changes on all others, by the server's clock. */
  fullDay: z.enum(weekdays),
  time: timeOfDay,
  changes: z.enum(['diff', 'incr']),
  /** Files are read from a replica. */
  fromReplica: z.boolean(),
});
/** One such setting. */
export type BackupSetup = z.infer<typeof backupSetupSchema>;

/** What a cluster's entry in the inventory keeps of backups that were set up from here. */
export const keptBackupsSchema = z.object({
  stanza: z.string(),
  /** The server with the repository; null where every member has it as a directory. */
  serverId: z.string().nullable(),
  /** Names the passphrase of the repository in the vault; absent: it has none. */
  passphraseSecret: z.string().optional(),
});
/** What is kept of it. */
export type KeptBackups = z.infer<typeof keptBackupsSchema>;

/** How the last proof of a cluster's backups came out: a restore into a directory of its own, from which a PostgreSQL answered. */
export const backupProofSchema = z.object({
  /** ms since the epoch. */
  at: z.number(),
  label: z.string(),
  good: z.boolean(),
  sentence: z.string(),
});
/** One such proof. */
export type BackupProof = z.infer<typeof backupProofSchema>;

/** What setting backups up would do. */
export interface BackupSetupPreview {
  readonly setup: BackupSetup;
  readonly checks: readonly OperationCheck[];
  readonly consequences: readonly string[];
  readonly steps: readonly BackupWorkStep[];
  readonly typeToConfirm: string | null;
  readonly fingerprint: string;
  readonly allowed: boolean;
}

/** What happens on a server. */
export interface BackupWorkStep {
  readonly server: string;
  readonly title: string;
  readonly lines: readonly string[];
}
