import type { AppErrorData } from '../app-error';

/** What of a cluster is upgraded by packages, in the order in which it is shown. */
export const upgradeParts = ['postgresql', 'patroni', 'etcd', 'haproxy', 'pgbouncer'] as const;
/** One of these parts. */
export type UpgradePart = (typeof upgradeParts)[number];

/** A package of Debian that is installed on a server. */
export interface InstalledPackage {
  readonly part: UpgradePart;
  readonly name: string;
  /** The version as Debian writes it, e.g. `17.6-1.pgdg13+1`. */
  readonly installed: string;
  /** The version that apt would install; null: apt offers none, or it could not be asked. */
  readonly offered: string | null;
  /** Whether apt was told to leave this package alone (`apt-mark hold`). */
  readonly held: boolean;
}

/** What one server has of a cluster's programs. */
export interface ServerPackages {
  readonly serverId: string;
  /** The server's name in the inventory. */
  readonly server: string;
  /** The members of etcd on it, by their names in etcd. */
  readonly etcdMembers: readonly string[];
  /** Why nothing is known of it; null where it was read. */
  readonly error: AppErrorData | null;
  readonly packages: readonly InstalledPackage[];
  /** Parts whose process still runs a program file that a newer one has replaced; null: processes could not be looked at. */
  readonly outdatedProcesses: readonly UpgradePart[] | null;
  /** How old the server's lists of packages are, ms; null: it has none. What they do not know is not offered. */
  readonly listsAgeMs: number | null;
}

/** The oldest transaction of a client; `ms` is its age. A role that does not see the sessions of others knows nothing of it. */
export type OldestTransaction =
  { readonly kind: 'none' } | { readonly kind: 'open'; readonly ms: number } | { readonly kind: 'unknown' };

/** What PostgreSQL of one member says of what would be in the way of stopping it. */
export interface MemberWork {
  readonly member: string;
  /** Why nothing is known; null where PostgreSQL answered. */
  readonly error: AppErrorData | null;
  readonly oldestTransaction: OldestTransaction;
  /** How many base backups are being taken from this member; null: not known. */
  readonly backups: number | null;
}

/** All that was read for the upgrades of a cluster. `asOf` is ms since the epoch. */
export interface UpgradesView {
  readonly servers: readonly ServerPackages[];
  readonly work: readonly MemberWork[];
  readonly asOf: number;
}
