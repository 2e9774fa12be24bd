import { appError } from '../../../shared/model/app-error';
import type { BackupHost, BackupKind, BackupsView } from '../../../shared/model/backups/backup';
import type { KeptBackups } from '../../../shared/model/backups/backup-setup';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { backupUnit } from '../../../shared/rules/backups/backup-files';
import { stanzasOf } from '../../../shared/rules/backups/judge-backups';
import { isConfigured, repositoriesOf } from '../../../shared/rules/backups/read-backup-config';
import type { ClusterHub } from '../clusters/hub';
import type { Remote, RemotePool } from '../ssh/remote';
import { runStep } from './backup-step';
import { readBackupHost } from './read-backup-host';
import type { BackupSecrets } from './backup-secrets';

/** What backups that somebody else set up are adopted with. */
export interface AdoptBackupsDeps {
  readonly hub: ClusterHub;
  readonly remotes: Pick<RemotePool, 'remote'>;
  readonly readBackups: (clusterId: string) => Promise<BackupsView>;
  readonly keep: (clusterId: string, kept: KeptBackups, secrets: BackupSecrets) => Promise<void>;
  readonly forget: (clusterId: string) => Promise<void>;
}

/**
 * Keeps that a stanza is this cluster's and which server has its repository; reads only. Rejects with `backup.not_now` where no server
 * tells such a stanza of this cluster's database system, or backups were set up from here.
 */
export async function adoptBackups(
  deps: AdoptBackupsDeps,
  clusterId: string,
  stanza: string,
  serverId: string | null,
): Promise<void> {
  const state = await deps.hub.refresh(clusterId);
  const present = deps.hub.entry(clusterId)?.backups;
  if (present !== undefined && present.adopted !== true)
    throw appError('backup.not_now', 'Backups of this cluster were set up from here. Nothing was changed.', {
      hint: 'Stop backing up first, if others are to be adopted.',
    });
  const view = await deps.readBackups(clusterId);
  const beside = serverId === null ? [] : [await hostOf(deps, view, serverId)];
  const hosts = [...view.hosts.filter(({ server }) => server !== beside[0]?.server), ...beside];
  const asked = beside.length > 0 ? beside : hosts;
  if (!asked.some((host) => stanzasOf(hosts, host, state.systemIdentifier).some(({ name }) => name === stanza)))
    throw appError('backup.not_now', `${whoIsAsked(asked)} no stanza ${stanza} of this cluster. Nothing was changed.`, {
      hint: 'Choose a stanza that is shown under Backups, and the server that keeps it.',
    });
  await deps.keep(clusterId, { stanza, serverId, adopted: true }, { passphrase: null, store: null });
}

function whoIsAsked(hosts: readonly BackupHost[]): string {
  const [only] = hosts;
  return hosts.length === 1 && only !== undefined ? `pgBackRest on ${only.server} tells` : 'Nobody tells';
}

async function hostOf({ remotes }: AdoptBackupsDeps, view: BackupsView, serverId: string): Promise<BackupHost> {
  const remote = remotes.remote(serverId);
  const host =
    view.hosts.find(({ server }) => server === remote.name) ??
    (await readBackupHost({ remote, member: null, port: null }));
  if (host.error !== null) throw appError(host.error.code, host.error.message, { hint: 'Nothing was changed.' });
  return host;
}

/** Forgets what was adopted. Rejects with `backup.not_now` where nothing was. */
export async function letGoOfBackups({ hub, forget }: AdoptBackupsDeps, clusterId: string): Promise<void> {
  if (hub.entry(clusterId)?.backups?.adopted !== true)
    throw appError('backup.not_now', 'No backups that somebody else set up were adopted. Nothing was changed.', {});
  await forget(clusterId);
}

/** Where a backup of an adopted stanza is made, and as whom. */
export interface AdoptedPlace {
  readonly remote: Remote;
  readonly user: string;
}

/**
 * pgBackRest makes backups where the repository is, or on the leader where that is a directory or a store. Rejects with
 * `backup.not_now` where that server is none of the app's.
 */
export async function adoptedPlace(
  deps: AdoptBackupsDeps,
  clusterId: string,
  state: ClusterState,
  { stanza, serverId }: KeptBackups,
): Promise<AdoptedPlace> {
  const leader = state.members.find(({ name }) => name === state.leader.holder) ?? null;
  const { hosts } = await deps.readBackups(clusterId);
  const own = hosts.find(({ member }) => member !== null && member === leader?.name);
  const files = own?.pgbackrest?.files ?? [];
  const repository = isConfigured(files, stanza) ? repositoriesOf(files, stanza)[0] : undefined;
  if (serverId !== null) return { remote: deps.remotes.remote(serverId), user: repository?.hostUser ?? 'postgres' };
  if (repository !== undefined && repository.host !== null)
    throw appError('backup.not_now', `Backups are made on ${repository.host}, which keeps them.`, {
      hint: 'Add that server under Servers, and choose it where the backups were adopted.',
    });
  if (leader?.serverId === null || leader === null)
    throw appError('backup.not_now', 'Nobody leads now, or the leader is not reached over SSH.', { retryable: true });
  return { remote: deps.remotes.remote(leader.serverId), user: 'postgres' };
}

/** Lets systemd make a backup of an adopted stanza in a unit that is gone afterwards; it goes on where this app does not. */
export async function beginAdoptedBackup(
  { remote, user }: AdoptedPlace,
  stanza: string,
  kind: BackupKind,
): Promise<void> {
  const unit = `${backupUnit(stanza, kind)}-now`;
  // What failed before keeps its name until it is forgotten.
  await remote.run(['systemctl', 'reset-failed', `${unit}.service`], { timeoutMs: 30_000, sudo: true });
  await runStep(remote, [
    ...['systemd-run', '--no-block', `--unit=${unit}`, `--uid=${user}`, '--property=Type=oneshot', '--quiet'],
    ...['pgbackrest', `--stanza=${stanza}`, `--type=${kind}`, '--log-level-console=info', 'backup'],
  ]);
}
