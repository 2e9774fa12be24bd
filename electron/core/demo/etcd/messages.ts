/**
 * The part of etcd's v3 API that the demo answers, as the .proto files describe it and the loader
 * hands it over: int64 as decimal strings, bytes as Buffers, enums by name.
 */
export interface Header { cluster_id: string; member_id: string; revision: string; raft_term: string }
export interface KeyValueMessage { key: Buffer; value: Buffer; create_revision: string; mod_revision: string; version: string; lease: string }

export interface RangeRequest {
  key: Buffer; range_end: Buffer; limit: string; revision: string; sort_order: 'None' | 'Ascend' | 'Descend'; sort_target: string;
  serializable: boolean; keys_only: boolean; count_only: boolean;
}
export interface RangeResponse { header: Header; kvs: KeyValueMessage[]; more: boolean; count: string }
export interface PutRequest { key: Buffer; value: Buffer; lease: string; prev_kv: boolean; ignore_value: boolean; ignore_lease: boolean }
export interface PutResponse { header: Header; prev_kv: KeyValueMessage | null }
export interface DeleteRangeRequest { key: Buffer; range_end: Buffer; prev_kv: boolean }
export interface DeleteRangeResponse { header: Header; deleted: string; prev_kvs: KeyValueMessage[] }

export interface Compare {
  result: 'Equal' | 'Greater' | 'Less' | 'NotEqual'; target: 'Version' | 'Create' | 'Mod' | 'Value' | 'Lease'; key: Buffer;
  version?: string; create_revision?: string; mod_revision?: string; value?: Buffer; lease?: string;
}
export interface RequestOp { request_range?: RangeRequest; request_put?: PutRequest; request_delete_range?: DeleteRangeRequest; request_txn?: TxnRequest }
export interface ResponseOp {
  response_range?: RangeResponse; response_put?: PutResponse; response_delete_range?: DeleteRangeResponse; response_txn?: TxnResponse;
}
export interface TxnRequest { compare: Compare[]; success: RequestOp[]; failure: RequestOp[] }
export interface TxnResponse { header: Header; succeeded: boolean; responses: ResponseOp[] }

export interface WatchCreateRequest {
  key: Buffer; range_end: Buffer; start_revision: string; progress_notify: boolean; filters: ('Noput' | 'Nodelete')[]; prev_kv: boolean; watch_id: string;
}
export interface WatchRequest { create_request?: WatchCreateRequest | null; cancel_request?: { watch_id: string } | null; progress_request?: object | null }
export interface EventMessage { type: 'Put' | 'Delete'; kv: KeyValueMessage; prev_kv: KeyValueMessage | null }
export interface WatchResponse {
  header: Header; watch_id: string; created?: boolean; canceled?: boolean; compact_revision?: string; cancel_reason?: string; events?: EventMessage[];
}

export interface LeaseGrantRequest { TTL: string; ID: string }
export interface LeaseIdRequest { ID: string; keys?: boolean }
export interface MemberMessage { ID: string; name: string; peerURLs: string[]; clientURLs: string[]; isLearner: boolean }
export interface AlarmRequest { action: 'Get' | 'Activate' | 'Deactivate'; memberID: string; alarm: 'None' | 'Nospace' | 'Corrupt' }
