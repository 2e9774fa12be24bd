import type { AppErrorData } from '../app-error';
import type { EtcdAlarmKind } from '../etcd/etcd-view';
import type { ClusterPair } from './cluster-pair';
import type { Member, MemberCondition, MemberRole } from './member';

/**
 * The one truth about a cluster, folded from etcd's watch and the members' REST answers in
 * electron/core/clusters and streamed to the page. Every value that can age carries the source
 * it came from; `null` means "not known", never "none".
 */
export interface ClusterState {
  readonly clusterId: string;
  readonly title: string;
  readonly scope: string;
  readonly namespace: string;
  /** The group of a Citus cluster; absent for every other cluster. */
  readonly citusGroup?: number;
  /** Names the Citus cluster of the group: all groups of one cluster have the same. */
  readonly citusCluster?: string;
  /** The groups of the Citus cluster that have members in the DCS, watched or not; absent until it was asked for them. */
  readonly citusGroups?: readonly number[];
  readonly production: boolean;
  readonly readOnly: boolean;
  /** It came from a file, and nothing of it is contacted until the user agrees. Absent for every other cluster. */
  readonly onHold?: true;
  readonly origin: 'user' | 'demo' | 'deployed';
  /** When this app took the cluster away from all its servers, ms since the epoch; absent for a cluster that is there. */
  readonly removedAt?: number;
  readonly tags: readonly string[];
  /** Grows by one with each change; patches are applied in this order. */
  readonly revision: number;
  /** When the core last changed this state, ms since the epoch by the core's clock. */
  readonly at: number;
  readonly health: ClusterHealth;
  readonly sources: readonly Source[];
  readonly dcs: DcsState;
  readonly leader: LeaderLock;
  readonly members: readonly Member[];
  /** null: not known. */
  readonly paused: boolean | null;
  readonly failsafeActive: boolean | null;
  readonly sync: SyncState | null;
  readonly scheduledSwitchover: ScheduledSwitchover | null;
  /** A manual failover or switchover key that is in the DCS now and not scheduled: one is under way. */
  readonly failoverRequest: FailoverRequest | null;
  readonly config: DynamicConfig | null;
  /** System identifier from the `initialize` key; '' while initialising; null when not known. */
  readonly systemIdentifier: string | null;
  readonly history: readonly TimelineChange[];
  /** What it has to do with other clusters of the app; null or absent: nothing, as far as known. */
  readonly pair?: ClusterPair | null;
  readonly findings: readonly Finding[];
  /** What cannot be seen with the present ways of access, as sentences. */
  readonly blindSpots: readonly string[];
}

/** A cluster as its sources describe it, before anything is concluded from it. */
export type ObservedCluster = Omit<ClusterState, 'findings' | 'health' | 'revision'>;

/** One word for the fleet list, worst first. `unknown` is worse than `warning`: nobody can see it. */
export type HealthLevel = 'critical' | 'unknown' | 'warning' | 'healthy' | 'connecting';

/** The verdict on the whole cluster with the one sentence that explains it. */
export interface ClusterHealth {
  readonly level: HealthLevel;
  readonly sentence: string;
}

/** Something the app hears from, with how fresh it is. */
export interface Source {
  /** `etcd`, `rest:<member>`, `ssh:<serverId>` or `cluster` (GET /cluster of one member). */
  readonly id: string;
  readonly kind: 'etcd' | 'rest' | 'ssh' | 'cluster';
  readonly label: string;
  readonly status: SourceStatus;
  /** When this source last answered, ms since the epoch; null: never. */
  readonly asOf: number | null;
  readonly error: AppErrorData | null;
}

/** `stale` still shows the last known values, greyed; `lost` means it does not answer now; `off` is not configured. */
export type SourceStatus = 'connecting' | 'live' | 'stale' | 'lost' | 'off';

/** The DCS as the app sees it. */
export type DcsState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live'; readonly etcdVersion: string | null; readonly members: readonly EtcdMember[] }
  | { readonly kind: 'no_quorum'; readonly since: number; readonly members: readonly EtcdMember[] }
  | { readonly kind: 'unreachable'; readonly since: number; readonly error: AppErrorData }
  | { readonly kind: 'refused'; readonly since: number; readonly error: AppErrorData }
  | { readonly kind: 'not_configured' };

/** One member of etcd as far as known. */
export interface EtcdMember {
  readonly name: string;
  readonly clientUrls: readonly string[];
  readonly leader: boolean | null;
  /** Whether it answers; null: not asked, or the way to its server was lost. */
  readonly reachable: boolean | null;
  /** Whether it sees a leader of etcd; one that answers without is cut off from its peers. null: not asked, or no answer. */
  readonly seesLeader: boolean | null;
  readonly version: string | null;
  /** Bytes. */
  readonly dbSize: number | null;
  /** At which size its database is full, bytes; null: not known, or the database is too small for it to matter. */
  readonly quota: number | null;
  /** The alarms that it has raised, as those who answer say. */
  readonly alarms: readonly EtcdAlarmKind[];
}

/** Who holds the leader key. */
export interface LeaderLock {
  /** The holder's member name; null with `known: true` means that nobody holds the lock. */
  readonly holder: string | null;
  readonly known: boolean;
  /** Time left on the lease when asked, ms; `askedAt` says when. */
  readonly leaseLeft: number | null;
  readonly leaseTtl: number | null;
  readonly askedAt: number | null;
  /** When the holder took the lock, as seen by the app; null when it was held before the app looked. */
  readonly heldSince: number | null;
  /** Since when nobody holds the lock. */
  readonly vacantSince: number | null;
  /** True: etcd was not seen while the lock changed hands, so that the times above are those at which it was found. */
  readonly changeUnseen?: true;
}

