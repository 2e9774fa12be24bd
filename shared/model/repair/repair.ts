import { z } from 'zod';
import type { OperationCheck } from '../operate/operation';

const memberName = z.string().min(1).max(400);
/** The name of a replication slot that was chosen; '': none of them, null: not chosen yet. */
const chosenSlot = z.string().max(63).nullable();

/** What may be repaired under guidance, each with what it is about. */
export const repairSchema = z.discriminatedUnion('kind', [
  /** The key of a member below members/ that no Patroni keeps. */
  z.object({ kind: z.literal('stale_member'), member: memberName }),
  /** All keys of the cluster in the DCS, when none of its Patronis runs any more. */
  z.object({ kind: z.literal('stale_scope') }),
  /** An `initialize` key of a cluster that never came to be: nobody leads, and no server has its data. */
  z.object({ kind: z.literal('stuck_bootstrap') }),
  /** A member whose data directory is of another cluster. */
  z.object({ kind: z.literal('foreign_data'), member: memberName }),
  /** An etcd that has lost its majority for good: one member survives. */
  z.object({ kind: z.literal('etcd_quorum') }),
  /**
   * A member whose WAL has left the leader's: a replica that cannot follow, or a second leader after a partition.
   * `renew`: its data is moved aside and copied anew; `rewind`: a copy of it is kept, and Patroni rewinds it.
   */
  z.object({ kind: z.literal('diverged'), member: memberName, way: z.enum(['renew', 'rewind']) }),
  /**
   * A cluster that led before another site took over, and wrote what that one lacks: it is copied anew as the standby
   * of `site`, by its id.
   */
  z.object({ kind: z.literal('former_primary'), site: z.string().min(1).max(120) }),
  /** A member whose patroni.yml does not read any more. */
  z.object({ kind: z.literal('broken_file'), member: memberName }),
  /** An etcd that takes no writes because its database has reached its quota (the alarm NOSPACE). */
  z.object({ kind: z.literal('etcd_space') }),
  /** A disk that WAL fills, because a slot that nobody uses holds it. */
  z.object({ kind: z.literal('wal_held'), member: memberName, slot: chosenSlot }),
  /**
   * An etcd of which no member is left: it is restored from a snapshot on this computer, on one of its servers. null: not chosen yet.
   */
  z.object({
    kind: z.literal('etcd_snapshot'),
    file: z.string().min(1).max(4096).nullable(),
    server: z.string().min(1).max(400).nullable(),
  }),
  /** Certificates that have ended or end soon. `given`: the id of files that were given for this once; null: none were. */
  z.object({ kind: z.literal('certificates'), given: z.string().max(64).nullable() }),
  /** A slot of the leader that has lost WAL which its receiver needs. */
  z.object({ kind: z.literal('slot_lost'), member: memberName, slot: chosenSlot }),
]);
/** One repair with what it is about. */
export type Repair = z.infer<typeof repairSchema>;
/** What may be repaired. */
export type RepairKind = Repair['kind'];

/** Something that was found for or against a repair: where it was read, and when (ms since the epoch). */
export interface RepairEvidence {
  readonly sentence: string;
  /** As in `etcd` or `db1 over SSH`. */
  readonly source: string;
  readonly at: number;
}

/** One step of a repair: what is done where, as commands that a person could run in its place. */
export interface RepairStep {
  readonly id: string;
  readonly label: string;
  /** The server on which it is done; null: in the DCS, or by this app. */
  readonly server: string | null;
  readonly commands: readonly string[];
  /** A file that it writes, with masks for its secrets. */
  readonly text?: string;
}

/** What the user chooses before a repair is judged as a whole; `chosen`: the value, null as long as nothing is chosen. */
export interface RepairChoice {
  /** Of the repair, which takes the chosen value. */
  readonly field: 'slot' | 'way' | 'server' | 'file';
  readonly legend: string;
  readonly options: readonly { readonly value: string; readonly label: string; readonly explain: string }[];
  readonly chosen: string | null;
}

/** Where the cause is mended that the repair itself leaves alone: a tab of the cluster, and a view of it. */
export interface RepairLead {
  readonly text: string;
  readonly tab: 'configuration' | 'postgres' | 'logs' | 'maintenance' | 'health' | 'etcd';
  readonly view?: string;
}

/** What is judged of the evidence of a repair. */
export interface RepairPlan {
  readonly title: string;
  readonly evidence: readonly RepairEvidence[];
  readonly checks: readonly OperationCheck[];
  readonly steps: readonly RepairStep[];
  readonly consequences: readonly string[];
  /** Servers and members of which nothing could be read: whoever knows that they are gone for good may say so by their names. */
  readonly silent: readonly string[];
  /** Whether the name of the cluster is typed even where it is no production cluster: for what can lose data. */
  readonly asksName: boolean;
  readonly choices?: readonly RepairChoice[];
  readonly leads?: readonly RepairLead[];
  /** Whether files may be given: certificates and keys for this once. */
  readonly asksFiles?: boolean;
  /** How what is missing is asked for elsewhere, as commands that a person runs. */
  readonly requests?: readonly RepairStep[];
  /** What the decision rests on. A start is refused where it has become something else. */
  readonly fingerprint: string;
}

