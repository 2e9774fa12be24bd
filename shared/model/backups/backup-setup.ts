import { z } from 'zod';
import type { OperationCheck } from '../operate/operation';

/** Paths and names that need no quotes anywhere: pgBackRest hands them on to the other side through a login shell. */
const plainPath = z
  .string()
  .max(400)
  .regex(/^(\/[\w.@+-]+)+$/, 'Give an absolute path of letters, digits and . _ @ + - without blanks.');
/** A time of day, hours and minutes. */
export const timeOfDaySchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Give a time of day such as 01:30.');

/** The days of the week as systemd writes them. */
export const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/**
 * Where backups are kept: on a server that the members reach by SSH, in a directory that every member sees under one
 * path, or in a store.
 */
const repositorySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('server'),
    serverId: z.string().min(1),
    /** Where the members reach it. */
    address: z.string().regex(/^[\w.:-]{1,253}$/, 'Give a host name or an IP address.'),
    path: plainPath,
  }),
  z.object({ kind: z.literal('directory'), path: plainPath }),
  z.object({
    kind: z.literal('s3'),
    /** A host, with its port where that is not 443. pgBackRest speaks TLS with it and nothing else. */
    endpoint: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:\d{1,5})?$/, 'Give a host, or host:port, without https://.'),
    bucket: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/, 'Give the name of a bucket.'),
    region: z.string().regex(/^[A-Za-z0-9][\w-]{0,62}$/, 'Give a region, such as us-east-1.'),
    path: plainPath,
    /** How the bucket stands in an address: before the host, or after it. */
    addressing: z.enum(['host', 'path']),
    /** PEM text of who signed the store's certificate; '': the system's own authorities. It is always verified. */
    ca: z
      .string()
      .max(100_000)
      .refine(
        (text) =>
          text.trim() === '' || /^-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----$/.test(text.trim()),
        {
          message: 'Give certificates as PEM text, or nothing.',
        },
      ),
  }),
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
  time: timeOfDaySchema,
  changes: z.enum(['diff', 'incr']),
  /** Files are read from a replica. */
  fromReplica: z.boolean(),
});
/** One such setting. */
export type BackupSetup = z.infer<typeof backupSetupSchema>;

/** By which a store is opened. They go into the vault and the configuration of pgBackRest, and nowhere else. */
export const storeLoginSchema = z.object({
  key: z.string().regex(/^[\x21-\x7e]{1,256}$/, 'Give the access key.'),
  secret: z.string().regex(/^[\x21-\x7e]{1,512}$/, 'Give the secret key.'),
});
/** One such login. */
export type StoreLogin = z.infer<typeof storeLoginSchema>;

const parameterSchema = z.union([z.string(), z.number(), z.boolean()]).nullable();

/** What a cluster's entry in the inventory keeps of backups that were set up from here, or by somebody else and adopted. */
export const keptBackupsSchema = z.object({
  stanza: z.string(),
  /** The server with the repository; null where every member has it as a directory. */
  serverId: z.string().nullable(),
  /** Names the passphrase of the repository in the vault; absent: it has none. */
  passphraseSecret: z.string().optional(),
  /** Name the access key and the secret key of the store in the vault; absent: there is no store. */
  storeKey: z.string().optional(),
  storeSecret: z.string().optional(),
  /** Somebody else set them up: nothing on the servers is the app's. */
  adopted: z.literal(true).optional(),
  /** What the dynamic configuration had before; null: nothing. */
  formerArchive: z.object({ mode: parameterSchema, command: parameterSchema }).optional(),
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
export interface BackupSetupPreview extends BackupWorkPreview {
  readonly setup: BackupSetup;
}

/** What a work on servers would do. `typeToConfirm` is what the user must type exactly; null: nothing. */
export interface BackupWorkPreview {
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
