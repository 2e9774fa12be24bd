import type { ReportedFigures } from '../../../../shared/model/alerts/figure';
import type { AppErrorData } from '../../../../shared/model/app-error';
import type { ClusterEntry } from '../../../../shared/model/cluster/cluster-entry';
import type { ClusterPair } from '../../../../shared/model/cluster/cluster-pair';
import type { DcsState, Finding, TimelineChange } from '../../../../shared/model/cluster/cluster-state';
import type { SshState } from '../../../../shared/model/connect/server';
import type { ClusterAnswer } from '../../patroni/answers/cluster';
import type { ConfigKey, FailoverKey, SyncKey } from '../../patroni/answers/keys';
import type { MemberKey } from '../../patroni/answers/member-key';
import type { StatusAnswer } from '../../patroni/answers/status';

/** The key of a member as last seen; `at` is ms since the epoch. */
export interface MemberInDcs {
  readonly key: MemberKey;
  readonly at: number;
  /** It has no lease, so that it stays whatever becomes of its Patroni. */
  readonly unleased?: true;
}

/** The keys of one scope as last seen in etcd. Times are ms since the epoch by the core's clock. */
export interface DcsFacts {
  readonly state: DcsState;
  /** Whether the keys below were ever read. */
  readonly seen: boolean;
  /** When etcd last confirmed them. */
  readonly asOf: number | null;
  readonly leader: { readonly name: string; readonly lease: string } | null;
  /** When the present holder took the lock; null when it held it before the app started. */
  readonly heldSince: number | null;
  readonly vacantSince: number | null;
  /** The last change of the lock came while etcd was not seen: the times above are then when it was found. */
  readonly changeUnseen: boolean;
  readonly members: ReadonlyMap<string, MemberInDcs>;
  readonly config: ConfigKey | null;
  readonly sync: SyncKey | null;
  readonly failover: FailoverKey | null;
  readonly history: readonly TimelineChange[];
  /** null: no such key. */
  readonly initialize: string | null;
  readonly failsafe: boolean;
  readonly optime: { readonly lsn: number; readonly at: number } | null;
}

/** A WAL position read at a time. */
export interface PositionAt {
  readonly lsn: number;
  readonly at: number;
}

/** What a member's REST API last reported, and how the last request ended. */
export interface RestFacts {
  readonly answer: StatusAnswer | null;
  /** What `answer` was read from, as it came: the same answer again need not be read again. */
  readonly source: unknown;
  readonly asOf: number | null;
  /** The error of the last ask; null when it was answered. */
  readonly error: AppErrorData | null;
  /** Failures in a row. */
  readonly failures: number;
  /** When the present row of failures began. */
  readonly failingSince: number | null;
  /** The last positions of a primary, newest last, to compare a replica's position with one of its own time. */
  readonly positions: readonly PositionAt[];
}

/** GET /cluster of one member. */
export interface ListingFacts {
  readonly answer: ClusterAnswer | null;
  readonly from: string | null;
  readonly asOf: number | null;
  readonly error: AppErrorData | null;
}

/** The lease of the leader key when last asked. */
export interface LeaseFacts {
  readonly holder: string;
  readonly leftMs: number;
  readonly ttlMs: number;
  readonly askedAt: number;
}

/** What was found beside the watch. `asOf` is when it was read last, ms since the epoch. */
export interface ReportedFindings {
  readonly findings: readonly Finding[];
  readonly asOf: number;
  /** Whether the source has looked so often that what it does not tell is not there. */
  readonly isSettled: boolean;
  /** Servers by name of which it has read nothing yet, though it has of others; absent: none. */
  readonly unread?: readonly string[];
  /** What the source cannot look at, as sentences; absent: nothing. */
  readonly blindSpots?: readonly string[];
  /** What it measured for rules of alerts; absent: it measures nothing. */
  readonly figures?: ReportedFigures;
  /** For how long its last word counts where it is asked seldom, ms; absent: a quarter of an hour. */
  readonly countsMs?: number;
}

