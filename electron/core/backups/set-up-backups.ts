import { createHash } from 'node:crypto';
import { appError, toErrorData } from '../../../shared/model/app-error';
import type { BackupKind, BackupsView } from '../../../shared/model/backups/backup';
import type {
  BackupSetup,
  BackupSetupPreview,
  KeptBackups,
  StoreLogin,
} from '../../../shared/model/backups/backup-setup';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Job } from '../../../shared/model/operate/job';
import { archivesNothing, backupUnit, type BackupMember } from '../../../shared/rules/backups/backup-files';
import {
  checkSetUp,
  setUpConsequences,
  setUpSteps,
  type HeldRepository,
  type SetUpFacts,
  type SetUpLook,
} from '../../../shared/rules/backups/set-up-words';
import { stanzaInCommand } from '../../../shared/rules/backups/judge-backups';
import { valueAt } from '../../../shared/rules/configure/config-patch';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import type { ClusterHub } from '../clusters/hub';
import { clusterLock } from '../jobs/cluster-lock';
import type { JobContext, JobEnd, JobEngine } from '../jobs/job-engine';
import type { Remote, RemotePool } from '../ssh/remote';
import { adoptedPlace, beginAdoptedBackup } from './adopt-backups';
import type { BackupSecrets } from './backup-secrets';
import { lookAtRestorePlaces } from './look-for-restore';
import { BACKUP_LOOK_SCRIPT } from './set-up-scripts';
import { makeBackup } from './make-backup';
import type { SetUpPlan } from './exchange-keys';
import { runSetUp, SET_UP_PHASES, type SetUpTools } from './set-up-work';

/** What backups are set up with. `keep` keeps the passphrase and what is known of the backups; `pauseMs` lies between two looks. */
export interface SetUpDeps {
  readonly hub: ClusterHub;
  readonly remotes: Pick<RemotePool, 'remote'>;
  readonly jobs: JobEngine;
  readonly now: () => number;
  readonly hasRoot: (serverId: string) => boolean;
  readonly readBackups: (clusterId: string) => Promise<BackupsView>;
  readonly keep: (clusterId: string, kept: KeptBackups, secrets: BackupSecrets) => Promise<void>;
  readonly forget: (clusterId: string) => Promise<void>;
  /** What the vault has of a stanza that was set up from here, also one that was stopped. */
  readonly secrets: (clusterId: string, stanza: string) => Promise<BackupSecrets>;
  readonly pauseMs?: number;
}

/** A confirmed set-up. */
export interface SetUpRequest {
  readonly clusterId: string;
  readonly setup: BackupSetup;
  /** The login of a store; null: there is none, or the one in the vault is used. */
  readonly store: StoreLogin | null;
  readonly fingerprint: string;
  readonly typed: string | null;
  readonly requestId: string;
}

/** A backup that is wanted now. */
export interface BackupNow {
  readonly clusterId: string;
  readonly kind: BackupKind;
  readonly requestId: string;
}

interface Previewed {
  readonly preview: BackupSetupPreview;
  readonly plan: SetUpPlan;
  readonly state: ClusterState;
}

/** Says what setting backups up would do, and whether it can be done; reads only. */
export async function previewSetUp(
  deps: SetUpDeps,
  clusterId: string,
  setup: BackupSetup,
): Promise<BackupSetupPreview> {
  return (await previewed(deps, clusterId, setup)).preview;
}

function entryOf({ hub }: SetUpDeps, clusterId: string): ClusterEntry {
  const entry = hub.entry(clusterId);
  if (entry === null)
    throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
      hint: 'Choose one from the list.',
    });
  return entry;
}

