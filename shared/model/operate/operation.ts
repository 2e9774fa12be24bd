import { z } from 'zod';

const memberName = z.string().min(1).max(400);

/** What a user may ask of a cluster. Times are ms since the epoch. */
export const operationSchema = z.discriminatedUnion('kind', [
  /** `candidate: null` lets Patroni choose the best. */
  z.object({ kind: z.literal('switchover'), leader: memberName, candidate: memberName.nullable() }),
  z.object({
    kind: z.literal('schedule_switchover'),
    leader: memberName,
    candidate: memberName.nullable(),
    at: z.number().int(),
  }),
  z.object({ kind: z.literal('failover'), candidate: memberName }),
  z.object({ kind: z.literal('reinit'), member: memberName, fromLeader: z.boolean() }),
  z.object({ kind: z.literal('restart'), member: memberName, pendingOnly: z.boolean() }),
  z.object({ kind: z.literal('schedule_restart'), member: memberName, pendingOnly: z.boolean(), at: z.number().int() }),
  z.object({
    kind: z.literal('rolling_restart'),
    pendingOnly: z.boolean(),
    role: z.enum(['any', 'leader', 'replica']),
  }),
  z.object({ kind: z.literal('reload'), members: z.array(memberName) }),
  z.object({ kind: z.literal('pause') }),
  z.object({ kind: z.literal('resume') }),
  z.object({ kind: z.literal('cancel_switchover') }),
  z.object({ kind: z.literal('cancel_restart'), member: memberName }),
  /**
   * A merge patch of the dynamic configuration; null removes a key. `base` is the configuration that it was made from: where it is
   * given, nothing is changed that somebody else has changed since.
   */
  z.object({
    kind: z.literal('change_config'),
    patch: z.record(z.string(), z.unknown()),
    base: z.record(z.string(), z.unknown()).optional(),
  }),
  /**
   * A standby cluster becomes one that takes writes. `cutOff`: the user says that applications cannot reach the cluster that it follows,
   * although that one takes writes.
   */
  z.object({ kind: z.literal('promote_cluster'), cutOff: z.boolean() }),
  /**
   * A cluster that took writes becomes the standby cluster of `site`, another cluster of the app (its id). `host` and `port` are what
   * standby_cluster says; `lose`: what it wrote since the two parted may be lost.
   */
  z.object({
    kind: z.literal('demote_cluster'),
    site: z.string().min(1).max(120),
    host: z.string().max(2000),
    port: z.string().max(200),
    slot: z.string().max(63).nullable(),
    lose: z.boolean(),
  }),
]);
/** One operation on a cluster, with what it needs to know. */
export type Operation = z.infer<typeof operationSchema>;
/** The name of an operation. */
export type OperationKind = Operation['kind'];

/** One check made before an operation. `refuses` stops it, `warns` is shown in the confirmation. */
export interface OperationCheck {
  readonly code: string;
  readonly verdict: 'ok' | 'warns' | 'refuses';
  readonly sentence: string;
}

/** A candidate with why it may not, or should not, be chosen. */
export interface Candidate {
  readonly member: string;
  readonly verdict: 'ok' | 'warns' | 'refuses';
  readonly reasons: readonly string[];
  /** Replay lag, bytes; null when not known. */
  readonly lag: number | null;
  /** For a failover: WAL that would be lost, bytes, as an estimate from the last known leader position. */
  readonly estimatedLoss: number | null;
}

/** What the confirmation shows. `fingerprint` names the state it was made from: a start with another one is refused. */
export interface OperationPreview {
  readonly operation: Operation;
  readonly title: string;
  readonly checks: readonly OperationCheck[];
  readonly candidates: readonly Candidate[];
  readonly consequences: readonly string[];
  readonly command: string;
  /** When set, the user must type exactly this. */
  readonly typeToConfirm: string | null;
  readonly fingerprint: string;
  readonly allowed: boolean;
}
