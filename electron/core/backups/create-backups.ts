import { appError } from '../../../shared/model/app-error';
import type { BackupsView } from '../../../shared/model/backups/backup';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { judgeBackups } from '../../../shared/rules/backups/judge-backups';
import type { ClusterHub } from '../clusters/hub';
import type { RemotePool } from '../ssh/remote';
import { readBackupHost } from './read-backup-host';

/** What backups are looked at with. */
export interface BackupsDeps {
  readonly hub: Pick<ClusterHub, 'state'>;
  readonly remotes: Pick<RemotePool, 'remote'>;
  readonly now: () => number;
  /** How old the newest backup of a cluster may be, hours. */
  readonly limitHours: (clusterId: string) => number;
}

/** The backups of clusters. */
export interface BackupsService {
  /** Looks at the servers of the members, or at those of them that are given; reads only. Rejects with `operation.unknown_cluster`. */
  read(clusterId: string, only?: readonly string[]): Promise<BackupsView>;
}

/** Makes the service. */
export function createBackups(deps: BackupsDeps): BackupsService {
  return { read: (clusterId, only) => read(deps, clusterId, only) };
}

const DEFAULT_PORT = 5432;

async function read(deps: BackupsDeps, clusterId: string, only?: readonly string[]): Promise<BackupsView> {
  const state = stateOf(deps, clusterId);
  const reached = state.members.flatMap(({ name, serverId, port }) =>
    serverId === null || only?.includes(serverId) === false ? [] : [{ name, serverId, port: port ?? DEFAULT_PORT }],
  );
  const missing = state.members.map(({ name }) => name).filter((name) => reached.every((one) => one.name !== name));
  const hosts = await Promise.all(
    reached.map(({ name, serverId, port }) =>
      readBackupHost({ remote: deps.remotes.remote(serverId), member: name, port }),
    ),
  );
  return {
    hosts,
    standing: judgeBackups(hosts, state.systemIdentifier, missing),
    limitHours: deps.limitHours(clusterId),
    asOf: deps.now(),
  };
}

function stateOf({ hub }: BackupsDeps, clusterId: string): ClusterState {
  const state = hub.state(clusterId);
  if (state === null)
    throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
      hint: 'Choose one from the list.',
    });
  return state;
}
