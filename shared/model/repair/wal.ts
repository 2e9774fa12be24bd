import type { SlotReading, WalDisk } from '../postgres/replication';

/** A replication slot as its file in pg_replslot tells it, which needs no running PostgreSQL. */
export interface SlotOnDisk {
  readonly name: string;
  readonly kind: 'physical' | 'logical';
  /** The WAL position from which on it holds WAL, bytes; null: it holds none. */
  readonly restart: number | null;
}

/**
 * The WAL of a member and what lies beside it on its disk, as its server tells it. Sizes are bytes, null is what could not be read.
 */
export interface WalDirectory {
  readonly member: string;
  readonly server: string;
  /** The data directory. */
  readonly directory: string;
  /** Whether a PostgreSQL runs in it. */
  readonly runs: boolean;
  /** Of the segments in pg_wal. */
  readonly size: number | null;
  readonly segments: number | null;
  /** Of one segment. */
  readonly segmentSize: number;
  /** Segments that wait for the archiver. */
  readonly waiting: number | null;
  readonly disk: WalDisk | null;
  /** Where the newest segment begins, as a position. */
  readonly newest: number | null;
  readonly slots: readonly SlotOnDisk[];
  /** What else is large on the same disk. */
  readonly others: readonly { readonly path: string; readonly size: number }[];
  readonly at: number;
}

/** The last word of the archiver, as PostgreSQL tells it. Moments are ms since the epoch. */
export interface ArchiverWord {
  readonly fails: boolean;
  readonly lastFailed: string | null;
  readonly lastFailedAt: number | null;
}

/** What the running PostgreSQL of a member says about its slots and its WAL. Sizes are bytes; null: without limit, or not told. */
export interface WalWord {
  readonly recovery: boolean;
  readonly slots: readonly SlotReading[];
  readonly slotLimit: number | null;
  /** wal_keep_size. */
  readonly kept: number | null;
  readonly archiver: ArchiverWord | null;
  readonly at: number;
}
