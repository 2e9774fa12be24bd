import type { BackupsView } from '../backups/backup';
import type { ClusterState } from '../cluster/cluster-state';
import type { HbaFileRule, ParameterValue } from '../configure/parameter';
import type { EtcdReading } from '../etcd/etcd-view';
import type { Reading } from './advice';

/** What the running PostgreSQL of a member says of itself. */
export interface PostgresAdviceFacts {
  /** e.g. 170005 */
  readonly version: number;
  readonly values: Readonly<Record<string, ParameterValue>>;
  /** null: this version or this user cannot tell. */
  readonly hba: readonly HbaFileRule[] | null;
  /** `application_name` of who streams WAL from it, members and others. */
  readonly receivers: readonly string[];
}

/** An account in a member's own configuration whose password everybody may know. `use` is e.g. `superuser`. */
export interface WeakAccount {
  readonly use: string;
  readonly username: string;
  /** Why: that it is empty, or that it is one of tutorials. Never the password. */
  readonly why: string;
}

/** What a member's own configuration says, without its secrets. */
export interface OwnConfigAdviceFacts {
  readonly path: string;
  readonly restAuthentication: boolean;
  readonly restTls: boolean;
  /** `allowlist` or `allowlist_include_members` limits who may write. */
  readonly restAllowlist: boolean;
  /** `verify_client`: `none`, `optional` or `required`. */
  readonly restVerifyClient: string;
  readonly restListen: string | null;
  /** The section by which Patroni finds its DCS, e.g. `etcd3`; null where none is known. */
  readonly dcs: string | null;
  readonly dcsTls: boolean;
  readonly dcsLogin: boolean;
  readonly dcsCertificate: boolean;
  /** `off`, `automatic` or `required`; Patroni's default is `automatic`. */
  readonly watchdogMode: string;
  readonly watchdogDevice: string;
  readonly createReplicaMethods: readonly string[];
  readonly weakAccounts: readonly WeakAccount[];
}

/** What a server says of itself. Every part may be unknown to who may not look. */
export interface ServerAdviceFacts {
  readonly server: string;
  /** Names the machine; null: not told. */
  readonly machineId: string | null;
  /** Its clock less this computer's, ms: the least and the most it can be by the round trip. */
  readonly clock: { readonly least: number; readonly most: number } | null;
  /** Whether the system says that its clock is kept by the network. null: it does not say. */
  readonly clockKept: boolean | null;
  /** The device of etcd's data, of PostgreSQL's data and of its WAL; null: not told, or none there. */
  readonly etcdDevice: string | null;
  readonly dataDevice: string | null;
  readonly etcdRuns: boolean;
  readonly haproxyRuns: boolean;
  readonly pgbouncerRuns: boolean;
  readonly watchdogThere: boolean | null;
  /** Tools of backups with a configuration on this server, e.g. `pgbackrest (main)`. */
  readonly backupTools: readonly string[];
}

/** A role that logs in, as PostgreSQL keeps it. */
export interface RoleAdviceFacts {
  readonly name: string;
  readonly superuser: boolean;
  readonly replication: boolean;
  readonly form: 'none' | 'md5' | 'scram' | 'other';
  /** Why its password is one that everybody may know; null: it is none of those that were compared. */
  readonly weak: string | null;
  /** Why it was not compared with those; null: it was. */
  readonly notCompared: string | null;
}

/** What is known of the backups of the cluster. */
export type BackupsAdviceFacts = Pick<BackupsView, 'standing' | 'proof' | 'limitHours'>;

/** One member as far as it was read. */
export interface MemberAdviceFacts {
  readonly name: string;
  readonly postgres: Reading<PostgresAdviceFacts>;
  readonly own: Reading<OwnConfigAdviceFacts>;
  readonly server: Reading<ServerAdviceFacts>;
}

/** How the app itself reaches the cluster. */
export interface AdviceAccess {
  /** null: the app does not reach its etcd. */
  readonly etcd: { readonly tls: boolean; readonly login: boolean; readonly certificate: boolean } | null;
  readonly prometheus: boolean;
  /** Servers that run load balancers and are no members. */
  readonly balancerServers: number;
}

/** All that the advice is made from: one reading of a cluster. */
export interface AdviceFacts {
  readonly state: ClusterState;
  readonly access: AdviceAccess;
  readonly members: readonly MemberAdviceFacts[];
  readonly etcd: Reading<EtcdReading>;
  readonly roles: Reading<readonly RoleAdviceFacts[]>;
  /** As the Backups view reads them. */
  readonly backups: Reading<BackupsAdviceFacts>;
  /** When it was read, ms since the epoch. */
  readonly now: number;
}
