import { z } from 'zod';
import type { AppErrorData } from '../app-error';
import type { OperationCheck } from '../operate/operation';

/** What a user chooses for the assessment of a new major version. */
export const assessmentChoiceSchema = z.object({
  /** The member whose data is copied, on its own server. */
  member: z.string().min(1).max(200),
  /** The major version of PostgreSQL that is assessed. */
  target: z.number().int().min(10).max(99),
  /** Where the copy is made, in a directory of its own; null: near the data. */
  directory: z.string().max(200).nullable(),
  /** The most that the copy reads, MB a second; null: as fast as it can. */
  maxRateMb: z.number().int().min(1).max(1024).nullable(),
  /** Whether packages that were installed for it are removed again at its end. */
  removePackages: z.boolean(),
});
/** What a user chooses for the assessment of a new major version. */
export type AssessmentChoice = z.infer<typeof assessmentChoiceSchema>;

/** A newer major version that a server has, or that its package sources offer. */
export interface OfferedMajor {
  readonly major: number;
  /** The version of the package, as Debian writes it. */
  readonly version: string;
  readonly installed: boolean;
}

/** A member on whose server an assessment can be made. */
export interface AssessmentPlace {
  readonly member: string;
  readonly server: string;
  readonly leads: boolean;
  /** Its major version; null: not known. */
  readonly major: number | null;
  /** Newer ones, the oldest first. */
  readonly offers: readonly OfferedMajor[];
  /** Why nothing is known of it; null where it was asked. */
  readonly error: AppErrorData | null;
}

/** One step as it is shown before it is confirmed, with the commands that do the same. */
export interface AssessmentStep {
  readonly title: string;
  readonly commands: readonly string[];
}

/** What an assessment would do now, and what is in its way. */
export interface AssessmentPreview {
  readonly choice: AssessmentChoice;
  /** The directory that would be made, whose last part is made anew each time. */
  readonly directory: string;
  /** Bytes: of the data, what is needed, and what is free there; null: not known. */
  readonly size: number | null;
  readonly needed: number | null;
  readonly free: number | null;
  /** Packages that would be installed for it. */
  readonly packages: readonly string[];
  readonly steps: readonly AssessmentStep[];
  readonly checks: readonly OperationCheck[];
  readonly consequences: readonly string[];
  readonly typeToConfirm: string | null;
  readonly fingerprint: string;
  readonly allowed: boolean;
}

const packagesSchema = z.object({
  serverId: z.string(),
  server: z.string(),
  major: z.number().int(),
  names: z.array(z.string()),
  at: z.number(),
});
/** Packages that an assessment installed and that are still there. `at` is ms. */
export type AssessmentPackages = z.infer<typeof packagesSchema>;
export { packagesSchema as assessmentPackagesSchema };

const databaseSchema = z.object({
  name: z.string(),
  bytes: z.number(),
  relations: z.number(),
  largeObjects: z.number(),
  extensions: z.array(z.object({ name: z.string(), version: z.string() })),
});

/** How an assessment came out, as it is kept on this computer. Times are ms since the epoch, sizes bytes. */
export const assessmentReportSchema = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{8,32}$/),
  clusterId: z.string(),
  cluster: z.string(),
  /** As Patroni calls it. */
  scope: z.string(),
  startedAt: z.number(),
  endedAt: z.number(),
  member: z.string(),
  server: z.string(),
  /** The version of PostgreSQL that was copied, as a number (150014), and of the new one in words (17.6). */
  from: z.number().int(),
  target: z.number().int(),
  targetVersion: z.string(),
  /** clean: pg_upgrade has nothing against it. refused: it has. failed: it could not be asked. */
  verdict: z.enum(['clean', 'refused', 'failed']),
  sentence: z.string(),
  /** What pg_upgrade looked at, in its own words, and how that came out. */
  checks: z.array(z.object({ name: z.string(), result: z.string() })),
  /** All that it printed, and the files that it wrote for it. */
  said: z.string(),
  files: z.array(z.object({ name: z.string(), text: z.string(), whole: z.boolean() })),
  databases: z.array(databaseSchema),
  /** Extensions that the new version does not have on this server, with the package that brings the present one. */
  missingExtensions: z.array(z.object({ name: z.string(), package: z.string().nullable() })),
  /** Extensions that it has in another version than the one in use. */
  otherExtensions: z.array(z.object({ name: z.string(), now: z.string(), then: z.string() })),
  /** Libraries of shared_preload_libraries that it does not have. */
  missingLibraries: z.array(z.string()),
  /** Parameters that are set and that it does not know, or whose value it refuses. */
  unknownParameters: z.array(z.string()),
  refusedParameters: z.array(z.object({ name: z.string(), why: z.string() })),
  /** Parameters that are not set and whose default is another one. */
  changedDefaults: z.array(z.object({ name: z.string(), before: z.string(), after: z.string() })),
  /** Logical slots on the leader; null: not known. A copy has none. */
  logicalSlots: z.array(z.object({ name: z.string(), plugin: z.string(), database: z.string() })).nullable(),
  preparedTransactions: z.number().nullable(),
  checksums: z.boolean().nullable(),
  replicas: z.array(z.string()),
  copy: z.object({ bytes: z.number(), ms: z.number(), maxRateMb: z.number().nullable() }).nullable(),
  checkMs: z.number().nullable(),
  /** Counterparts of installed packages that no source offers for the new version. */
  notOffered: z.array(z.string()),
  /** What could not be removed; empty: nothing of it is left. */
  left: z.array(z.string()),
  installed: z.array(z.string()),
  packagesRemoved: z.boolean(),
});
/** How an assessment came out. */
export type AssessmentReport = z.infer<typeof assessmentReportSchema>;

/** The assessments of a cluster that are kept on this computer, and what one that was broken off left. */
export interface AssessmentsView {
  /** Newest first. */
  readonly reports: readonly AssessmentReport[];
  /** Files that could not be read. */
  readonly unreadable: readonly string[];
  /** What may be on a server, as a sentence; null: nothing. */
  readonly left: { readonly startedAt: number; readonly sentence: string } | null;
  readonly packages: readonly AssessmentPackages[];
}
