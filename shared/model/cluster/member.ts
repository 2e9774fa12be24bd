/** Patroni's roles with the words of GET /cluster; `master` and `primary` of other versions are `leader` here. */
export type MemberRole = 'leader' | 'standby_leader' | 'sync_standby' | 'quorum_standby' | 'replica' | 'unknown';

/**
 * What a member says it is in GET /patroni and in its key: `primary` stands for the `master` of versions up to 3.3 too,
 * `promoted` is on the way to it. A word that no known version writes is `unknown`.
 */
export type PatroniRole =
  'primary' | 'promoted' | 'standby_leader' | 'replica' | 'demoted' | 'uninitialized' | 'unknown';

/**
 * PostgreSQL's state as Patroni reports it (postgresql/misc.py, PostgresqlState), with the pseudo states of GET /cluster.
 * A text that no known version sends is kept in `Member.stateText` and is `unknown` here.
 */
export type PostgresState =
  | 'initializing new cluster'
  | 'initdb failed'
  | 'running custom bootstrap script'
  | 'custom bootstrap failed'
  | 'creating replica'
  | 'running'
  | 'starting'
  | 'starting after custom bootstrap'
  | 'start failed'
  | 'restarting'
  | 'restart failed'
  | 'stopping'
  | 'stopped'
  | 'stop failed'
  | 'crashed'
  | 'streaming'
  | 'in archive recovery'
  | 'unknown';

/** What the app concludes about a member; each has its own words on the page. */
export type MemberCondition =
  | 'healthy'
  | 'starting'
  | 'stopping' // PostgreSQL is being stopped: a restart, or a demotion
  | 'creating' // a reinit or first copy is under way
  | 'postgres_down' // Patroni answers, PostgreSQL does not run
  | 'lagging' // streams, but further behind than maximum_lag_on_failover: Patroni does not choose it
  | 'not_streaming' // runs as a replica but the leader does not stream to it
  | 'behind_timeline' // runs on an older timeline than the leader
  | 'dcs_unreachable' // the node is up, Patroni cannot see the DCS
  | 'patroni_down' // its member key is gone or REST refuses, while the server answers on SSH
  | 'not_answering' // its REST API went silent; whether Patroni, the server or the connection is down is not known yet
  | 'unreachable' // neither REST nor SSH answers
  | 'ssh_lost' // the app lost its connection to the server; etcd still has the member
  | 'gone' // known to the inventory, absent from the DCS
  | 'unknown';

/** Replication lag in bytes with what it was measured against. */
export interface Lag {
  /** Not yet received from the leader, bytes; null when not known. */
  readonly receive: number | null;
  /** Received but not yet replayed counts too: leader position minus replayed position, bytes. */
  readonly replay: number | null;
  /** The leader's position: its own REST answer, or the DCS `status` key (up to one loop_wait old). */
  readonly basis: 'leader_rest' | 'status_key' | 'patroni';
  readonly at: number;
}

/** One parameter that waits for a restart; values are null where the version does not tell (before 3.3). */
export interface PendingParameter {
  readonly name: string;
  readonly oldValue: string | null;
  readonly newValue: string | null;
}

/** A restart Patroni will do at a time. */
export interface ScheduledRestart {
  /** ms since the epoch. */
  readonly at: number;
  readonly pendingOnly: boolean;
}

/** A connected replica as the leader (or a cascading parent) lists it in `replication[]` of GET /patroni. */
export interface ReplicationConnection {
  readonly applicationName: string;
  readonly clientAddress: string | null;
  readonly state: string;
  readonly syncState: string;
}

/** One member of a cluster, known by its Patroni name. */
export interface Member {
  readonly name: string;
  readonly serverId: string | null;
  readonly apiUrl: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly role: MemberRole;
  /** Its own word (REST when fresh, else its member key): it runs as the primary. The lock alone does not say so. */
  readonly primarySeen?: boolean;
  /** Where Patroni does not answer: whether PostgreSQL's port accepts connections; null or absent where that was not asked. */
  readonly postgresAccepts?: boolean | null;
  readonly state: PostgresState;
  /** The state as the server sent it, for words this app does not know. */
  readonly stateText: string;
  readonly condition: MemberCondition;
  /** Whether a key under members/ exists now; null when the DCS is not seen. */
  readonly inDcs: boolean | null;
  /** Its key has no lease, which every Patroni gives its own: nobody keeps it. Absent where that was not looked at. */
  readonly keyUnleased?: boolean;
  readonly timeline: number | null;
  /** WAL position, bytes: written on the leader, replayed on a replica. */
  readonly lsn: number | null;
  readonly receivedLsn: number | null;
  readonly lag: Lag | null;
  readonly replicationState: string | null;
  /** Whom it streams from, as observed in the parents' `replication[]`; null: from nobody, or not known. */
  readonly upstream: string | null;
  readonly upstreamKnown: boolean;
  readonly connections: readonly ReplicationConnection[];
  readonly replayPaused: boolean | null;
  /** When the last transaction that it has replayed was committed, ms since the epoch; null or absent: not known, or no replica. */
  readonly replayedAt?: number | null;
  /** null: not known; empty: nothing pending. */
  readonly pendingRestart: readonly PendingParameter[] | null;
  readonly pendingRestartFlag: boolean;
  readonly scheduledRestart: ScheduledRestart | null;
  readonly tags: Readonly<Record<string, string | number | boolean>>;
  readonly patroniVersion: string | null;
  /** e.g. 170005 */
  readonly postgresVersion: number | null;
  readonly systemIdentifier: string | null;
  /** ms since the epoch of the member's own last contact with the DCS. */
  readonly dcsLastSeen: number | null;
  readonly watchdogFailed: boolean | null;
  readonly pausedSeen: boolean | null;
  /** ms since the epoch. */
  readonly postmasterStart: number | null;
  /** When the DCS last told about this member; ms since the epoch. */
  readonly dcsAsOf: number | null;
  /** When the member's own REST last answered; ms since the epoch. */
  readonly restAsOf: number | null;
  /** True when what is shown is older than it should be. */
  readonly stale: boolean;
}
