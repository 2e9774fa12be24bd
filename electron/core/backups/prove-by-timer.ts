import { createHash } from 'node:crypto';
import { appError } from '../../../shared/model/app-error';
import type { BackupHost, BackupsView } from '../../../shared/model/backups/backup';
import type { BackupWorkPreview } from '../../../shared/model/backups/backup-setup';
import type { KeptProofSchedule, ProofSchedule } from '../../../shared/model/backups/proof-schedule';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Job } from '../../../shared/model/operate/job';
import type { BackupFile } from '../../../shared/rules/backups/backup-files';
import { stanzasOf } from '../../../shared/rules/backups/judge-backups';
import { roomForProof, valuesIn } from '../../../shared/rules/backups/judge-proof';
import {
  checkProofLook,
  isUnitName,
  proofConsequences,
  proofScript,
  proofSteps,
  proofUnit,
  proofUnits,
  type ProofLook,
} from '../../../shared/rules/backups/proof-files';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import type { ClusterHub } from '../clusters/hub';
import type { JobEngine } from '../jobs/job-engine';
import type { Remote, RemotePool } from '../ssh/remote';
import { runStep, stepFailed } from './backup-step';
import { PROOF_SCRIPT } from './proof-script';
import { PROOF_LOOK_SCRIPT, PROOF_REMOVE_SCRIPT } from './proof-timer-scripts';
import { readBackupHost } from './read-backup-host';

/** What a timer of proofs is set with. */
export interface ProofTimerDeps {
  readonly hub: ClusterHub;
  readonly remotes: Pick<RemotePool, 'remote'>;
  readonly jobs: JobEngine;
  readonly now: () => number;
  readonly hasRoot: (serverId: string) => boolean;
  readonly readBackups: (clusterId: string) => Promise<BackupsView>;
  readonly keepSchedule: (clusterId: string, schedule: KeptProofSchedule | null) => Promise<void>;
}

/** A confirmed timer. `fingerprint` comes from the preview. */
export interface ProofTimerRequest {
  readonly clusterId: string;
  readonly schedule: ProofSchedule;
  readonly fingerprint: string;
  readonly requestId: string;
}

/** The timer is to go. */
export interface ProofTimerStop {
  readonly clusterId: string;
  readonly requestId: string;
}

const LOOK_MS = 30_000;

interface Previewed {
  readonly preview: BackupWorkPreview;
  readonly state: ClusterState;
  readonly remote: Remote;
  readonly stanza: string | null;
  readonly files: readonly BackupFile[];
}

/** Says what the timer would be, and whether it can be; reads only. Rejects with `backup.no_root` and `ssh.*`. */
export async function previewProofTimer(
  deps: ProofTimerDeps,
  clusterId: string,
  schedule: ProofSchedule,
): Promise<BackupWorkPreview> {
  return (await previewed(deps, clusterId, schedule)).preview;
}

async function previewed(deps: ProofTimerDeps, clusterId: string, schedule: ProofSchedule): Promise<Previewed> {
  const state = await deps.hub.refresh(clusterId);
  const remote = remoteOf(deps, schedule.serverId);
  const { look, stanza } = await lookFor(deps, clusterId, state, remote);
  const files = stanza === null ? [] : [proofScript(stanza, PROOF_SCRIPT), ...proofUnits(stanza, schedule)];
  const checks = checkProofLook(look, state.readOnly);
  const steps = stanza === null ? [] : proofSteps(stanza, files, remote.name);
  return {
    ...{ state, remote, files, stanza },
    preview: {
      ...{ checks, steps },
      consequences: proofConsequences(schedule, remote.name),
      typeToConfirm: null,
      fingerprint: createHash('sha256')
        .update(JSON.stringify([schedule, steps]))
        .digest('hex'),
      allowed: checks.every(({ verdict }) => verdict !== 'refuses'),
    },
  };
}

/** What the server says, and the stanza that is proved there; null where there is none, or its name is none for a unit. */
async function lookFor(
  deps: ProofTimerDeps,
  clusterId: string,
  state: ClusterState,
  remote: Remote,
): Promise<{ readonly look: ProofLook; readonly stanza: string | null }> {
  const view = await deps.readBackups(clusterId);
  const host =
    view.hosts.find(({ server }) => server === remote.name) ??
    (await readBackupHost({ remote, member: null, port: null }));
  if (host.error !== null) throw appError(host.error.code, host.error.message, host.error);
  const own = stanzasOf([...view.hosts, host], host, state.systemIdentifier);
  const told = own.find(({ backups }) => backups.length > 0) ?? null;
  const stanza = told !== null && isUnitName(told.name) ? told.name : null;
  const size = told?.backups.at(-1)?.size ?? null;
  const major = majorOf(state);
  const look: ProofLook = {
    ...{ server: remote.name, stanza: told?.name ?? null, problem: problemOf(host), major },
    needed: size === null ? null : roomForProof(size),
    ...(await lookOn(remote, stanza ?? 'none', major)),
  };
  return { look, stanza };
}

function problemOf({ pgbackrest }: BackupHost): string | null {
  if (pgbackrest === null) return 'it is not installed.';
  return pgbackrest.problem ?? pgbackrest.stanzas?.find(({ state }) => state === 'broken')?.message ?? null;
}

function majorOf({ members }: ClusterState): number {
  return Math.floor(Math.max(0, ...members.map(({ postgresVersion }) => postgresVersion ?? 0)) / 10_000);
}

function remoteOf(deps: ProofTimerDeps, serverId: string): Remote {
  const remote = deps.remotes.remote(serverId);
  if (!deps.hasRoot(serverId))
    throw appError('backup.no_root', `There is no way to become root on ${remote.name}.`, {
      target: remote.name,
      hint: 'Choose in the settings of the server how the app becomes root there.',
    });
  return remote;
}

