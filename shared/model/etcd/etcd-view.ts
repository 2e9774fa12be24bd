import type { AppErrorData } from '../app-error';

/** What one etcd member says of itself. Sizes are bytes. */
export interface EtcdMemberStatus {
  readonly version: string;
  /** The size of the database file. */
  readonly dbSize: number;
  /** What of the file is used; the rest is given back by defragmentation. */
  readonly dbInUse: number;
  /** The quota that this member reports; null when it does not say. */
  readonly quota: number | null;
  readonly raftTerm: number;
  /** The last entry of the log that the cluster has agreed on, as this member knows it. */
  readonly raftIndex: number;
  /** The last entry that this member has carried out. */
  readonly raftApplied: number;
  readonly revision: number;
  /** What the member complains of, in its own words. */
  readonly errors: readonly string[];
  /** How long its answer took, ms, through the tunnel. */
  readonly latencyMs: number;
}

/** One member of etcd with what it answered. */
export interface EtcdMemberView {
  /** Hexadecimal, as etcdctl shows it. */
  readonly id: string;
  /** '' for a member that was added and has not started yet. */
  readonly name: string;
  readonly clientUrls: readonly string[];
  readonly peerUrls: readonly string[];
  /** It copies the data and has no vote. */
  readonly learner: boolean;
  /** null: nobody says who leads. */
  readonly leader: boolean | null;
  /** null: it gave no status, and `error` says why where that is known. */
  readonly status: EtcdMemberStatus | null;
  readonly error: AppErrorData | null;
}

/** The alarms of etcd that stop it from taking writes. */
export type EtcdAlarmKind = 'nospace' | 'corrupt';

/** An alarm that a member has raised. */
export interface EtcdAlarm {
  readonly memberId: string;
  readonly kind: EtcdAlarmKind;
}

/** An etcd cluster at a moment. */
export interface EtcdReading {
  /** Hexadecimal; '' when no member answered. */
  readonly clusterId: string;
  /** ms since the epoch. */
  readonly asOf: number;
  readonly members: readonly EtcdMemberView[];
  /** null: not known. */
  readonly alarms: readonly EtcdAlarm[] | null;
}

/** A cluster of Patroni that keeps its keys in this etcd. */
export interface EtcdScope {
  readonly namespace: string;
  readonly scope: string;
  /** The cluster of this app; null where it has none. */
  readonly clusterId: string | null;
}

/** What the page shows of the etcd of a cluster. */
export interface EtcdView extends EtcdReading {
  readonly scopes: readonly EtcdScope[];
}

/** A key below the scope, raw. */
export interface EtcdKeyRow {
  /** Without the prefix of the scope. */
  readonly name: string;
  readonly value: string;
  readonly createRevision: string;
  readonly modRevision: string;
  /** '0' when it has no lease. */
  readonly lease: string;
}

/** The keys of the scope at a revision. */
export interface EtcdKeys {
  readonly prefix: string;
  readonly revision: string;
  readonly asOf: number;
  readonly rows: readonly EtcdKeyRow[];
}
