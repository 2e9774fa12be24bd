import type { AgendaItem } from './agenda';
import type { Json, JsonObject } from './json';
import type { WalTrack } from './wal';

/** The states of PostgreSQL as Patroni names them (patroni/postgresql/__init__.py). */
export type SimPostgresState =
  | 'running'
  | 'starting'
  | 'stopping'
  | 'stopped'
  | 'crashed'
  | 'restarting'
  | 'restart failed'
  | 'start failed'
  | 'creating replica'
  | 'initializing new cluster';

/** A role in words of 4.0; `primaryRole` gives the older word for the primary. */
export type SimRole = 'primary' | 'standby_leader' | 'replica' | 'demoted' | 'promoted' | 'uninitialized';

/**
 * One cluster of the demo, or one group of a Citus cluster. `members` is 3 to 7, 2 to 7 of a worker group; `version` a Patroni
 * version such as `4.0.7`.
 */
export interface DemoClusterSpec {
  readonly scope: string;
  readonly members: number;
  readonly version: string;
  /** Names of the members; default `<scope>-1` and so on, `<scope>-<group>-1` of a Citus group. */
  readonly names?: readonly string[];
  /** Default `/service/`. */
  readonly namespace?: string;
  /** The group of a Citus cluster; the coordinator, group 0, comes before its workers, which use the etcd on its servers. */
  readonly citusGroup?: number;
  /** A server of its own runs a load balancer for it: `<scope>-lb`. */
  readonly balancer?: boolean;
  /** The scope of a cluster before it in the fleet, from the same initdb, that it follows as a standby cluster. */
  readonly standbyOf?: string;
  /** Laid over the dynamic configuration of a fresh cluster. */
  readonly config?: JsonObject;
  /** Its services speak TLS; without it they do not. */
  readonly tls?: boolean;
  /** Ports other than the usual ones. */
  readonly ports?: Partial<Record<'rest' | 'postgres' | 'etcd' | 'etcdPeer', number>>;
  /** What is written on the leader, bytes per second; without it a busy workload. */
  readonly writes?: number;
}

/** A restart that was asked for later. `at` is ms; `fields` is what the member shows. */
export interface SimScheduledRestart {
  readonly at: number;
  readonly fields: JsonObject;
}

/** One parameter that waits for a restart, as GET /patroni shows it. */
export interface PendingValue {
  readonly old_value: string;
  readonly new_value: string;
}

/** One member: its server, its Patroni and its PostgreSQL. Changed only by the model. */
export interface MemberState {
  readonly name: string;
  readonly index: number;
  readonly ip: string;
  /** A member of etcd is on this server. */
  hasEtcd: boolean;
  /** The etcd on this server was stopped. */
  etcdStopped: boolean;
  tags: JsonObject;
  /** Its patroni.yml once somebody has changed it, and former texts by what stands behind its name; null while it is the usual one. */
  ownFile: { readonly text: string; readonly kept: Readonly<Record<string, string>> } | null;
  /** Parameters of PostgreSQL that its own patroni.yml sets. */
  ownParameters: JsonObject;
  /** The server has power. */
  power: boolean;
  /** Patroni runs. */
  agent: boolean;
  /** PostgreSQL crashed and replays its log before it answers again. */
  recovering: boolean;
  /** Cut off from the other servers and the DCS; SSH from outside still works. */
  partitioned: boolean;
  /** Replication to this member is slow. */
  lagging: boolean;
  /** Says it is healthy and is not: it stays on the former timeline and nobody streams to it. */
  broken: boolean;
  /** Its Patroni is stopped by a signal: it answers nobody and renews nothing. */
  frozen: boolean;
  /** The HAProxy on this server reaches nobody's REST API. */
  balancerBlind: boolean;
  /** The etcd on this server answers late, and falls behind. */
  etcdSlow: boolean;
  state: SimPostgresState;
  role: SimRole;
  timeline: number;
  wal: WalTrack;
  /** Whom it is set to follow. */
  follows: string | null;
  streaming: boolean;
  /** ms */
  startedAt: number;
  /** What Patroni is busy with; while it is, its loop only keeps the lease. */
  work: 'restart' | 'reinitialize' | 'promote' | 'demote' | 'start' | 'dcs' | null;
  lease: string | null;
  /** On whose server the etcd is that its Patroni speaks with; null: on one that lives. */
  etcdOn: string | null;
  /** ms of the last contact with the DCS. */
  lastDcs: number;
  failsafe: boolean;
  config: JsonObject;
  effective: Readonly<Record<string, string>>;
  pending: Readonly<Record<string, PendingValue>>;
  scheduledRestart: SimScheduledRestart | null;
  loop: AgendaItem | null;
  /** What PostgreSQL keeps of its roles' passwords, once they were changed. */
  rolePasswords: Readonly<Record<string, string>>;
  /** Sessions of PostgreSQL that were ended, as `startedAt pid`: the sessions of another start are others. */
  readonly endedSessions: Set<string>;
  /** What the programs on this server wrote, oldest first, a bounded number. */
  readonly log: SimLogLine[];
}

/** The programs of a simulated server that write a log. */
export type SimProgram = 'patroni' | 'postgresql' | 'etcd' | 'systemd';

/** A line of a simulated server's journal. */
export interface SimLogLine {
  /** Grows by one with each line of the server. */
  readonly number: number;
  /** ms */
  readonly at: number;
  readonly program: SimProgram;
  readonly level: 'INFO' | 'WARNING' | 'ERROR';
  readonly text: string;
}

/** The `failover` key of the DCS. */
export interface SimFailoverKey {
  readonly leader: string | null;
  readonly member: string | null;
  /** ISO text, as it was given. */
  readonly scheduledAt: string | null;
}

/** A row of the `history` key. */
export type SimHistoryRow = readonly Json[];

/** A row that a drill wrote: who, by which way, its number, where, and when (ms). */
export interface SimDrillRow {
  readonly client: string;
  readonly way: string;
  readonly n: number;
  readonly member: string;
  readonly at: number;
}

/** A writer of a drill on a server, by its directory: what it noted, and its end. */
export interface SimDrillWriter {
  readonly notes: () => string;
  readonly stop: () => void;
}

/** What a drill has on a simulated cluster. */
export interface SimDrill {
  rows: SimDrillRow[];
  /** Timers that take a fault away, by the id of the drill. */
  readonly switches: Map<string, AgendaItem>;
  readonly writers: Map<string, SimDrillWriter>;
}
