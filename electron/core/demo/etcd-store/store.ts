import { AlarmTable } from './alarm-table';
import { LeaseTable } from './lease-table';

/** One key of the store. `key` is latin1 (one character per byte), so that string order is byte order. */
export interface StoredKey {
  readonly key: string;
  readonly value: Buffer;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  /** The lease that holds the key, or '0'. */
  readonly lease: string;
}

/** What a watcher sees: the key after the change (for a deletion only key and revision) and before it. */
export interface StoreEvent {
  readonly type: 'put' | 'delete';
  readonly kv: StoredKey;
  readonly previous: StoredKey | null;
}

/** All events of one revision; a transaction makes one revision. */
export interface StoreChange {
  readonly revision: number;
  readonly events: readonly StoreEvent[];
}

/** A learner that was added to the members; nobody has started it, so it has no name. `ID` is decimal. */
export interface AddedLearner {
  readonly ID: string;
  readonly name: '';
  readonly peerURLs: string[];
  readonly clientURLs: string[];
  readonly isLearner: boolean;
}

/** A range of keys as etcd takes it: no `end` is one key, an `end` of one zero byte is everything from `start` on. */
export interface KeyRange {
  readonly start: string;
  readonly end: string;
}

/** Asked for a revision that is gone (`compacted`) or not yet there (`future`). */
export class RevisionError extends Error {
  constructor(
    readonly kind: 'compacted' | 'future',
    readonly compactRevision: number,
  ) {
    super(
      kind === 'compacted'
        ? 'etcdserver: mvcc: required revision has been compacted'
        : 'etcdserver: mvcc: required revision is a future revision',
    );
  }
}

const HISTORY_LIMIT = 400;

