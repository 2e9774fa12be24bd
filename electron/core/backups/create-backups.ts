import { appError } from '../../../shared/model/app-error';
import type { BackupHost, BackupsView } from '../../../shared/model/backups/backup';
import type {
  BackupProof,
  BackupSetup,
  BackupSetupPreview,
  BackupWorkPreview,
  KeptBackups,
} from '../../../shared/model/backups/backup-setup';
import type { KeptProofSchedule, ProofSchedule, ProofScheduleView } from '../../../shared/model/backups/proof-schedule';
import type { RestorePreview, RestoreWish } from '../../../shared/model/backups/restore';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Job } from '../../../shared/model/operate/job';
import { judgeBackups } from '../../../shared/rules/backups/judge-backups';
import { laterProof, readProofRecord } from '../../../shared/rules/backups/judge-proof';
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
import { adoptBackups, letGoOfBackups } from './adopt-backups';
import type { BackupSecrets } from './backup-secrets';
import { startRemoval, type RemoveRequest } from './remove-set-up';
import {
  previewProofTimer,
  startProofTimer,
  startProofTimerRemoval,
  type ProofTimerDeps,
  type ProofTimerRequest,
  type ProofTimerStop,
} from './prove-by-timer';
import { PROOF_RECORD_SCRIPT } from './proof-timer-scripts';
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
  readonly keep: (clusterId: string, kept: KeptBackups, secrets: BackupSecrets) => Promise<void>;
  readonly secrets: (clusterId: string, stanza: string) => Promise<BackupSecrets>;
  readonly forget: (clusterId: string) => Promise<void>;
  readonly keepProof: (clusterId: string, proof: BackupProof) => Promise<void>;
  /** Keeps the timer of proofs of a cluster; null: there is none any more. */
  readonly keepSchedule: (clusterId: string, schedule: KeptProofSchedule | null) => Promise<void>;
  /** How old the newest backup of a cluster may be, hours. */
  readonly limitHours: (clusterId: string) => number;
  /** How long ago the last proof by a timer may be, days. */
  readonly proofLimitDays: (clusterId: string) => number;
}

/** The backups of clusters. */
export interface BackupsService {
  /** Looks at the servers of the members, or at those of them that are given; reads only. Rejects with `operation.unknown_cluster`. */
  read(clusterId: string, only?: readonly string[]): Promise<BackupsView>;
  /** Says what setting backups up would do; reads only. Rejects where a server cannot be looked at. */
  previewSetUp(clusterId: string, setup: BackupSetup): Promise<BackupSetupPreview>;
  /** Starts a job. Rejects, with nothing changed, as `startSetUp` does. */
  setUp(request: SetUpRequest): Promise<Job>;
  /** Keeps that a stanza of somebody else's is this cluster's. Rejects as `adoptBackups` does. */
  adopt(clusterId: string, stanza: string, serverId: string | null): Promise<null>;
  /** Forgets what was adopted. Rejects as `letGoOfBackups` does. */
  letGo(clusterId: string): Promise<null>;
  /** Takes away what a set-up made, as a job. Rejects, with nothing changed, as `startRemoval` does. */
  stop(request: RemoveRequest): Promise<Job>;
  /** Starts a job. Rejects as `startBackup` does. */
  backUp(request: BackupNow): Promise<Job>;
  /** Starts a job. Rejects as `startProof` does. */
  prove(request: ProofRequest): Promise<Job>;
  /** Says what a timer that proves the newest backup would be; reads only. Rejects where its server cannot be looked at. */
  previewProofTimer(clusterId: string, schedule: ProofSchedule): Promise<BackupWorkPreview>;
  /** Starts a job. Rejects, with nothing changed, as `startProofTimer` does. */
  proveByTimer(request: ProofTimerRequest): Promise<Job>;
  /** Starts a job. Rejects, with nothing changed, as `startProofTimerRemoval` does. */
  stopProofTimer(request: ProofTimerStop): Promise<Job>;
  /** The last proof as it is known now; where a timer makes them its server is asked. Rejects where that does not answer. */
  lastProof(clusterId: string): Promise<BackupProof | null>;
  /** Says what a restore would do; reads only. Rejects where a member's server cannot be looked at. */
  previewRestore(clusterId: string, wish: RestoreWish): Promise<RestorePreview>;
  /** Starts a job. Rejects, with nothing changed, as `startRestore` does. */
  restore(request: RestoreRequest): Promise<Job>;
}

