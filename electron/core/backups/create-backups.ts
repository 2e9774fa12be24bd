import { appError } from '../../../shared/model/app-error';
import type { BackupsView } from '../../../shared/model/backups/backup';
import type {
  BackupProof,
  BackupSetup,
  BackupSetupPreview,
  KeptBackups,
} from '../../../shared/model/backups/backup-setup';
import type { RestorePreview, RestoreWish } from '../../../shared/model/backups/restore';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Job } from '../../../shared/model/operate/job';
import { judgeBackups } from '../../../shared/rules/backups/judge-backups';
import type { ClusterHub } from '../clusters/hub';
import type { JobEngine } from '../jobs/job-engine';
import type { RemotePool } from '../ssh/remote';
import { readBackupHost } from './read-backup-host';
import {
  previewSetUp,
  startBackup,
  startSetUp,
  type BackupNow,
  type SetUpDeps,
  type SetUpRequest,
} from './set-up-backups';
import { startRemoval, type RemoveRequest } from './remove-set-up';
import { startProof, type ProofDeps, type ProofRequest } from './prove-backup';
import { previewRestore, startRestore, type RestoreDeps, type RestoreRequest } from './restore-cluster';

/** What backups are looked at with. */
export interface BackupsDeps {
  readonly hub: ClusterHub;
  readonly remotes: Pick<RemotePool, 'remote'>;
  readonly jobs: JobEngine;
  readonly now: () => number;
  /** Whether there is a way to become root on a server. */
  readonly hasRoot: (serverId: string) => boolean;
  /** Keeps what is known of the backups of a cluster, and the passphrase of its repository; null: it has none. */
  readonly keep: (clusterId: string, kept: KeptBackups, passphrase: string | null) => Promise<void>;
  readonly forget: (clusterId: string) => Promise<void>;
  readonly keepProof: (clusterId: string, proof: BackupProof) => Promise<void>;
  /** How old the newest backup of a cluster may be, hours. */
  readonly limitHours: (clusterId: string) => number;
}

/** The backups of clusters. */
export interface BackupsService {
  /** Looks at the servers of the members, or at those of them that are given; reads only. Rejects with `operation.unknown_cluster`. */
  read(clusterId: string, only?: readonly string[]): Promise<BackupsView>;
  /** Says what setting backups up would do; reads only. Rejects where a server cannot be looked at. */
  previewSetUp(clusterId: string, setup: BackupSetup): Promise<BackupSetupPreview>;
  /** Starts a job. Rejects, with nothing changed, as `startSetUp` does. */
  setUp(request: SetUpRequest): Promise<Job>;
  /** Takes away what a set-up made, as a job. Rejects, with nothing changed, as `startRemoval` does. */
  stop(request: RemoveRequest): Promise<Job>;
  /** Starts a job. Rejects as `startBackup` does. */
  backUp(request: BackupNow): Promise<Job>;
  /** Starts a job. Rejects as `startProof` does. */
  prove(request: ProofRequest): Promise<Job>;
  /** Says what a restore would do; reads only. Rejects where a member's server cannot be looked at. */
  previewRestore(clusterId: string, wish: RestoreWish): Promise<RestorePreview>;
  /** Starts a job. Rejects, with nothing changed, as `startRestore` does. */
  restore(request: RestoreRequest): Promise<Job>;
}

/** Makes the service. */
export function createBackups(deps: BackupsDeps): BackupsService {
  const settingUp: SetUpDeps = { ...deps, readBackups: (clusterId) => read(deps, clusterId) };
  const proving: ProofDeps = { ...deps, readBackups: (clusterId) => read(deps, clusterId) };
  const restoring: RestoreDeps = { ...deps, readBackups: (clusterId) => read(deps, clusterId) };
  return {
    read: (clusterId, only) => read(deps, clusterId, only),
    previewSetUp: (clusterId, setup) => previewSetUp(settingUp, clusterId, setup),
    setUp: (request) => startSetUp(settingUp, request),
    stop: (request) => startRemoval({ ...settingUp, forget: deps.forget }, request),
    backUp: (request) => startBackup(settingUp, request),
    prove: (request) => startProof(proving, request),
    previewRestore: (clusterId, wish) => previewRestore(restoring, clusterId, wish),
    restore: (request) => startRestore(restoring, request),
  };
}

const DEFAULT_PORT = 5432;

async function read(deps: BackupsDeps, clusterId: string, only?: readonly string[]): Promise<BackupsView> {
  const state = stateOf(deps, clusterId);
  const reached = state.members.flatMap(({ name, serverId, port }) =>
    serverId === null || only?.includes(serverId) === false ? [] : [{ name, serverId, port: port ?? DEFAULT_PORT }],
  );
  const missing = state.members.map(({ name }) => name).filter((name) => reached.every((one) => one.name !== name));
  const kept = deps.hub.entry(clusterId)?.backups?.serverId ?? null;
  const isBeside =
    kept !== null && only?.includes(kept) !== false && reached.every(({ serverId }) => serverId !== kept);
  const beside = isBeside ? [{ name: null, serverId: kept, port: null }] : [];
  const hosts = await Promise.all(
    [...reached, ...beside].map(({ name, serverId, port }) =>
      readBackupHost({ remote: deps.remotes.remote(serverId), member: name, port }),
    ),
  );
  return {
    hosts,
    standing: judgeBackups(hosts, state.systemIdentifier, missing),
    setUpHere: deps.hub.entry(clusterId)?.backups?.stanza ?? null,
    proof: deps.hub.entry(clusterId)?.backupProof ?? null,
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
