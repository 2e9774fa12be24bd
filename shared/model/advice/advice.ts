import { z } from 'zod';

/** The rules of the advice, in the order in which they are told where they are equally grave. */
export const adviceRuleIds = [
  'only_copy',
  'same_machine',
  'nobody_may_take_over',
  'etcd_odd',
  'etcd_apart',
  'timing',
  'sync_count',
  'sync_strict',
  'sync_off',
  'maximum_lag',
  'failsafe',
  'watchdog',
  'paused',
  'one_server',
  'clock',
  'rewind',
  'same_parameters',
  'hba_trust',
  'hba_world',
  'hba_plain',
  'weak_passwords',
  'md5_passwords',
  'rest_open',
  'rest_tls',
  'etcd_open',
  'postgres_tls',
  'backup',
  'archive',
  'checksums',
  'slot_limit',
  'wal_keep',
  'max_wal_size',
  'feedback',
  'postgres_version',
  'patroni_version',
  'etcd_version',
  'etcd_api',
  'pooler',
  'monitoring',
  'rehearsal',
] as const;
/** A rule of the advice. */
export const adviceRuleIdSchema = z.enum(adviceRuleIds);
/** One of these rules. */
export type AdviceRuleId = z.infer<typeof adviceRuleIdSchema>;

/** How grave it is: `critical` can lose data, the cluster or its secrets; `info` is a choice that may be meant. */
export type AdviceSeverity = 'critical' | 'warning' | 'info';

/** Something that was read, or why it was not. `where` is for people; `at` is ms since the epoch. */
export type Reading<T> =
  | { readonly kind: 'read'; readonly value: T; readonly where: string; readonly at: number }
  | { readonly kind: 'not_read'; readonly why: string };

/** What an advice rests on: what was read, where and when (ms since the epoch). */
export interface AdviceEvidence {
  readonly text: string;
  readonly where: string;
  readonly at: number;
}

/** Where in this app something can be done about it: a tab of the cluster's page, and a view of it. */
export interface AdvicePlace {
  readonly tab:
    'overview' | 'configuration' | 'postgres' | 'servers' | 'etcd' | 'balancers' | 'charts' | 'access' | 'maintenance';
  readonly view?: string;
  /** What the button says, e.g. `Open pg_hba`. */
  readonly label: string;
}

/** What one rule advises. */
export interface Advice {
  readonly rule: AdviceRuleId;
  readonly severity: AdviceSeverity;
  /** The members, roles or lines that it is about, sorted; empty for the cluster as a whole. */
  readonly about: readonly string[];
  readonly sentence: string;
  readonly evidence: readonly AdviceEvidence[];
  readonly todo: string;
  /** null: nothing in this app does it. */
  readonly place: AdvicePlace | null;
}

/** What a rule could not look at. */
export interface NotChecked {
  readonly rule: AdviceRuleId;
  /** The member or other part; null for all of it. */
  readonly about: string | null;
  readonly why: string;
}

/** A rule that has nothing to say, and what it looked at. */
export interface WellFound {
  readonly rule: AdviceRuleId;
  readonly seen: string;
}

/** One reading of a cluster with all that follows from it. Times are ms since the epoch. */
export interface AdviceReport {
  readonly clusterId: string;
  readonly title: string;
  readonly scope: string;
  readonly from: number;
  readonly to: number;
  /** The gravest first. */
  readonly advice: readonly Advice[];
  readonly notChecked: readonly NotChecked[];
  readonly well: readonly WellFound[];
}

/** An advice that somebody set aside. It counts for no more than what it was about then. */
export const asideSchema = z.object({
  rule: adviceRuleIdSchema,
  severity: z.enum(['critical', 'warning', 'info']),
  about: z.array(z.string()),
  reason: z.string().min(1).max(2000),
  by: z.string(),
  /** ms since the epoch. */
  at: z.number(),
});
/** An advice that was set aside: by whom, when and why. */
export type Aside = z.infer<typeof asideSchema>;

/** What the stream of a cluster's advice carries. */
export interface AdviceUpdate {
  /** The last reading; null: there was none. */
  readonly report: AdviceReport | null;
  /** How far the present reading is; null: none is under way. */
  readonly progress: { readonly done: number; readonly of: number; readonly doing: string } | null;
  readonly asides: readonly Aside[];
}