/** The `sync` key. */
export interface SyncState {
  readonly mode: 'off' | 'on' | 'quorum';
  readonly strict: boolean;
  readonly leader: string | null;
  readonly standbys: readonly string[];
  readonly quorum: number | null;
}

/** A switchover that Patroni will do at a time. */
export interface ScheduledSwitchover {
  /** ms since the epoch. */
  readonly at: number;
  readonly from: string | null;
  readonly to: string | null;
}

/** The `failover` key without a time. */
export interface FailoverRequest {
  readonly from: string | null;
  readonly to: string | null;
}

/** The dynamic configuration in the DCS: the values the app reasons with, and the whole as data. */
export interface DynamicConfig {
  readonly ttl: number;
  readonly loopWait: number;
  readonly retryTimeout: number;
  /** Bytes. */
  readonly maximumLagOnFailover: number;
  readonly checkTimeline: boolean;
  readonly standbyCluster: boolean;
  /** Whether the primary may go on without the DCS while all members answer it; not whether it does so now. */
  readonly failsafeMode: boolean;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A row of Patroni's history key. `at` is ms since the epoch, null on old rows. */
export interface TimelineChange {
  readonly timeline: number;
  /** Where the timeline ended, bytes. */
  readonly lsn: number;
  readonly reason: string;
  readonly at: number | null;
  readonly newLeader: string | null;
}

/** Something that is not as it should be, with its evidence and what to do. */
export interface Finding {
  /** Stable, e.g. `member.not_streaming`. */
  readonly code: string;
  readonly severity: 'critical' | 'warning' | 'info';
  /** Member name, or null for the cluster. */
  readonly member: string | null;
  /** What of the member or the cluster it is about where there may be several, e.g. a slot; absent where there is only one. */
  readonly subject?: string;
  readonly sentence: string;
  readonly evidence: string;
  readonly advice: string;
  /** When that was read, ms since the epoch, where it is asked for now and then; absent for what is followed all the time. */
  readonly asOf?: number;
}

/** A change to a ClusterState: whole fields are replaced, members one by one (`null` removes one). */
export interface ClusterPatch {
  readonly revision: number;
  readonly fields: Partial<Omit<ClusterState, 'members' | 'revision'>>;
  readonly members: Readonly<Record<string, Member | null>>;
}

/** What the stream of a cluster carries: first a snapshot, then patches; a new snapshot after a gap. */
export type ClusterUpdate =
  | { readonly kind: 'snapshot'; readonly state: ClusterState; readonly events: readonly ClusterEvent[] }
  | { readonly kind: 'patch'; readonly patch: ClusterPatch; readonly events: readonly ClusterEvent[] };

/** The kinds of things the event recorder writes down. */
export type ClusterEventKind =
  | 'leader_lost'
  | 'leader_elected'
  | 'promoted'
  | 'member_joined'
  | 'member_gone'
  | 'member_state'
  | 'member_streaming'
  | 'timeline'
  | 'paused'
  | 'resumed'
  | 'failover_requested'
  | 'switchover_scheduled'
  | 'schedule_removed'
  | 'config_changed'
  | 'pending_restart'
  | 'dcs_lost'
  | 'dcs_back'
  | 'no_quorum'
  | 'ssh_lost'
  | 'ssh_back'
  | 'failsafe'
  | 'sync_changed'
  | 'initialized'
  | 'finding'
  | 'primary_gap'
  | 'operation';

/** One line of the event recorder. */
export interface ClusterEvent {
  /** Unique within a cluster, growing. */
  readonly id: number;
  /** ms since the epoch by the core's clock: when the app saw it. */
  readonly at: number;
  readonly kind: ClusterEventKind;
  readonly severity: 'critical' | 'warning' | 'info' | 'good';
  readonly member: string | null;
  readonly sentence: string;
  /** For `primary_gap`: the measured time without a primary, ms. */
  readonly durationMs?: number;
  /** For `primary_gap`: by how much that length may be wrong, ms; absent where it is not known. */
  readonly precisionMs?: number;
}

/** A cluster as one row of the fleet. */
export interface ClusterSummary {
  readonly clusterId: string;
  readonly title: string;
  readonly scope: string;
  /** The group of a Citus cluster; absent for every other cluster. */
  readonly citusGroup?: number;
  /** Names the Citus cluster of the group: all groups of one cluster have the same. */
  readonly citusCluster?: string;
  readonly origin: 'user' | 'demo' | 'deployed';
  readonly tags: readonly string[];
  readonly production: boolean;
  readonly health: ClusterHealth;
  readonly leader: string | null;
  readonly leaderKnown: boolean;
  readonly timeline: number | null;
  readonly members: readonly MemberSummary[];
  /** The largest replay lag among the replicas, bytes; null when not known. */
  readonly worstLag: number | null;
  readonly paused: boolean | null;
  readonly asOf: number | null;
  /** See `ClusterState.pair`. */
  readonly pair?: ClusterPair | null;
  /** This app took the cluster away from its servers, and only its row is left; absent for a cluster that is there. */
  readonly removed?: true;
}

/** A member as one dot of the fleet. */
export interface MemberSummary {
  readonly name: string;
  readonly role: MemberRole;
  readonly condition: MemberCondition;
  /** True when what is shown is older than it should be. */
  readonly stale: boolean;
}

/** What the fleet stream carries: all rows first, then the changed ones (`null` removes one). */
export type FleetUpdate =
  | { readonly kind: 'snapshot'; readonly clusters: readonly ClusterSummary[] }
  | { readonly kind: 'patch'; readonly clusters: Readonly<Record<string, ClusterSummary | null>> };
