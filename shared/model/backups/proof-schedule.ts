import { z } from 'zod';
import { timeOfDaySchema, weekdays } from './backup-setup';

/** When and on which server the newest backup is proved by a timer, by that server's clock. */
export const proofScheduleSchema = z.object({
  serverId: z.string().min(1),
  day: z.enum(weekdays),
  time: timeOfDaySchema,
});
/** One such setting. */
export type ProofSchedule = z.infer<typeof proofScheduleSchema>;

/** What a cluster's entry in the inventory keeps of it. `since` is when it was set, ms since the epoch. */
export const keptProofScheduleSchema = proofScheduleSchema.extend({ stanza: z.string(), since: z.number() });
/** What is kept of it. */
export type KeptProofSchedule = z.infer<typeof keptProofScheduleSchema>;

/** The timer as it is shown. */
export interface ProofScheduleView extends KeptProofSchedule {
  /** The server's name in the inventory. */
  readonly server: string;
}
