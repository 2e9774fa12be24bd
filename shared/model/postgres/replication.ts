import type { AppErrorData } from '../app-error';
import type { SqlSource } from './sql-way';

/** A row of pg_stat_replication: a standby or another receiver as its sender sees it. */
export interface SentStream {
  readonly pid: number;
  /** null: not told to the role that asks. */
  readonly application: string | null;
  readonly user: string | null;
  readonly address: string | null;
  readonly state: string | null;
  readonly syncState: string | null;
  readonly slot: string | null;
  /** How far the receiver is behind the sender's position at each stage, bytes; null: not told. */
  readonly sent: number | null;
  readonly write: number | null;
  readonly flush: number | null;
  readonly replay: number | null;
  /** The same as time between a flush here and the answer of the receiver, ms; null: nothing was written lately. */
  readonly writeMs: number | null;
  readonly flushMs: number | null;
  readonly replayMs: number | null;
}

/** The row of pg_stat_wal_receiver: what a receiver itself knows. A role without pg_read_all_stats is told the pid alone. */
export interface ReceivedStream {
  readonly pid: number;
  /** null: not told, and nothing else is then. */
  readonly status: string | null;
  readonly senderHost: string | null;
  readonly senderPort: number | null;
  readonly slot: string | null;
  readonly timeline: number | null;
  /** Positions, bytes. */
  readonly written: number | null;
  readonly flushed: number | null;
  readonly latestEnd: number | null;
  /** When the sender last told something, ms since the epoch by the receiver's clock. */
  readonly lastMessage: number | null;
}

/** What wal_status may say (PostgreSQL's documentation, pg_replication_slots). */
export type SlotWalStatus = 'reserved' | 'extended' | 'unreserved' | 'lost';

/** A replication slot of one server. */
export interface SlotReading {
  readonly name: string;
  readonly kind: 'physical' | 'logical';
  readonly plugin: string | null;
  readonly database: string | null;
  readonly temporary: boolean;
  readonly active: boolean;
  readonly activePid: number | null;
  /** WAL from the slot's restart position to the present one, bytes; null: the slot reserves none. */
  readonly retained: number | null;
  /** The restart position itself, bytes. */
  readonly restart: number | null;
  /** null: it reserves nothing, or a word that is not known. */
  readonly walStatus: SlotWalStatus | null;
  /** How much may still be written before the slot is in danger of losing WAL, bytes; null: without limit, or lost. */
  readonly safeWalSize: number | null;
  /** Since when nobody uses it, ms since the epoch; null: not told before version 17, or in use. */
  readonly inactiveSince: number | null;
  /** Why it cannot be used any more; from version 17, or 16 for a conflict. */
  readonly invalidation: string | null;
  /** Copied from the primary by slot synchronization, from version 17. */
  readonly synced: boolean | null;
}

/** The disk that holds the WAL of a member. Bytes. */
export interface WalDisk {
  readonly size: number;
  readonly free: number;
}

/** The archiver (pg_stat_archiver) with what it is set to. */
export interface ArchiverReading {
  readonly mode: string;
  readonly archived: number;
  readonly failed: number;
  readonly lastArchived: string | null;
  /** ms since the epoch. */
  readonly lastArchivedAt: number | null;
  readonly lastFailed: string | null;
  readonly lastFailedAt: number | null;
}

/** Replication as one member tells it. */
export interface ReplicationReading {
  /** server_version_num, e.g. 170005. */
  readonly version: number;
  readonly recovery: boolean;
  /** Written on a primary, received on a standby; bytes. */
  readonly position: number | null;
  /** Replayed on a standby; bytes. */
  readonly replayed: number | null;
  readonly replayPaused: boolean | null;
  /** When the last replayed transaction was committed, ms since the epoch. */
  readonly lastReplayedAt: number | null;
  readonly sent: readonly SentStream[];
  readonly received: ReceivedStream | null;
  readonly slots: readonly SlotReading[];
  /** max_slot_wal_keep_size, bytes; null: without limit, or not told. */
  readonly slotLimit: number | null;
  readonly archiver: ArchiverReading | null;
  readonly disk: WalDisk | null;
  /** WAL a second between two readings, bytes; null as long as there is only one. */
  readonly walRate: number | null;
  /**
   * By slot, how fast what it retains grows, bytes a second; 0 for one that nobody uses and that is moved forward all the same. A slot is
   * missing as long as there are not readings enough.
   */
  readonly slotGrowth: Readonly<Record<string, number>>;
}

/** What one member answered, or why it did not. */
export type MemberReplication =
  | { readonly kind: 'unknown'; readonly member: string; readonly error: AppErrorData }
  | ({ readonly kind: 'known'; readonly member: string; readonly source: SqlSource } & ReplicationReading);

/** Replication of a whole cluster, from every end. */
export interface ReplicationView {
  readonly members: readonly MemberReplication[];
  /** ms since the epoch. */
  readonly asOf: number;
}
