import type { EtcdAccess, RestAccess } from '../../../../shared/model/cluster/cluster-entry';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { Settings } from '../../../../shared/model/app/settings';
import type { SshState } from '../../../../shared/model/connect/server';
import type { Undo } from '../../../../shared/model/undo';
import type { EtcdClient } from '../../etcd/etcd-client';
import type { Dial } from '../../platform/dial';
import type { PatroniClient } from '../../patroni/patroni-client';

/** What a cluster's watcher is given by the hub. */
export interface WatcherDeps {
  readonly now: () => number;
  readonly settings: () => Pick<Settings, 'pollVisibleMs' | 'pollHiddenMs'>;
  /** The etcd of these endpoints; clusters with the same access share one. */
  readonly etcd: (access: EtcdAccess) => EtcdClient;
  readonly rest: (member: string, apiUrl: string, access: RestAccess, serverId: string | null) => PatroniClient;
  /** Streams over the connection of a member's server, or direct ones. */
  readonly dial: (serverId: string | null) => Dial;
  readonly onSsh: (serverId: string, listener: (state: SshState) => void) => Undo;
  /** Called with each new state. */
  readonly onState: (state: ClusterState) => void;
}
