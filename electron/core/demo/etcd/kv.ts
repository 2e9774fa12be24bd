import type { EtcdNode } from './node';
import type {
  Compare,
  DeleteRangeRequest,
  DeleteRangeResponse,
  Header,
  KeyValueMessage,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  RequestOp,
  ResponseOp,
  TxnRequest,
  TxnResponse,
} from './messages';
import type { KeyRange, StoredKey } from '../etcd-store/store';

/** A range as it comes over the wire. */
export function rangeOf(message: { key: Buffer; range_end: Buffer }): KeyRange {
  return { start: message.key.toString('latin1'), end: message.range_end.toString('latin1') };
}

/** The header that every answer carries. */
export function headerOf(node: EtcdNode): Header {
  return {
    cluster_id: node.clusterId,
    member_id: node.memberId,
    revision: String(node.store.revision),
    raft_term: String(node.term()),
  };
}

/** A stored key as a message; `keysOnly` leaves the value away. */
export function toMessage(kv: StoredKey, keysOnly = false): KeyValueMessage {
  return {
    key: Buffer.from(kv.key, 'latin1'),
    value: keysOnly ? Buffer.alloc(0) : kv.value,
    create_revision: String(kv.createRevision),
    mod_revision: String(kv.modRevision),
    version: String(kv.version),
    lease: kv.lease,
  };
}

/** KV.Range: limit, revision, keys_only, count_only and descending order by key or revision. Throws RevisionError. */
export function range(node: EtcdNode, request: RangeRequest): RangeResponse {
  const found = node.store.range(rangeOf(request), Number(request.revision));
  const ordered = sorted(found, request);
  const limit = Number(request.limit);
  const taken = limit > 0 ? ordered.slice(0, limit) : ordered;
  return {
    header: headerOf(node),
    kvs: request.count_only ? [] : taken.map((kv) => toMessage(kv, request.keys_only)),
    more: taken.length < ordered.length,
    count: String(ordered.length),
  };
}

/** What keys are sorted by, as RangeRequest.SortTarget names it; they are found in the order of their names. */
const SORT_TARGETS = new Map<string, (kv: StoredKey) => number>([
  ['Version', (kv) => kv.version],
  ['Create', (kv) => kv.createRevision],
  ['Mod', (kv) => kv.modRevision],
]);

function sorted(found: StoredKey[], request: RangeRequest): StoredKey[] {
  const rank = SORT_TARGETS.get(request.sort_target);
  const byTarget = rank === undefined ? found : [...found].sort((a, b) => rank(a) - rank(b));
  return request.sort_order === 'Descend' ? [...byTarget].reverse() : byTarget;
}

/** Raised when a put names a lease that is not there. */
export class LeaseNotFound extends Error {
  constructor() {
    super('etcdserver: requested lease not found');
  }
}

/** KV.Put. Throws LeaseNotFound. */
export function put(node: EtcdNode, request: PutRequest): PutResponse {
  const key = request.key.toString('latin1');
  const before = node.store.get(key);
  const lease = request.ignore_lease ? (before?.lease ?? '0') : request.lease;
  if (lease !== '0' && node.store.leases.get(lease) === undefined) throw new LeaseNotFound();
  const previous = node.store.put(
    key,
    request.ignore_value && before !== undefined ? before.value : request.value,
    lease,
  );
  return { header: headerOf(node), prev_kv: request.prev_kv && previous !== null ? toMessage(previous) : null };
}

/** KV.DeleteRange. */
export function deleteRange(node: EtcdNode, request: DeleteRangeRequest): DeleteRangeResponse {
  const gone = node.store.deleteRange(rangeOf(request));
  return {
    header: headerOf(node),
    deleted: String(gone.length),
    prev_kvs: request.prev_kv ? gone.map((kv) => toMessage(kv)) : [],
  };
}

/** KV.Txn: all comparisons hold: `success` runs, otherwise `failure`, as one revision. */
export function txn(node: EtcdNode, request: TxnRequest): TxnResponse {
  const succeeded = request.compare.every((compare) => holds(node, compare));
  const responses = node.store.transact(() =>
    (succeeded ? request.success : request.failure).map((op) => runOp(node, op)),
  );
  return { header: headerOf(node), succeeded, responses };
}

function runOp(node: EtcdNode, op: RequestOp): ResponseOp {
  if (op.request_range) return { response_range: range(node, op.request_range) };
  if (op.request_put) return { response_put: put(node, op.request_put) };
  if (op.request_delete_range) return { response_delete_range: deleteRange(node, op.request_delete_range) };
  if (op.request_txn) return { response_txn: txn(node, op.request_txn) };
  return {};
}

/** A condition on a range holds when it holds for every key; for no key, when it holds for one that is not there (etcd, applyCompares). */
function holds(node: EtcdNode, compare: Compare): boolean {
  const { key, range_end } = compare;
  if (range_end === undefined || range_end.length === 0)
    return holdsFor(node.store.get(key.toString('latin1')), compare);
  const found = node.store.range(rangeOf({ key, range_end }));
  return found.length === 0 ? holdsFor(undefined, compare) : found.every((kv) => holdsFor(kv, compare));
}

function holdsFor(kv: StoredKey | undefined, compare: Compare): boolean {
  const order = difference(kv, compare);
  switch (compare.result) {
    case 'Equal':
      return order === 0;
    case 'NotEqual':
      return order !== 0;
    case 'Greater':
      return order > 0;
    case 'Less':
      return order < 0;
  }
}

function difference(kv: StoredKey | undefined, compare: Compare): number {
  if (compare.target === 'Value')
    return kv === undefined ? NaN : Buffer.compare(kv.value, compare.value ?? Buffer.alloc(0));
  const [have, wanted] = numbersToCompare(kv, compare, compare.target);
  return Number(have ?? 0) - Number(wanted ?? 0);
}

type Comparable = number | string | undefined;

function numbersToCompare(
  kv: StoredKey | undefined,
  compare: Compare,
  target: Exclude<Compare['target'], 'Value'>,
): [Comparable, Comparable] {
  switch (target) {
    case 'Version':
      return [kv?.version, compare.version];
    case 'Create':
      return [kv?.createRevision, compare.create_revision];
    case 'Mod':
      return [kv?.modRevision, compare.mod_revision];
    case 'Lease':
      return [kv?.lease, compare.lease];
  }
}
