import { z } from 'zod';
import type { BackupWorkStep } from './backup-setup';
import type { OperationCheck } from '../operate/operation';
import type { Backup } from './backup';

/** Up to which moment a cluster is restored: to a time, or to the end of what is archived. */
const restoreTargetSchema = z.discriminatedUnion('kind', [
  /** ms since the epoch; what was committed later is not in the restored cluster. */
  z.object({ kind: z.literal('time'), at: z.number().int().min(0).max(8.64e15) }),
  z.object({ kind: z.literal('latest') }),
]);
/** One of these. */
export type RestoreTarget = z.infer<typeof restoreTargetSchema>;

/** What is to be restored. */
export const restoreWishSchema = z.object({
  /** The member whose server restores the backup; the others copy from it. */
  member: z.string().min(1).max(400),
  target: restoreTargetSchema,
  /** Along which timeline; null: the one that the cluster is on. */
  timeline: z.number().int().positive().max(0xffffffff).nullable(),
});
/** One such wish. */
export type RestoreWish = z.infer<typeof restoreWishSchema>;

/** What stands on a member's server that a restore touches. Sizes are bytes. */
export interface RestorePlace {
  readonly member: string;
  readonly server: string;
  /** The unit of its Patroni. */
  readonly unit: string;
  readonly dataDirectory: string;
  /** Where the present data is kept, beside the data directory. */
  readonly aside: string;
  /** The file in which its Patroni finds how a new cluster is made. */
  readonly configFile: string;
  readonly free: number | null;
  readonly hasPgbackrest: boolean;
  /** Why its data directory cannot be put aside by being renamed; null where it can. */
  readonly obstacle: string | null;
}

/** Between which moments a cluster can be restored, ms since the epoch; `to` is null where it is not known. */
export interface RestoreRange {
  readonly from: number;
  readonly to: number | null;
}

/** What a restore would do. */
export interface RestorePreview {
  readonly wish: RestoreWish;
  readonly stanza: string | null;
  /** The backup that it begins with; null where there is none for this target. */
  readonly backup: Backup | null;
  readonly range: RestoreRange | null;
  readonly places: readonly RestorePlace[];
  readonly checks: readonly OperationCheck[];
  readonly consequences: readonly string[];
  /** Every command and every file, by server, in the order in which it happens. */
  readonly steps: readonly BackupWorkStep[];
  /** What the user must type exactly. */
  readonly typeToConfirm: string;
  readonly fingerprint: string;
  readonly allowed: boolean;
}
