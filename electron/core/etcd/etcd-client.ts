import type { AppErrorData } from '../../../shared/model/app-error';
import type { EtcdAlarm, EtcdReading } from '../../../shared/model/etcd/etcd-view';
import type { EtcdMember } from '../../../shared/model/cluster/cluster-state';
import type { EtcdPace } from '../../../shared/rules/etcd/slow-members';
import type { Undo } from '../../../shared/model/undo';

/** One key with its value and the revisions that a compare-and-swap needs. */
export interface EtcdKey {
  readonly key: string;
  readonly value: string;
  readonly modRevision: string;
  readonly createRevision: string;
  /** '0' when no lease is attached. */
  readonly lease: string;
}

/** One key, or all that begin with a prefix. */
export type KeyOrPrefix = { readonly key: string } | { readonly prefix: string };

/** A change seen by a watch. */
export type EtcdChange =
  { readonly kind: 'put'; readonly entry: EtcdKey } | { readonly kind: 'delete'; readonly key: string };

/** What a watched prefix reports: the whole first, then changes; `lost` and `back` frame a gap, after which `snapshot` comes again. */
export type EtcdWatchEvent =
  | { readonly kind: 'snapshot'; readonly entries: readonly EtcdKey[]; readonly revision: string; readonly at: number }
  | {
      readonly kind: 'changes';
      readonly changes: readonly EtcdChange[];
      readonly revision: string;
      readonly at: number;
    }
  | { readonly kind: 'alive'; readonly at: number }
  | {
      readonly kind: 'lost';
      readonly reason: 'no_quorum' | 'unreachable' | 'refused';
      readonly error: AppErrorData;
      readonly at: number;
    };

/** A part of a snapshot as it comes from a member. */
export interface SnapshotPart {
  readonly bytes: Buffer;
  /** Bytes that are still to come. */
  readonly left: number;
}

/**
 * What is asked of and done to etcd itself. Members are named by their id in hexadecimal. All reject with an `etcd.*` error: with
 * `etcd.permission_denied` where etcd has users and the app's is not root, and with `etcd.no_way` where no known address
 * leads to the member.
 */
export interface EtcdMaintenance {
  /** The members and what each says of itself; one that does not answer has its error. Needs no quorum. */
  read(): Promise<EtcdReading>;
  moveLeader(from: string, to: string): Promise<void>;
  /** Resolves when the member has written its database anew, within 15 min. */
  defragment(member: string): Promise<void>;
  compact(revision: number): Promise<void>;
  disarm(alarm: EtcdAlarm): Promise<void>;
  countKeys(): Promise<number>;
  /** The database of a member in parts, as fast as they are taken; ends with an error when nothing comes for a minute. */
  snapshot(member: string, signal: AbortSignal): AsyncIterable<SnapshotPart>;
  addLearner(peerUrl: string): Promise<void>;
  promote(member: string): Promise<void>;
  remove(member: string): Promise<void>;
}

/** A member of etcd, and how it kept up when it was asked. */
export type AskedEtcdMember = EtcdMember & { readonly pace: EtcdPace };

/**
 * The etcd of one cluster. All calls have deadlines and reject with `etcd.unreachable`, `etcd.no_quorum`,
 * `etcd.timeout`, `etcd.auth_failed`, `etcd.tls`, `etcd.permission_denied` or `etcd.conflict`.
 */
export interface EtcdClient {
  /**
   * Watches a prefix until undone: lists, watches, recovers by itself, reports within 5 s that quorum is lost. While `isAwaited`
   * answers false (nobody has it on screen), the quorum is asked for only when no change was received for 3 s, so that a
   * loss is reported within 9 s.
   */
  watchPrefix(prefix: string, listener: (event: EtcdWatchEvent) => void, isAwaited?: () => boolean): Undo;
  range(prefix: string): Promise<{ readonly entries: readonly EtcdKey[]; readonly revision: string }>;
  /** Keys only, for the discovery of scopes. */
  keys(prefix: string, limit: number): Promise<readonly string[]>;
  /** Writes only when the key still has this mod revision ('0': does not exist); rejects with `etcd.conflict`. */
  compareAndSet(key: string, value: string, modRevision: string): Promise<void>;
  /** Deletes only when nothing of it was written after this revision; rejects with `etcd.conflict`. What is not there is no error. */
  removeUnchanged(what: KeyOrPrefix, revision: string): Promise<void>;
  /** Time left and granted of a lease, ms; null when it has expired. */
  leaseTime(lease: string): Promise<{ readonly leftMs: number; readonly ttlMs: number } | null>;
  /** `all: false` asks one member alone and opens no connection to the others, which are then `reachable: null`. */
  members(all?: boolean): Promise<readonly AskedEtcdMember[]>;
  /** What is asked of and done to etcd itself. */
  readonly maintenance: EtcdMaintenance;
  close(): Promise<void>;
}
