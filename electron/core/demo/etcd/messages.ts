/**
 * The part of etcd's v3 API that the demo answers, as the .proto files describe it and the loader
 * hands it over: int64 as decimal strings, bytes as Buffers, enums by name.
 */
export interface Header {
  cluster_id: string;
  member_id: string;
  revision: string;
  raft_term: string;
}
/** One key with its value and revisions. */
export interface KeyValueMessage {
  key: Buffer;
  value: Buffer;
  create_revision: string;
  mod_revision: string;
  version: string;
  lease: string;
}

/** Reads a key, or the keys up to `range_end`. */
export interface RangeRequest {
  key: Buffer;
  range_end: Buffer;
  limit: string;
  revision: string;
  sort_order: 'None' | 'Ascend' | 'Descend';
  sort_target: string;
  serializable: boolean;
  keys_only: boolean;
  count_only: boolean;
}
/** The keys that were asked for; `more` when the limit cut them. */
export interface RangeResponse {
  header: Header;
  kvs: KeyValueMessage[];
  more: boolean;
  count: string;
}
/** Writes one key, on a lease if one is named. */
export interface PutRequest {
  key: Buffer;
  value: Buffer;
  lease: string;
  prev_kv: boolean;
  ignore_value: boolean;
  ignore_lease: boolean;
}
/** The key was written; what was there before, when asked for. */
export interface PutResponse {
  header: Header;
  prev_kv: KeyValueMessage | null;
}
/** Removes a key, or the keys up to `range_end`. */
export interface DeleteRangeRequest {
  key: Buffer;
  range_end: Buffer;
  prev_kv: boolean;
}
/** How many keys were removed. */
export interface DeleteRangeResponse {
  header: Header;
  deleted: string;
  prev_kvs: KeyValueMessage[];
}

/** One condition of a transaction. */
export interface Compare {
  result: 'Equal' | 'Greater' | 'Less' | 'NotEqual';
  target: 'Version' | 'Create' | 'Mod' | 'Value' | 'Lease';
  key: Buffer;
  /** With it the condition is on every key of the range. */
  range_end?: Buffer;
  version?: string;
  create_revision?: string;
  mod_revision?: string;
  value?: Buffer;
  lease?: string;
}
/** One request within a transaction; exactly one field is set. */
export interface RequestOp {
  request_range?: RangeRequest;
  request_put?: PutRequest;
  request_delete_range?: DeleteRangeRequest;
  request_txn?: TxnRequest;
}
/** The answer to the request at the same place. */
export interface ResponseOp {
  response_range?: RangeResponse;
  response_put?: PutResponse;
  response_delete_range?: DeleteRangeResponse;
  response_txn?: TxnResponse;
}
/** If all of `compare` hold, `success` is done, otherwise `failure`. */
export interface TxnRequest {
  compare: Compare[];
  success: RequestOp[];
  failure: RequestOp[];
}
/** Which branch was done, and its answers. */
export interface TxnResponse {
  header: Header;
  succeeded: boolean;
  responses: ResponseOp[];
}

/** Begins to watch a key or a range from a revision. */
export interface WatchCreateRequest {
  key: Buffer;
  range_end: Buffer;
  start_revision: string;
  progress_notify: boolean;
  filters: ('Noput' | 'Nodelete')[];
  prev_kv: boolean;
  watch_id: string;
}
/** What a client says on a watch stream; one field is set. */
export interface WatchRequest {
  create_request?: WatchCreateRequest | null;
  cancel_request?: { watch_id: string } | null;
  progress_request?: object | null;
}
/** A key was written or removed. */
export interface EventMessage {
  type: 'Put' | 'Delete';
  kv: KeyValueMessage;
  prev_kv: KeyValueMessage | null;
}
/** What a watch stream sends: that it was made, its events, or why it ended. */
export interface WatchResponse {
  header: Header;
  watch_id: string;
  created?: boolean;
  canceled?: boolean;
  compact_revision?: string;
  cancel_reason?: string;
  events?: EventMessage[];
}

/** Asks for a lease of `TTL` seconds. */
export interface LeaseGrantRequest {
  TTL: string;
  ID: string;
}
/** Names a lease, to revoke it or to ask for the time it has left. */
export interface LeaseIdRequest {
  ID: string;
  keys?: boolean;
}
/** One member of the etcd cluster. */
export interface MemberMessage {
  ID: string;
  name: string;
  peerURLs: string[];
  clientURLs: string[];
  isLearner: boolean;
}
/** Asks for alarms, raises one or ends one. */
export interface AlarmRequest {
  action: 'Get' | 'Activate' | 'Deactivate';
  memberID: string;
  alarm: 'None' | 'Nospace' | 'Corrupt';
}