async function previewed(deps: SetUpDeps, clusterId: string, setup: BackupSetup): Promise<Previewed> {
  const entry = entryOf(deps, clusterId);
  const state = await deps.hub.refresh(clusterId);
  const places = await lookAtRestorePlaces(deps, state, 'never');
  const repository = setup.repository.kind === 'server' ? deps.remotes.remote(setup.repository.serverId) : null;
  const own = setup.repository.kind === 'directory' ? setup.repository.path : '';
  const { stanza } = setup;
  const [view, looks, there] = await Promise.all([
    deps.readBackups(clusterId),
    Promise.all(
      places.map(({ remote, port, place }) => lookOn(remote, [String(port), own, stanza, place.dataDirectory])),
    ),
    repository === null ? null : lookOn(repository, ['', setup.repository.path, stanza, '']),
  ]);
  const members = places.map(({ place, remote, port }, index) => {
    const host = state.members.find(({ name }) => name === place.member)?.host ?? '';
    const member: BackupMember = {
      ...{ name: place.member, address: host, port, dataDirectory: place.dataDirectory },
      socketDirectory: looks[index]?.socket ?? '',
    };
    return { member, remote };
  });
  const known = await isPassphraseKnown(deps, clusterId, stanza, [...looks, there]);
  const facts: SetUpFacts = {
    state,
    members: members.map(({ member, remote }, index) => ({
      ...{ member, server: remote.name },
      look: withPassphrase(looks[index] ?? null, known),
    })),
    repository: repository === null ? null : { server: repository.name, look: withPassphrase(there, known) },
    foreignArchive: foreignArchive(view, setup.stanza),
    isCitus: entry.citusGroup !== undefined,
  };
  const checks = checkSetUp(setup, facts);
  const steps = setUpSteps(setup, facts);
  return {
    state,
    plan: { clusterId, state, setup, members, repository },
    preview: {
      ...{ setup, checks, steps },
      consequences: setUpConsequences(setup, facts),
      typeToConfirm: entry.production ? clusterName(state) : null,
      fingerprint: createHash('sha256')
        .update(JSON.stringify([setup, steps]))
        .digest('hex'),
      allowed: checks.every(({ verdict }) => verdict !== 'refuses'),
    },
  };
}

/** The vault is asked only where something is encrypted: it may be locked. */
async function isPassphraseKnown(
  deps: SetUpDeps,
  clusterId: string,
  stanza: string,
  looks: readonly (SetUpLook | null)[],
): Promise<boolean> {
  if (looks.every((look) => look?.held.kind !== 'encrypted')) return false;
  return (await deps.secrets(clusterId, stanza)).passphrase !== null;
}

function withPassphrase(look: SetUpLook | null, known: boolean): SetUpLook | null {
  return look?.held.kind === 'encrypted' && known ? { ...look, held: { kind: 'encrypted', known } } : look;
}

/** An archive that somebody else set up, which is never overwritten; null where there is none. */
function foreignArchive({ hosts }: BackupsView, stanza: string): string | null {
  const commands = hosts.flatMap(({ archiving }) => (archiving === null ? [] : [archiving.command]));
  return commands.find((command) => !archivesNothing(command) && stanzaInCommand(command) !== stanza) ?? null;
}

async function lookOn(remote: Remote, args: readonly string[]): Promise<SetUpLook> {
  const answer = await remote.script(BACKUP_LOOK_SCRIPT, args, { timeoutMs: 45_000, sudo: true });
  const lines = answer.stdout.split('\n');
  if (!lines.includes('end'))
    throw appError('backup.not_read', `${remote.name} did not tell whole what is there.`, {
      target: remote.name,
      retryable: true,
    });
  const all = (name: string): readonly string[] =>
    lines
      .filter((line) => line.startsWith(`${name} `))
      .map((line) =>
        Buffer.from(line.slice(name.length + 1), 'base64')
          .toString('utf8')
          .trim(),
      );
  const free = Number(all('free')[0] ?? 'none');
  return {
    version: all('version')[0] ?? null,
    candidate: all('candidate')[0] ?? null,
    foreign: all('foreign'),
    socket: all('socket')[0] ?? null,
    free: Number.isFinite(free) ? free : null,
    dataSize: Number(all('size')[0] ?? '') || null,
    held: heldOf(all('held')[0]),
  };
}

function heldOf(said: string | undefined): HeldRepository {
  if (said === undefined) return { kind: 'free' };
  if (said === 'data') return { kind: 'data' };
  return said.startsWith('system ')
    ? { kind: 'stanza', systemIdentifier: said.slice(7) }
    : { kind: 'encrypted', known: said === 'known' };
}

