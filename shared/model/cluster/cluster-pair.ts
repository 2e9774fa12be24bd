/** A host and a port that `standby_cluster` names. */
export interface StandbyPlace {
  readonly host: string;
  readonly port: number;
}

/** What the section `standby_cluster` of a dynamic configuration says (Patroni's docs, standby_cluster). */
export interface StandbySource {
  /** In the order in which they are tried; empty where the cluster follows an archive alone. */
  readonly places: readonly StandbyPlace[];
  /** `primary_slot_name`. */
  readonly slot: string | null;
  /** Whether WAL is fetched from an archive too (`restore_command`). */
  readonly fromArchive: boolean;
}

/** Whether two clusters came from one initdb; `not_known` where one of them has not told its system identifier. */
export type SystemMatch = 'same' | 'different' | 'not_known';

/**
 * How the app knows that an address leads to a cluster: it is that of a member or its server, a virtual address or a load balancer of the
 * cluster, or the cluster's own list of connections names the standby leader.
 */
export type WayToCluster = 'member' | 'virtual_address' | 'load_balancer' | 'connection';

/** Another cluster of the app as its counterpart sees it. Positions are bytes, times ms since the epoch; null: not known. */
export interface PairedSite {
  readonly clusterId: string;
  readonly title: string;
  readonly system: SystemMatch;
  /** Whether applications can write there: `not_known` where who could be the primary has not been heard of. */
  readonly writes: {
    readonly kind: 'yes' | 'no' | 'not_known';
    readonly sentence: string;
    readonly asOf: number | null;
  };
  readonly leader: string | null;
  readonly timeline: number | null;
  /** The leader's last known position. */
  readonly lsn: number | null;
  readonly lsnAsOf: number | null;
  /** Where its timelines ended, oldest first. */
  readonly history: readonly { readonly timeline: number; readonly lsn: number }[];
  /** Whether it is a standby cluster by its own configuration; null: not known. */
  readonly isStandby: boolean | null;
  readonly readOnly: boolean;
  /** Where its members' PostgreSQL listens. */
  readonly places: readonly StandbyPlace[];
  /** Its permanent physical slots, by name. */
  readonly slots: readonly string[];
}

/**
 * Whether WAL arrives from the other cluster: `archive` is a standby leader that replays an archive, `not_known` one that nobody could
 * ask.
 */
export type Streaming = 'yes' | 'archive' | 'no' | 'not_known';

/** The replication between two clusters. */
export interface PairLink {
  readonly streaming: Streaming;
  /** Not yet received, bytes; null: not known, `why` says the reason. */
  readonly receive: number | null;
  /** Not yet replayed, with what is not received, bytes. */
  readonly replay: number | null;
  /** When the older of the two positions was read, ms since the epoch. */
  readonly asOf: number | null;
  /** Whether both sides answer now; else the figures are the last that are known. */
  readonly current: boolean;
  /** Why the lag is not known, as a sentence; null where it is. */
  readonly why: string | null;
  /** When the last transaction that the standby leader has replayed was committed, ms since the epoch. */
  readonly replayedAt: number | null;
}

/** What a standby cluster follows. `site` is null where the source is no cluster of the app. */
export interface FollowedSite {
  readonly source: StandbySource;
  readonly by: WayToCluster | null;
  readonly site: PairedSite | null;
  readonly link: PairLink;
}

/** A standby cluster that follows this one. */
export interface FollowingSite {
  readonly site: PairedSite;
  readonly link: PairLink;
}

/** What a cluster has to do with other clusters of the app. */
export interface ClusterPair {
  readonly follows: FollowedSite | null;
  readonly followedBy: readonly FollowingSite[];
  /** Clusters from the same initdb where neither follows the other, not even through others. */
  readonly related: readonly PairedSite[];
}