/** Makes the service. */
export function createBackups(deps: BackupsDeps): BackupsService {
  const settingUp: SetUpDeps = { ...deps, readBackups: (clusterId) => read(deps, clusterId) };
  const proving: ProofDeps = { ...deps, readBackups: (clusterId) => read(deps, clusterId) };
  const timing: ProofTimerDeps = { ...deps, readBackups: (clusterId) => read(deps, clusterId) };
  const restoring: RestoreDeps = { ...deps, readBackups: (clusterId) => read(deps, clusterId) };
  return {
    read: (clusterId, only) => read(deps, clusterId, only),
    previewSetUp: (clusterId, setup) => previewSetUp(settingUp, clusterId, setup),
    setUp: (request) => startSetUp(settingUp, request),
    adopt: async (clusterId, stanza, serverId) => {
      await adoptBackups(settingUp, clusterId, stanza, serverId);
      return null;
    },
    letGo: async (clusterId) => {
      await letGoOfBackups(settingUp, clusterId);
      return null;
    },
    stop: (request) => startRemoval(settingUp, request),
    backUp: (request) => startBackup(settingUp, request),
    prove: (request) => startProof(proving, request),
    previewProofTimer: (clusterId, schedule) => previewProofTimer(timing, clusterId, schedule),
    proveByTimer: (request) => startProofTimer(timing, request),
    stopProofTimer: (request) => startProofTimerRemoval(timing, request),
    lastProof: (clusterId) => lastProof(deps, clusterId),
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
  const known = knownOf(deps, clusterId);
  const beside = known.servers
    .filter((id) => only?.includes(id) !== false && reached.every(({ serverId }) => serverId !== id))
    .map((serverId) => ({ name: null, serverId, port: null }));
  const hosts = await Promise.all(
    [...reached, ...beside].map(({ name, serverId, port }) =>
      readBackupHost({ remote: deps.remotes.remote(serverId), member: name, port }),
    ),
  );
  return {
    hosts,
    standing: judgeBackups(hosts, state.systemIdentifier, missing),
    ...{ setUpHere: known.setUpHere, adopted: known.adopted, schedule: known.schedule },
    proof: laterProof(known.proof, proofByTimer(hosts, known.schedule, state.systemIdentifier)),
    limitHours: deps.limitHours(clusterId),
    proofLimitDays: deps.proofLimitDays(clusterId),
    asOf: deps.now(),
  };
}

/** What the inventory keeps of a cluster's backups, and the servers beside its members that have to do with them. */
function knownOf({ hub, remotes }: BackupsDeps, clusterId: string) {
  const entry = hub.entry(clusterId);
  const backups = entry?.backups ?? null;
  const schedule = entry?.proofSchedule ?? null;
  const isAdopted = backups?.adopted === true;
  return {
    setUpHere: backups === null || isAdopted ? null : backups.stanza,
    adopted: isAdopted ? backups.stanza : null,
    proof: entry?.backupProof ?? null,
    schedule: schedule === null ? null : { ...schedule, server: remotes.remote(schedule.serverId).name },
    servers: [...new Set([backups?.serverId, schedule?.serverId])].filter((id) => id !== null && id !== undefined),
  };
}

/** What the timer of a cluster's proofs told last; null: nothing yet, or its server was not looked at. */
function proofByTimer(
  hosts: readonly BackupHost[],
  schedule: ProofScheduleView | null,
  systemIdentifier: string | null,
): BackupProof | null {
  if (schedule === null) return null;
  const records = hosts.filter(({ server }) => server === schedule.server).flatMap(({ proofs }) => proofs);
  const record = records.find(({ stanza }) => stanza === schedule.stanza);
  return record === undefined ? null : readProofRecord(record.text, schedule.server, systemIdentifier);
}

async function lastProof(deps: BackupsDeps, clusterId: string): Promise<BackupProof | null> {
  const entry = deps.hub.entry(clusterId);
  const own = entry?.backupProof ?? null;
  const schedule = entry?.proofSchedule ?? null;
  if (schedule === null) return own;
  const remote = deps.remotes.remote(schedule.serverId);
  const answer = await remote.script(PROOF_RECORD_SCRIPT, [schedule.stanza], { timeoutMs: 30_000 });
  if (!answer.stdout.endsWith('told\n'))
    throw appError('backup.not_read', `${remote.name} did not tell how its last proof came out.`, { retryable: true });
  return laterProof(own, readProofRecord(answer.stdout, remote.name, stateOf(deps, clusterId).systemIdentifier));
}

function stateOf({ hub }: BackupsDeps, clusterId: string): ClusterState {
  const state = hub.state(clusterId);
  if (state === null)
    throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
      hint: 'Choose one from the list.',
    });
  return state;
}
