import { z } from 'zod';
import type { OperationCheck } from '../operate/operation';

/** What a drill does to the leader. */
export const drillFaults = [
  'switchover',
  'postgres_killed',
  'patroni_killed',
  'patroni_frozen',
  'server_rebooted',
  'network_cut',
] as const;
/** What a drill does to the leader. */
export type DrillFault = (typeof drillFaults)[number];

/** How applications come in: through HAProxy, through PgBouncer, by the virtual address, or by a DSN that names every member. */
export const drillWayKinds = ['haproxy', 'pgbouncer', 'vip', 'direct'] as const;
/** One way in. */
export type DrillWayKind = (typeof drillWayKinds)[number];

/** How long a fault may last before the server heals it by itself, s. */
export const DRILL_LIMIT = { least: 15, most: 300 } as const;

/** What a user chooses. A virtual address is `host:port`; null leaves the choice to the app. */
export const drillChoiceSchema = z.object({
  fault: z.enum(drillFaults),
  /** The server that writes beside this computer, and whose network this computer's writes go through. */
  serverId: z.string().min(1).max(200).nullable(),
  ways: z.array(z.enum(drillWayKinds)).min(1).max(drillWayKinds.length),
  vip: z.string().max(300).nullable(),
  limitSeconds: z.number().int().min(DRILL_LIMIT.least).max(DRILL_LIMIT.most),
});
/** What a user chooses. */
export type DrillChoice = z.infer<typeof drillChoiceSchema>;

const targetSchema = z.object({ host: z.string(), port: z.number().int() });
const waySchema = z.object({
  kind: z.enum(drillWayKinds),
  /** Where it leads, as seen from the server that writes; several for `direct`. Empty where there is no such way. */
  targets: z.array(targetSchema),
  /** Why there is no such way here; null where there is one. */
  missing: z.string().nullable(),
});
/** A way in with where it leads. */
export type DrillWay = z.infer<typeof waySchema>;

/** Who writes: this computer, through SSH, or a server of the user's choice. */
const drillClients = ['workstation', 'server'] as const;
/** Who writes. */
export type DrillClient = (typeof drillClients)[number];

const measureSchema = z.object({
  client: z.enum(drillClients),
  way: z.enum(drillWayKinds),
  /** `interrupted`: there was a gap, and it ended. `open`: writes were not back when the drill ended. */
  end: z.enum(['none', 'interrupted', 'open', 'not_measured']),
  /** The longest gap, from the first refused or late write to the first one acknowledged again, ms. */
  gapMs: z.number().nullable(),
  /** When the longest gap began, ms after the fault; negative where a write was under way already. */
  afterMs: z.number().nullable(),
  gaps: z.number().int(),
  /** All gaps together, ms. */
  totalMs: z.number(),
  /** Why it was not measured, or what makes the figure less certain; null where there is nothing to say. */
  note: z.string().nullable(),
  /** The first refusal in its own words; null where nothing was refused. */
  firstRefusal: z.string().nullable(),
  written: z.number().int(),
  acknowledged: z.number().int(),
  /** Acknowledged and not found afterwards: how many, and the first of them by number. Null: could not be looked for. */
  lost: z.object({ count: z.number().int(), numbers: z.array(z.number().int()) }).nullable(),
  /** Not acknowledged and found all the same. */
  foundUnacknowledged: z.number().int().nullable(),
});
/** What one client saw by one way. */
export type DrillMeasure = z.infer<typeof measureSchema>;

const rejoinSchema = z.object({
  /** How the former leader came back, from the log of its Patroni. */
  how: z.enum(['stayed', 'followed', 'rewind', 'reinit', 'not_back', 'not_known']),
  /** What it said of itself on its way, ms after the fault. */
  steps: z.array(z.object({ afterMs: z.number(), text: z.string() })),
  /** When it streamed from the new leader, ms after the fault; null where it did not, or led on. */
  streamsAfterMs: z.number().nullable(),
});
/** How the former leader came back. */
export type DrillRejoin = z.infer<typeof rejoinSchema>;

/** Who took the fault away: the app, the server by itself, or nobody had to. */
const healingSchema = z.enum(['app', 'server', 'not_needed', 'not_known']);
/** Who took the fault away. */
export type DrillHealing = z.infer<typeof healingSchema>;

/** The report of a drill, as it is kept on this computer. Times are ms since the epoch. */
export const drillReportSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  clusterId: z.string(),
  cluster: z.string(),
  who: z.string(),
  fault: z.enum(drillFaults),
  startedAt: z.number(),
  struckAt: z.number(),
  endedAt: z.number(),
  leaderBefore: z.string(),
  leaderAfter: z.string().nullable(),
  timelineBefore: z.number().nullable(),
  timelineAfter: z.number().nullable(),
  patroniVersion: z.string().nullable(),
  times: z.object({ ttl: z.number(), loopWait: z.number(), retryTimeout: z.number() }).nullable(),
  synchronous: z.string(),
  server: z.string().nullable(),
  ways: z.array(waySchema),
  limitSeconds: z.number(),
  healing: healingSchema,
  /** When the fault was away, ms after it; null where that was not seen. */
  healedAfterMs: z.number().nullable(),
  /** From the fault to the moment at which a member ran as the primary again; null: the same one ran on, or it was not seen. */
  primaryAfterMs: z.number().nullable(),
  measures: z.array(measureSchema),
  rejoin: rejoinSchema,
  /** Whether what the drill made in the cluster was removed. */
  removed: z.boolean(),
  sentence: z.string(),
});
/** The report of a drill. */
export type DrillReport = z.infer<typeof drillReportSchema>;

/** A server that may write in a drill. */
export interface DrillServer {
  readonly serverId: string;
  readonly name: string;
  /** The member that runs on it; null where it is another server. */
  readonly member: string | null;
}

/** What the confirmation shows. */
export interface DrillPreview {
  readonly choice: DrillChoice;
  readonly leader: string | null;
  readonly servers: readonly DrillServer[];
  readonly ways: readonly DrillWay[];
  readonly checks: readonly OperationCheck[];
  readonly consequences: readonly string[];
  readonly command: string;
  readonly typeToConfirm: string | null;
  readonly fingerprint: string;
  readonly allowed: boolean;
}

/** What a drill that was broken off left behind, as far as the app knows. */
export interface DrillLeft {
  readonly id: string;
  readonly startedAt: number;
  readonly fault: DrillFault;
  readonly sentence: string;
}

/** The drills of a cluster: reports, newest first, and what is left of one that was broken off. */
export interface DrillView {
  readonly reports: readonly DrillReport[];
  readonly left: DrillLeft | null;
  /** Reports on disk that could not be read, by their files. */
  readonly unreadable: readonly string[];
}
