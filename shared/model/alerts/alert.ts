import { z } from 'zod';

/** The conditions that an alert can be raised for. */
export const alertRuleIds = [
  'no_leader',
  'two_primaries',
  'leader_in_trouble',
  'nobody_can_take_over',
  'member_down',
  'not_streaming',
  'lag',
  'lag_seconds',
  'behind_timeline',
  'paused',
  'pending_restart',
  'failsafe',
  'etcd_no_quorum',
  'etcd_one_failure_left',
  'etcd_alarm',
  'etcd_slow',
  'balancer',
  'slot',
  'archiver',
  'backup_none',
  'backup_old',
  'backup_proof_failed',
  'backup_proof_old',
  'certificate',
  'disk_filling',
  'disk',
  'wraparound',
  'not_seen',
] as const;
const ruleIdSchema = z.enum(alertRuleIds);
/** One of these conditions. */
export type AlertRuleId = z.infer<typeof ruleIdSchema>;

/** What the user sets of a rule; what is left out is as the rule has it. */
export const ruleSettingsSchema = z.object({
  on: z.boolean().optional(),
  /** How long the condition must last before the alert is raised, ms. */
  afterMs: z
    .number()
    .int()
    .min(0)
    .max(365 * 86_400_000)
    .optional(),
  /** In the unit of the rule. */
  threshold: z.number().min(0).max(1e15).optional(),
});
/** The settings of one rule. */
export type RuleSettings = z.infer<typeof ruleSettingsSchema>;

/** The settings of one cluster. */
const clusterAlertsSchema = z.object({
  rules: z.partialRecord(ruleIdSchema, ruleSettingsSchema).default({}),
  /** Nothing of the cluster is notified before this time, ms since the epoch; null: it is not muted. */
  mutedUntil: z.number().nullable().default(null),
});
/** The rules of a cluster as the user changed them, and whether it is muted. */
export type ClusterAlerts = z.infer<typeof clusterAlertsSchema>;

/** A span of every day in minutes since midnight of this computer's clock; it may go over midnight. */
export const quietHoursSchema = z.object({
  from: z.number().int().min(0).max(1439),
  to: z.number().int().min(0).max(1439),
});
/** When warnings are not notified. Critical alerts always are. */
export type QuietHours = z.infer<typeof quietHoursSchema>;

/** What the user sets of all alerts. */
export const alertSettingsSchema = z.object({
  version: z.literal(1).default(1),
  quietHours: quietHoursSchema.nullable().default(null),
  clusters: z.record(z.string(), clusterAlertsSchema).default({}),
});
/** All settings of alerts. */
export type AlertSettings = z.infer<typeof alertSettingsSchema>;

/** How serious an alert is. */
export type AlertSeverity = 'critical' | 'warning';

/** What an alert is about at one moment: the words change while it lasts. */
export interface AlertWords {
  readonly severity: AlertSeverity;
  readonly sentence: string;
  readonly advice: string;
}

/** A condition that lasted for as long as its rule says. Times are ms since the epoch. */
export const alertSchema = z.object({
  id: z.string(),
  clusterId: z.string(),
  clusterTitle: z.string(),
  rule: ruleIdSchema,
  /** The member, slot or other part that it is about; null for the cluster. */
  subject: z.string().nullable(),
  severity: z.enum(['critical', 'warning']),
  sentence: z.string(),
  advice: z.string(),
  /** When the condition began, as far as it was seen. */
  since: z.number(),
  raisedAt: z.number(),
  /** When the condition was last seen: what cannot be seen now is not over. */
  seenAt: z.number(),
  /** null while it lasts. */
  endedAt: z.number().nullable(),
  /** true: it has ended, and nobody was told so yet, because it may come back. */
  awaitsEnd: z.boolean().optional(),
  /** Whether the condition cannot be seen now, so that nobody knows whether it is over. */
  hidden: z.boolean().default(false),
  /** As what it was notified; null: not yet, because the cluster is muted or the hours are quiet. */
  notifiedAs: z.enum(['critical', 'warning']).nullable().default(null),
  /** How often it came back soon after it had ended: one alert that flaps, not many. */
  returned: z.number().int(),
  acknowledged: z.object({ by: z.string(), at: z.number() }).nullable(),
});
/** One alert, as it lasts or as it ended. */
export type Alert = z.infer<typeof alertSchema>;

/** What the stream of alerts carries: all that last, the last that ended, and the settings. */
export interface AlertsUpdate {
  /** Those that last first, critical ones before warnings, then the newest that ended. */
  readonly alerts: readonly Alert[];
  readonly settings: AlertSettings;
}