/** Starts the set-up as a job. Rejects, with nothing changed, with `operation.*`, `backup.not_now` or `job.busy`. */
export async function startSetUp(deps: SetUpDeps, request: SetUpRequest): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const { clusterId, setup } = request;
  const { preview, plan, state } = await previewed(deps, clusterId, setup);
  refuse(preview, request);
  const serverId = setup.repository.kind === 'server' ? setup.repository.serverId : null;
  const present = await presentSecrets(deps, request);
  const former = entryOf(deps, clusterId).backups ?? null;
  const tools: SetUpTools = {
    ...{ hub: deps.hub, now: deps.now, pauseMs: deps.pauseMs ?? 1_000, former },
    ...present,
    keep: ({ stanza }, passphrase, formerArchive) =>
      deps.keep(
        clusterId,
        { stanza, serverId, ...(formerArchive === undefined ? {} : { formerArchive }) },
        { passphrase, store: present.store },
      ),
    forget: () => deps.forget(clusterId),
  };
  return deps.jobs.start(
    {
      kind: 'backup',
      clusterId,
      clusterTitle: clusterName(state),
      title: `Set up backups of ${clusterName(state)}`,
      target: null,
      command: preview.steps.flatMap(({ server, lines }) => [`# ${server}`, ...lines]).join('\n'),
      confirmation:
        `${preview.typeToConfirm === null ? 'Confirmed' : `Confirmed by typing ${preview.typeToConfirm}`}. ` +
        `Shown: ${preview.consequences.join(' ')}`,
      phases: SET_UP_PHASES,
      exclusive: clusterLock(clusterId),
      cancellable: false,
      requestId: request.requestId,
    },
    noted(deps, clusterId, 'set up backups', (context) => runSetUp(tools, context, plan)),
  );
}

/** The login that was given for a store, else the one in the vault; the passphrase that the vault has. */
async function presentSecrets(deps: SetUpDeps, { clusterId, setup, store }: SetUpRequest): Promise<BackupSecrets> {
  const isStore = setup.repository.kind === 's3';
  const kept = setup.encrypted || (isStore && store === null) ? await deps.secrets(clusterId, setup.stanza) : null;
  const login = isStore ? (store ?? kept?.store ?? null) : null;
  if (isStore && login === null)
    throw appError(
      'backup.not_now',
      'The access key and the secret key of the store are missing. Nothing was changed.',
      {
        hint: 'Fill them in: they are kept in the vault.',
      },
    );
  return { passphrase: kept?.passphrase ?? null, store: login };
}

function noted(
  { hub, now }: SetUpDeps,
  clusterId: string,
  what: string,
  work: (context: JobContext) => Promise<JobEnd>,
): (context: JobContext) => Promise<JobEnd> {
  const note = (severity: 'info' | 'good' | 'warning', sentence: string): void =>
    hub.record(clusterId, { at: now(), kind: 'operation', severity, member: null, sentence });
  return async (context) => {
    note('info', `Started here: ${what}.`);
    try {
      const end = await work(context);
      note('good', end.result?.sentence ?? '');
      return end;
    } catch (thrown) {
      note('warning', toErrorData(thrown).message);
      throw thrown;
    }
  };
}

function refuse(preview: BackupSetupPreview, { fingerprint, typed }: SetUpRequest): void {
  const refusal = preview.checks.find(({ verdict }) => verdict === 'refuses');
  if (refusal !== undefined)
    throw appError('backup.not_now', `${refusal.sentence} Nothing was changed.`, {
      hint: 'Look at the checks of the confirmation.',
      retryable: true,
    });
  if (fingerprint !== preview.fingerprint)
    throw appError(
      'operation.state_changed',
      'The servers are not as they were when this was confirmed. Nothing was changed.',
      {
        hint: 'Look at them as they are now and confirm again.',
        retryable: true,
      },
    );
  if (preview.typeToConfirm !== null && typed?.trim() !== preview.typeToConfirm.trim())
    throw appError('operation.not_confirmed', `To confirm this, type exactly: ${preview.typeToConfirm}`, {
      hint: 'Nothing was changed.',
    });
}