/** Everything the app knows about one cluster; the fold turns it into a ClusterState. */
export interface ClusterFacts {
  readonly entry: ClusterEntry;
  readonly dcs: DcsFacts;
  readonly lease: LeaseFacts | null;
  readonly rest: ReadonlyMap<string, RestFacts>;
  readonly listing: ListingFacts;
  /** Without etcd: GET /config and GET /history of a member. */
  readonly restConfig: ConfigKey | null;
  readonly restHistory: readonly TimelineChange[];
  /** The groups of the Citus cluster that have members in etcd; null: not asked yet, or it is no Citus cluster. */
  readonly citusGroups: readonly number[] | null;
  readonly ssh: ReadonlyMap<string, SshState>;
  /** Whether a member's PostgreSQL port accepts connections, asked only where Patroni does not answer. */
  readonly postgresUp: ReadonlyMap<string, boolean>;
  /** By who found it: slots, load balancers, etcd's members. */
  readonly reported: ReadonlyMap<string, ReportedFindings>;
  /** What the cluster has to do with others of the app. */
  readonly pair: ClusterPair | null;
  /** ms between two polls of a member now. */
  readonly pollMs: number;
}

/** What the fold must remember between two folds because no source reports it. */
export interface FoldMemory {
  /** Since when a replica is absent from every `replication[]` that should list it. */
  readonly absentSince: ReadonlyMap<string, number>;
  /** Since when a member is on an older timeline than the leader. */
  readonly behindSince: ReadonlyMap<string, number>;
  /** Since when PostgreSQL is stopped on a member whose Patroni answers. */
  readonly stoppedSince: ReadonlyMap<string, number>;
  /** When the leader last changed, as far as seen; null: not since the app started. */
  readonly leaderChangedAt: number | null;
  readonly lastLeader: string | null;
}

/** The memory before the first fold. */
export const EMPTY_MEMORY: FoldMemory = {
  absentSince: new Map(),
  behindSince: new Map(),
  stoppedSince: new Map(),
  leaderChangedAt: null,
  lastLeader: null,
};

/** A member that was not asked yet. */
export const EMPTY_REST: RestFacts = {
  answer: null,
  source: null,
  asOf: null,
  error: null,
  failures: 0,
  failingSince: null,
  positions: [],
};

/** Nothing is known yet. */
function emptyDcs(entry: ClusterEntry): DcsFacts {
  return {
    state: entry.etcd === null ? { kind: 'not_configured' } : { kind: 'connecting' },
    seen: false,
    asOf: null,
    leader: null,
    heldSince: null,
    vacantSince: null,
    changeUnseen: false,
    members: new Map(),
    config: null,
    sync: null,
    failover: null,
    history: [],
    initialize: null,
    failsafe: false,
    optime: null,
  };
}

/** What is known of a cluster before any source has answered; `pollMs` is the time between two polls of a member. */
export function emptyFacts(entry: ClusterEntry, pollMs: number): ClusterFacts {
  return {
    entry,
    dcs: emptyDcs(entry),
    lease: null,
    rest: new Map(),
    listing: { answer: null, from: null, asOf: null, error: null },
    restConfig: null,
    restHistory: [],
    citusGroups: null,
    ssh: new Map(),
    postgresUp: new Map(),
    reported: new Map(),
    pair: null,
    pollMs,
  };
}

/**
 * How long a REST answer counts as the present, ms: the next answer is due, and a slow one has had a second more. On the
 * screen this and one reading of the clock stay within the five seconds after which nothing may be shown as now.
 */
export function freshFor(facts: ClusterFacts): number {
  return Math.max(facts.pollMs * 1.5 + 1_000, 3_500);
}

/** Patroni's own loop, ms; the default until the configuration is known. */
export function loopWaitMs(facts: ClusterFacts): number {
  return ((facts.dcs.config ?? facts.restConfig)?.config.loopWait ?? 10) * 1000;
}

/** How long the leader lock lives without being renewed, ms. */
export function leaseMs(facts: ClusterFacts): number {
  return ((facts.dcs.config ?? facts.restConfig)?.config.ttl ?? 30) * 1000;
}