async function lookOn(remote: Remote, stanza: string, major: number) {
  const answer = await remote.script(PROOF_LOOK_SCRIPT, [stanza, String(major)], { timeoutMs: LOOK_MS, sudo: true });
  const lines = answer.stdout.split('\n');
  if (!lines.includes('end'))
    throw appError('backup.not_read', `${remote.name} did not tell whole what is there.`, {
      target: remote.name,
      retryable: true,
    });
  const values = valuesIn(answer.stdout);
  const free = Number(values.get('free') ?? 'none');
  return {
    hasPrograms: values.get('programs') === 'yes',
    free: Number.isFinite(free) ? free : null,
    foreign: lines.filter((line) => line.startsWith('foreign ')).map((line) => line.slice(8)),
  };
}

/**
 * Sets the timer as a job; one on another server is taken away. Rejects, with nothing changed, with `operation.state_changed`,
 * `backup.not_now` or `job.busy`.
 */
export async function startProofTimer(deps: ProofTimerDeps, request: ProofTimerRequest): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const { clusterId, schedule } = request;
  const { preview, state, remote, stanza, files } = await previewed(deps, clusterId, schedule);
  const refusal = preview.checks.find(({ verdict }) => verdict === 'refuses');
  if (refusal !== undefined || stanza === null)
    throw appError('backup.not_now', `${refusal?.sentence ?? 'There is nothing to prove.'} Nothing was changed.`, {
      hint: 'Look at the checks of the confirmation.',
      retryable: true,
    });
  if (request.fingerprint !== preview.fingerprint)
    throw appError('operation.state_changed', 'It is not as it was when this was confirmed. Nothing was changed.', {
      hint: 'Look at it as it is now and confirm again.',
      retryable: true,
    });
  const before = deps.hub.entry(clusterId)?.proofSchedule;
  const unit = proofUnit(stanza);
  return deps.jobs.start(
    {
      kind: 'backup',
      clusterId,
      clusterTitle: clusterName(state),
      title: `Prove the newest backup of ${clusterName(state)} every ${schedule.day}`,
      target: remote.name,
      command: `systemctl enable --now ${unit}.timer`,
      confirmation: `Confirmed. Shown: ${preview.consequences.join(' ')}`,
      phases: [{ id: 'write', label: `Write the timer on ${remote.name} and start it` }],
      exclusive: `proof:${clusterId}`,
      cancellable: false,
      requestId: request.requestId,
    },
    async (context) => {
      context.phase('write', 'running');
      if (before !== undefined && (before.serverId !== schedule.serverId || before.stanza !== stanza)) {
        await removeTimer(deps.remotes.remote(before.serverId), before.stanza);
        context.log('info', `The timer on ${deps.remotes.remote(before.serverId).name} is removed.`);
      }
      // Kept first: what is on a server is known here, whatever comes after.
      await deps.keepSchedule(clusterId, { ...schedule, stanza, since: deps.now() });
      await runStep(remote, ['install', '-d', '-m', '0755', '/usr/local/lib/matriarch']);
      for (const { path, text, mode } of files)
        await remote.writeFile(path, text, { owner: 'root', group: 'root', mode, sudo: true });
      await runStep(remote, ['systemctl', 'daemon-reload']);
      await runStep(remote, ['systemctl', 'enable', '--now', `${unit}.timer`]);
      return {
        status: 'done',
        result: {
          sentence:
            `${unit}.timer runs on ${remote.name}: every ${schedule.day} at ${schedule.time} the newest backup is restored there, ` +
            'asked and removed. How it came out is shown under Backups.',
          withoutPrimaryMs: null,
          facts: {},
        },
      };
    },
  );
}

async function removeTimer(remote: Remote, stanza: string): Promise<void> {
  const answer = await remote.script(PROOF_REMOVE_SCRIPT, [stanza], { timeoutMs: 180_000, sudo: true });
  if (!answer.stdout.includes('end'))
    throw stepFailed(
      remote,
      `The timer of the proofs of ${stanza} could not be removed: ${answer.stderr.slice(-300)}`,
      'Try again once that is mended.',
    );
}

/** Takes the timer away as a job. Rejects, with nothing changed, with `backup.not_now` where there is none, or `job.busy`. */
export async function startProofTimerRemoval(
  deps: ProofTimerDeps,
  { clusterId, requestId }: ProofTimerStop,
): Promise<Job> {
  const same = deps.jobs.byRequest(requestId);
  if (same !== null) return same;
  const schedule = deps.hub.entry(clusterId)?.proofSchedule;
  const state = await deps.hub.refresh(clusterId);
  if (schedule === undefined)
    throw appError('backup.not_now', 'No timer for proofs was set from here. Nothing was changed.', {});
  const remote = remoteOf(deps, schedule.serverId);
  return deps.jobs.start(
    {
      kind: 'backup',
      clusterId,
      clusterTitle: clusterName(state),
      title: `No longer prove backups of ${clusterName(state)} by a timer`,
      target: remote.name,
      command: `systemctl disable --now ${proofUnit(schedule.stanza)}.timer`,
      confirmation: 'Confirmed.',
      phases: [{ id: 'remove', label: `Remove the timer on ${remote.name}` }],
      exclusive: `proof:${clusterId}`,
      cancellable: false,
      requestId,
    },
    async (context) => {
      context.phase('remove', 'running');
      await removeTimer(remote, schedule.stanza);
      await deps.keepSchedule(clusterId, null);
      return {
        status: 'done',
        result: { sentence: `The timer on ${remote.name} is removed.`, withoutPrimaryMs: null, facts: {} },
      };
    },
  );
}
