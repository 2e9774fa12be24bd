import { z } from 'zod';

/**
 * A stretch of time in which one thing was so, as the app saw it. Times are ms since the epoch by this computer's clock.
 *
 * - `up`: a member ran as the primary; `primary` names it.
 * - `down`: there was no primary, as measured. `slackMs`: how much shorter or longer it may have been, since the app looks now and then.
 *
 * Time that no span covers was not watched, or nothing could be seen: it is not known.
 */
export const availabilitySpanSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('up'),
    from: z.number(),
    to: z.number(),
    primary: z.string(),
    timeline: z.number().nullable(),
  }),
  z.object({
    kind: z.literal('down'),
    from: z.number(),
    to: z.number(),
    slackMs: z.number().nullable(),
    /** The primary before and after; null where it is not known, or there was none yet. */
    before: z.string().nullable(),
    after: z.string().nullable(),
    /** Null: not known. */
    planned: z.boolean().nullable(),
    cause: z.string().nullable(),
  }),
]);
/** A stretch of time in which one thing was so. */
export type AvailabilitySpan = z.infer<typeof availabilitySpanSchema>;
/** A time without a primary. */
export type DownSpan = Extract<AvailabilitySpan, { kind: 'down' }>;

/** A month in a time zone: `month` is 1 to 12, `zone` a name of the IANA database such as `Europe/Berlin`. */
export const monthSchema = z.object({
  year: z.number().int().min(2000).max(2200),
  month: z.number().int().min(1).max(12),
  zone: z.string().min(1).max(64),
});
/** A month in a time zone. */
export type Month = z.infer<typeof monthSchema>;

/** Who led from when to when. */
export interface LedSpan {
  readonly member: string;
  readonly timeline: number | null;
  readonly from: number;
  readonly to: number;
}

/** A time without a primary in a report, cut to its month. */
export interface ReportedOutage extends DownSpan {
  /** Whether it began before the month, or went on after it. */
  readonly beganBefore: boolean;
  readonly wentOn: boolean;
}

/** A change of the leader that Patroni's history has, in time that nobody watched: its interruption is not known. */
export interface UnwatchedChange {
  readonly at: number;
  readonly timeline: number;
  readonly newLeader: string | null;
}

/** The availability of a cluster in one month. Lengths are ms. */
export interface AvailabilityReport {
  readonly cluster: string;
  readonly month: Month;
  /** Bounds of the month; `until` is now where it is not over. */
  readonly from: number;
  readonly until: number;
  readonly upMs: number;
  readonly downMs: number;
  readonly plannedMs: number;
  readonly unknownMs: number;
  /** up / (up + down), 0 to 1; null where nothing is known. */
  readonly available: number | null;
  /** (up + down) / the whole, 0 to 1. */
  readonly known: number;
  readonly led: readonly LedSpan[];
  readonly outages: readonly ReportedOutage[];
  /** Those of 10 s and more; shorter ones are counted in `unknownMs` alone. */
  readonly unwatched: readonly { readonly from: number; readonly to: number }[];
  readonly unwatchedChanges: readonly UnwatchedChange[];
  /** What of the record could not be read; null where all of it was. */
  readonly problem: string | null;
}