/** Text as the store keeps it. */
export function toStoreKey(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The range of all keys that begin with `prefix` (latin1). */
export function prefixRange(prefix: string): KeyRange {
  for (let i = prefix.length - 1; i >= 0; i -= 1) {
    const code = prefix.charCodeAt(i);
    if (code < 0xff) return { start: prefix, end: prefix.slice(0, i) + String.fromCharCode(code + 1) };
  }
  return { start: prefix, end: '\0' };
}

/** Whether a key lies in a range. */
export function inRange(key: string, range: KeyRange): boolean {
  if (range.end === '') return key === range.start;
  return key >= range.start && (range.end === '\0' || key < range.end);
}

/**
 * The key space of one simulated etcd: revisions, history and leases, all in memory and without I/O.
 * Old revisions are dropped after HISTORY_LIMIT changes, as etcd's own compaction does.
 */
export class EtcdStore {
  revision = 1;
  compactRevision = 0;
  readonly leases = new LeaseTable();
  /** The alarms that members have raised. */
  readonly alarms = new AlarmTable();
  /** Members that were added and take part in no vote. */
  learners: readonly AddedLearner[] = [];
  readonly #keys = new Map<string, StoredKey>();
  #history: StoreChange[] = [];
  #pending: StoreEvent[] | null = null;
  readonly #listeners = new Set<(change: StoreChange) => void>();

  /** Calls the listener after each revision, in order. Returns the undo. */
  onChange(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get(key: string): StoredKey | undefined {
    return this.#keys.get(key);
  }

  /** The keys of a range in key order, as they are or as they were at `revision`. Throws RevisionError. */
  range(range: KeyRange, revision = 0): StoredKey[] {
    const source = revision > 0 && revision !== this.revision ? this.#at(revision) : this.#keys;
    const found = [...source.values()].filter((kv) => inRange(kv.key, range));
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  put(key: string, value: Buffer | string, lease = '0'): StoredKey | null {
    return this.transact(() => this.#putNow(key, Buffer.from(value), lease));
  }

  /** Deletes a range and returns what was there. */
  deleteRange(range: KeyRange): StoredKey[] {
    return this.transact(() => this.range(range).map((kv) => this.#deleteNow(kv)));
  }

  /** Runs several changes as one revision. Nested calls join the outer one. */
  transact<T>(body: () => T): T {
    if (this.#pending !== null) return body();
    this.#pending = [];
    try {
      return body();
    } finally {
      const events = this.#pending;
      this.#pending = null;
      if (events.length > 0) this.#commit(events);
    }
  }

  /** Ends a lease and deletes its keys. False when there is no such lease. */
  revoke(lease: string): boolean {
    const keys = this.leases.remove(lease);
    if (keys === null) return false;
    this.transact(() => keys.forEach((key) => this.deleteRange({ start: key, end: '' })));
    return true;
  }

  /** Ends every lease that is over at `now`. */
  expire(now: number): void {
    for (const id of this.leases.expired(now)) this.revoke(id);
  }

  /** The changes from `revision` on (inclusive). Throws RevisionError when they are gone. */
  since(revision: number): StoreChange[] {
    if (revision <= this.compactRevision) throw new RevisionError('compacted', this.compactRevision);
    return this.#history.filter((change) => change.revision >= revision);
  }

  /** Drops the history up to and including `revision`. */
  compact(revision: number): void {
    if (revision <= this.compactRevision) throw new RevisionError('compacted', this.compactRevision);
    if (revision > this.revision) throw new RevisionError('future', this.compactRevision);
    this.compactRevision = revision;
    this.#history = this.#history.filter((change) => change.revision > revision);
  }

  /** Rough size of the revisions that were not compacted, in bytes. */
  historySize(): number {
    let bytes = 0;
    for (const { events } of this.#history) for (const { kv } of events) bytes += kv.key.length + kv.value.length;
    return bytes;
  }

  /** Rough size of what is stored, in bytes. */
  size(): number {
    let bytes = 0;
    for (const kv of this.#keys.values()) bytes += kv.key.length + kv.value.length;
    return bytes;
  }

  #at(revision: number): Map<string, StoredKey> {
    if (revision > this.revision) throw new RevisionError('future', this.compactRevision);
    if (revision < this.compactRevision) throw new RevisionError('compacted', this.compactRevision);
    const keys = new Map(this.#keys);
    for (const change of [...this.#history].reverse()) {
      if (change.revision <= revision) break;
      for (const event of [...change.events].reverse()) {
        if (event.previous === null) keys.delete(event.kv.key);
        else keys.set(event.kv.key, event.previous);
      }
    }
    return keys;
  }

  #putNow(key: string, value: Buffer, lease: string): StoredKey | null {
    const previous = this.#keys.get(key) ?? null;
    const modRevision = this.revision + 1;
    const kv: StoredKey = {
      key,
      value,
      lease,
      modRevision,
      createRevision: previous?.createRevision ?? modRevision,
      version: (previous?.version ?? 0) + 1,
    };
    this.#keys.set(key, kv);
    if (previous !== null) this.leases.detach(previous.lease, key);
    this.leases.attach(lease, key);
    this.#pending?.push({ type: 'put', kv, previous });
    return previous;
  }

  #deleteNow(previous: StoredKey): StoredKey {
    this.#keys.delete(previous.key);
    this.leases.detach(previous.lease, previous.key);
    const kv: StoredKey = {
      key: previous.key,
      value: Buffer.alloc(0),
      createRevision: 0,
      modRevision: this.revision + 1,
      version: 0,
      lease: '0',
    };
    this.#pending?.push({ type: 'delete', kv, previous });
    return previous;
  }

  #commit(events: readonly StoreEvent[]): void {
    this.revision += 1;
    const change = { revision: this.revision, events };
    this.#history.push(change);
    if (this.#history.length > HISTORY_LIMIT * 1.25)
      this.compact(this.#history[this.#history.length - HISTORY_LIMIT]?.revision ?? this.revision);
    for (const listener of [...this.#listeners]) listener(change);
  }
}
