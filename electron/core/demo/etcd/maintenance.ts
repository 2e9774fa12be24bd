import { createHash } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { prefixRange } from '../etcd-store/store';
import { headerOf } from './kv';
import type { AlarmRequest } from './messages';
import type { EtcdNode } from './node';
import { grpcFailure } from './tokens';

/** Bytes that an empty database takes. */
const EMPTY = 20_480;
const PAGE = 4_096;
const CHUNK = 32_768;
/** Entries of the log before the first revision: elections, and as many as an etcd of some months has. */
const LOG_BEFORE = 48_040;
/** What a slow member has not carried out yet, entries. */
const SLOW_ENTRIES = 2_400;

/** What a member's maintenance answers: its file grows with the history and shrinks when it is defragmented. */
export class SimMaintenance {
  readonly #node: EtcdNode;
  #file = 0;

  constructor(node: EtcdNode) {
    this.#node = node;
  }

  status(): object {
    const node = this.#node;
    const index = node.store.revision + LOG_BEFORE;
    const alarms = node.store.alarms
      .all()
      .map(({ memberID, alarm }) => `memberID:${memberID} alarm:${alarm.toUpperCase()} `);
    return {
      header: headerOf(node),
      version: node.version,
      dbSize: String(this.#size()),
      dbSizeInUse: String(this.#inUse()),
      leader: node.leaderId(),
      raftIndex: String(index),
      raftTerm: String(node.term()),
      raftAppliedIndex: String(node.isSlow?.() === true ? Math.max(0, index - SLOW_ENTRIES) : index),
      errors: node.hasQuorum() ? alarms : [...alarms, 'etcdserver: no leader'],
      isLearner: false,
    };
  }

  /** What was raised or ended is answered alone (server/etcdserver/apply.go, Alarm); who answers is said since 3.5. */
  alarm({ action, memberID, alarm }: AlarmRequest): object {
    const { alarms } = this.#node.store;
    const header = this.#node.version.startsWith('3.4.') ? null : headerOf(this.#node);
    if (action === 'Get') return { header, alarms: alarms.all() };
    if (alarm === 'None') return { header, alarms: [] };
    const changed = action === 'Activate' ? [alarms.raise({ memberID, alarm })] : alarms.disarm({ memberID, alarm });
    return { header, alarms: changed };
  }

  /** The answer says nothing, not even who gives it. */
  defragment(): object {
    this.#file = this.#inUse();
    return {};
  }

  /** The lead is handed over by the leader alone (server/etcdserver/api/v3rpc/maintenance.go). */
  moveLeader({ targetID }: { readonly targetID: string }): object {
    const node = this.#node;
    if (node.leaderId() !== node.memberId) throw grpcFailure(status.FAILED_PRECONDITION, 'etcdserver: not leader');
    if (node.moveLeader?.(targetID) !== true)
      throw grpcFailure(status.FAILED_PRECONDITION, 'etcdserver: bad leader transferee');
    return {};
  }

  /** A file of whole pages with its SHA-256 behind it, in parts. */
  *snapshot(): Generator<object> {
    const content = this.#content();
    const file = Buffer.alloc(Math.max(EMPTY, Math.ceil(content.length / PAGE) * PAGE));
    content.copy(file);
    const whole = Buffer.concat([file, createHash('sha256').update(file).digest()]);
    for (let at = 0; at < whole.length; at += CHUNK) {
      const blob = whole.subarray(at, at + CHUNK);
      yield { remaining_bytes: String(whole.length - at - blob.length), blob };
    }
  }

  #inUse(): number {
    const { store } = this.#node;
    const bytes = EMPTY + store.size() * 6 + store.historySize();
    return Math.ceil(bytes / PAGE) * PAGE;
  }

  #size(): number {
    this.#file = Math.max(this.#file, this.#inUse());
    return this.#file;
  }

  #content(): Buffer {
    const rows = this.#node.store
      .range(prefixRange(''))
      .map(({ key, value, modRevision }) => [key, value.toString('base64'), modRevision]);
    return Buffer.from(JSON.stringify(rows));
  }
}