/** What the confirmation of a repair shows. */
export interface RepairPreview extends Omit<RepairPlan, 'asksName'> {
  readonly repair: Repair;
  /** When set, the user must type exactly this. */
  readonly typeToConfirm: string | null;
  readonly allowed: boolean;
  /** When the evidence was read, ms since the epoch. */
  readonly asOf: number;
}

/** Whether a Patroni of the cluster is at work for a member, as far as it could be found out. */
export type AgentStanding =
  | { readonly kind: 'runs'; readonly sentence: string }
  /** `startsAtBoot`: its unit is enabled; null: not known. */
  | { readonly kind: 'stopped'; readonly sentence: string; readonly startsAtBoot: boolean | null }
  | { readonly kind: 'unknown'; readonly why: string };

/** What there is in a member's data directory. */
export type DataStanding =
  | { readonly kind: 'none'; readonly directory: string }
  /** Files, but no control file of PostgreSQL: it may be a bootstrap or a copy that was broken off. */
  | { readonly kind: 'files'; readonly directory: string }
  | { readonly kind: 'cluster'; readonly directory: string; readonly systemIdentifier: string | null }
  | { readonly kind: 'unknown'; readonly why: string };

/** What a repair knows of the place where a member runs. `at` is when it was read, ms since the epoch. */
export interface RepairPlace {
  readonly member: string;
  /** The server's name in the inventory; null: none is known for this member. */
  readonly server: string | null;
  readonly agent: AgentStanding;
  readonly data: DataStanding;
  /** Programs that work on the data directory now, such as initdb, postgres or pg_basebackup. */
  readonly atWork: readonly string[];
  readonly at: number;
}

/** A timeline that was left, and the WAL position at which the next one began, bytes. */
export interface TimelineEnd {
  readonly timeline: number;
  readonly lsn: number;
}

/**
 * The data directory of a member as its server tells it, and the room around it. Sizes and WAL positions are bytes; null is what could
 * not be read.
 */
export interface DataDirectory {
  readonly member: string;
  readonly server: string;
  /** The directory itself, where the configuration names a link to it. */
  readonly directory: string;
  readonly content: 'none' | 'files' | 'cluster';
  readonly systemIdentifier: string | null;
  /** Of the last checkpoint. */
  readonly timeline: number | null;
  readonly checkpoint: number | null;
  /** The timelines before its own. */
  readonly history: readonly TimelineEnd[] | null;
  readonly size: number | null;
  /** In the file system of the directory. */
  readonly free: number | null;
  /** Whether the directory is a file system of its own, so that it cannot be moved. */
  readonly isMount: boolean;
  /** What lies elsewhere: tablespaces, and a directory of WAL of its own. */
  readonly links: readonly string[];
  /** Whether a PostgreSQL runs in it. */
  readonly runs: boolean;
  /** Directories beside it that an earlier repair has kept. */
  readonly kept: readonly string[];
  readonly at: number;
}

/** A member of etcd, and whether its server could still bring it back. */
export interface EtcdPlace {
  readonly name: string;
  readonly learner: boolean;
  readonly answers: boolean;
  /** The server's name in the inventory; null: none is known. */
  readonly server: string | null;
  readonly reach:
    | { readonly kind: 'no_server' }
    | { readonly kind: 'unreachable'; readonly why: string }
    | { readonly kind: 'reached'; readonly hasData: boolean; readonly directory: string };
}

/** The member of etcd that answers, and how it is started. Sizes are bytes; null is what could not be read. */
export interface EtcdSurvivor {
  readonly name: string;
  readonly server: string;
  readonly unit: string | null;
  /** Its data directory; '': not known. */
  readonly directory: string;
  /** Whether a configuration file takes the place of its environment (etcd, config.md). */
  readonly hasConfigFile: boolean;
  readonly size: number | null;
  readonly free: number | null;
}

/** A key of the cluster as it stands in etcd. `lease` has what is left of it and what it was granted for, ms; null: it has none. */
export interface ScopeKey {
  /** Below the scope, as in `members/db1`. */
  readonly name: string;
  readonly value: string;
  readonly modRevision: string;
  readonly lease: { readonly leftMs: number; readonly ttlMs: number } | null;
}

/** All keys of a cluster as they were read at one revision of etcd. */
export interface ScopeKeys {
  readonly prefix: string;
  readonly keys: readonly ScopeKey[];
  readonly revision: string;
  readonly at: number;
}