/** Makes a backup now, by the unit of its timer. Rejects with `backup.not_now` where backups were not set up from here. */
export async function startBackup(deps: SetUpDeps, { clusterId, kind, requestId }: BackupNow): Promise<Job> {
  const same = deps.jobs.byRequest(requestId);
  if (same !== null) return same;
  const { backups } = entryOf(deps, clusterId);
  const state = await deps.hub.refresh(clusterId);
  if (backups === undefined)
    throw appError(
      'backup.not_now',
      'Backups of this cluster were neither set up from here nor adopted: make one where they are made.',
      { hint: 'Adopt them under Backups, or run pgbackrest backup on the server with the repository.' },
    );
  const { remote, unit, begin } =
    backups.adopted === true
      ? await adoptedMaker(deps, clusterId, state, backups, kind)
      : ownMaker(deps, state, backups, kind);
  return deps.jobs.start(
    {
      kind: 'backup',
      clusterId,
      clusterTitle: clusterName(state),
      title: `Back up ${clusterName(state)} (${kind})`,
      target: remote.name,
      command:
        backups.adopted === true
          ? `pgbackrest --stanza=${backups.stanza} --type=${kind} backup`
          : `systemctl start ${unit}.service`,
      confirmation: 'Confirmed.',
      phases: [{ id: 'backup', label: `Back up on ${remote.name}` }],
      exclusive: clusterLock(clusterId),
      cancellable: false,
      requestId,
    },
    noted(deps, clusterId, 'a backup', async (context) => {
      context.phase('backup', 'following');
      const tools = { context, now: deps.now, pauseMs: deps.pauseMs ?? 1_000 };
      await makeBackup(tools, remote, { unit, stanza: backups.stanza }, begin);
      const again = kind === 'full' && (await useBackupsAgain(deps, clusterId, context));
      const more = again ? ' Replicas are made from backups again.' : '';
      return {
        status: 'done',
        result: { sentence: `The backup of ${clusterName(state)} is made.${more}`, withoutPrimaryMs: null, facts: {} },
      };
    }),
  );
}

interface BackupMaker {
  readonly remote: Remote;
  readonly unit: string;
  readonly begin: (() => Promise<void>) | undefined;
}

/** The server whose timer makes them, with the unit of that timer. */
function ownMaker(deps: SetUpDeps, state: ClusterState, backups: KeptBackups, kind: BackupKind): BackupMaker {
  const leader = state.members.find(({ name }) => name === state.leader.holder)?.serverId ?? null;
  const place = backups.serverId ?? leader;
  if (place === null)
    throw appError('backup.not_now', 'Nobody leads now, or the leader is not reached over SSH.', { retryable: true });
  return { remote: deps.remotes.remote(place), unit: backupUnit(backups.stanza, kind), begin: undefined };
}

async function adoptedMaker(
  deps: SetUpDeps,
  clusterId: string,
  state: ClusterState,
  backups: KeptBackups,
  kind: BackupKind,
): Promise<BackupMaker> {
  const place = await adoptedPlace(deps, clusterId, state, backups);
  return {
    remote: place.remote,
    unit: `${backupUnit(backups.stanza, kind)}-now`,
    begin: () => beginAdoptedBackup(place, backups.stanza, kind),
  };
}

/** After a restore replicas were copied from the leader; a full backup on the new timeline ends that. Says whether it did. */
async function useBackupsAgain({ hub }: SetUpDeps, clusterId: string, context: JobContext): Promise<boolean> {
  const state = hub.state(clusterId);
  const raw = state?.config?.raw ?? {};
  const methods = valueAt(raw, ['postgresql', 'create_replica_methods']);
  const isOurs =
    JSON.stringify(methods) === '["basebackup"]' && valueAt(raw, ['postgresql', 'pgbackrest']) !== undefined;
  const leader = state?.leader.holder ?? null;
  if (!isOurs || leader === null) return false;
  const body = { postgresql: { create_replica_methods: ['pgbackrest', 'basebackup'] } };
  const answer = await hub
    .rest(clusterId, leader)
    ?.write({ method: 'PATCH', path: '/config', body, timeoutMs: 15_000 });
  context.answer(`${leader}: PATCH /config ${answer?.status ?? 'not sent'}`);
  return answer !== undefined && answer.status < 300;
}
