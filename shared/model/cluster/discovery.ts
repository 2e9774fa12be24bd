import type { AppErrorData } from '../app-error';

/** A Patroni configuration found on a server, secrets already moved to the vault. */
export interface DiscoveredCluster {
  /** Names this finding within one discovery; given back when adding. */
  readonly key: string;
  readonly scope: string;
  readonly namespace: string;
  /** The group of a Citus cluster; absent for every other cluster. */
  readonly citusGroup?: number;
  readonly configPath: string;
  readonly layout: 'debian' | 'etc-patroni' | 'systemd-unit' | 'etcd-only';
  readonly dcs: 'etcd3' | 'etcd' | 'other' | 'none';
  readonly dcsHosts: readonly string[];
  readonly restAuth: boolean;
  readonly restTls: boolean;
  readonly etcdAuth: boolean;
  readonly etcdTls: boolean;
  readonly members: readonly DiscoveredMember[];
  readonly patroniVersion: string | null;
  /** Already in the inventory: its id. */
  readonly existingClusterId: string | null;
  readonly problems: readonly AppErrorData[];
}

/** A member and how the app would reach it. */
export interface DiscoveredMember {
  readonly name: string;
  readonly apiUrl: string;
  readonly role: string;
  readonly state: string;
  /** `own`: its own SSH connection; `via`: through the server asked; `none`: no way found yet. */
  readonly reach: 'own' | 'via' | 'none';
  readonly serverId: string | null;
  /** A server of the inventory to be made for it when the cluster is added, or null. */
  readonly proposedHost: string | null;
}

/** What looking at one server found. */
export interface DiscoveryResult {
  readonly serverId: string;
  readonly clusters: readonly DiscoveredCluster[];
  /** Other scopes seen in the same etcd. */
  readonly otherScopes: readonly { readonly namespace: string; readonly scope: string; readonly members: number }[];
  readonly notes: readonly string[];
}
