import { appError } from '../../../shared/model/app-error';
import type { BackupStanza, BackupsView } from '../../../shared/model/backups/backup';
import type { RestorePlace } from '../../../shared/model/backups/restore';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { stanzasOf } from '../../../shared/rules/backups/judge-backups';
import { isJsonObject, valueAt } from '../../../shared/rules/configure/config-patch';
import type { FoundConfig } from '../clusters/discovery/discovery-answer';
import { mergeFound } from '../clusters/discovery/found-config';
import { findMemberConfig } from '../member-files/read-member-file';
import { servicesOn } from '../services/read-services';
import type { Remote, RemotePool } from '../ssh/remote';
import { RESTORE_PLACE_SCRIPT } from './restore-scripts';

/** A member's place with what its change needs; `file` holds secrets and never leaves the core. */
export interface OpenPlace {
  readonly place: RestorePlace;
  readonly remote: Remote;
  readonly port: number;
  readonly found: FoundConfig;
  readonly file: { readonly path: string; readonly text: string };
}

const LOOK_MS = 30_000;
const DEFAULT_PORT = 5432;

/** What is looked with. */
export interface RestoreLookDeps {
  readonly remotes: Pick<RemotePool, 'remote'>;
  readonly hasRoot: (serverId: string) => boolean;
}

/**
 * Looks at the servers of all members. `stamp` ends the name under which data is kept. Rejects with `operation.no_ssh`,
 * `backup.no_root`, `config.no_member_file` and `ssh.*`: a restore has to know every server.
 */
export function lookAtRestorePlaces(
  deps: RestoreLookDeps,
  state: ClusterState,
  stamp: string,
): Promise<readonly OpenPlace[]> {
  return Promise.all(state.members.map(({ name }) => lookAt(deps, state, name, stamp)));
}

async function lookAt(deps: RestoreLookDeps, state: ClusterState, name: string, stamp: string): Promise<OpenPlace> {
  const member = state.members.find((one) => one.name === name);
  const serverId = member?.serverId ?? null;
  if (serverId === null)
    throw appError('operation.no_ssh', `${name} is reached without SSH: a restore works on every member's server.`, {
      target: name,
      hint: 'Add its server, and choose it for this member under Cluster settings, How members are reached.',
    });
  const remote = deps.remotes.remote(serverId);
  if (!deps.hasRoot(serverId))
    throw appError('backup.no_root', `There is no way to become root on ${remote.name}.`, {
      target: remote.name,
      hint: 'Choose in the settings of the server how the app becomes root there.',
    });
  const found = await findMemberConfig({ state, member: name, remote, asRoot: true });
  const unit = (await servicesOn(remote)).find((one) => one.name === 'patroni')?.unit ?? null;
  const dataDirectory = dataDirectoryOf(found);
  const file = fileOf(found);
  if (unit === null || dataDirectory === null || file === undefined)
    throw appError('backup.not_read', `How Patroni of ${name} is started on ${remote.name} is not known.`, {
      target: name,
      hint: 'A restore needs its unit of systemd, its configuration file and its data directory.',
    });
  const answer = await remote.script(RESTORE_PLACE_SCRIPT, [dataDirectory], { timeoutMs: LOOK_MS, sudo: true });
  const place = { member: name, server: remote.name, unit, dataDirectory, configFile: file.path };
  return {
    place: { ...place, aside: `${dataDirectory}.before-restore-${stamp}`, ...readPlace(answer.stdout, place) },
    ...{ remote, found, file, port: member?.port ?? DEFAULT_PORT },
  };
}

function dataDirectoryOf(found: FoundConfig): string | null {
  const merged = mergeFound(found);
  const value = merged.kind === 'config' ? valueAt(merged.config, ['postgresql', 'data_dir']) : null;
  return typeof value === 'string' && /^\/[^/]/.test(value) ? value.replace(/\/+$/, '') : null;
}

/** Patroni lays later files over earlier ones: what is set in the last one holds. */
function fileOf({ files }: FoundConfig): OpenPlace['file'] | undefined {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1)).at(-1);
}

const OBSTACLES: Readonly<Record<string, string>> = {
  link: 'is a link',
  missing: 'is not there',
  mount: 'is the root of a file system, and cannot be renamed',
  wal: 'has its WAL elsewhere (pg_wal is a link)',
  tablespaces: 'has tablespaces elsewhere',
};

/** What the script printed of a place. Throws `backup.not_read` where it did not come to its end. */
export function readPlace(
  output: string,
  { server, dataDirectory }: { readonly server: string; readonly dataDirectory: string },
): Pick<RestorePlace, 'free' | 'hasPgbackrest' | 'obstacle'> {
  const lines = output.split('\n');
  if (!lines.includes('end'))
    throw appError('backup.not_read', `${server} did not tell whole what is there.`, {
      target: server,
      retryable: true,
    });
  const values = new Map(lines.map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1).join(' ')]));
  const obstacle = values.get('obstacle');
  const free = Number(values.get('free') ?? '');
  return {
    free: values.has('free') && Number.isFinite(free) ? free : null,
    hasPgbackrest: values.get('pgbackrest') === 'yes',
    obstacle:
      obstacle === undefined
        ? null
        : `${dataDirectory} on ${server} ${OBSTACLES[obstacle] ?? obstacle}: this is not restored from here.`,
  };
}

/** The stanza of a cluster as the server of the member that restores it tells it; null where it tells none. */
export function stanzaFor(view: BackupsView, member: string, state: ClusterState): BackupStanza | null {
  const host = view.hosts.find((one) => one.member === member);
  if (host === undefined) return null;
  return stanzasOf(view.hosts, host, state.systemIdentifier).find(({ backups }) => backups.length > 0) ?? null;
}

/** Why the server of a member tells no stanza to restore from, in pgBackRest's own words where it said any. */
export function whyNoStanza(view: BackupsView, member: string): string {
  const host = view.hosts.find((one) => one.member === member);
  if (host?.error !== null && host !== undefined) return `${host.server} could not be looked at: ${host.error.message}`;
  const broken = host?.pgbackrest?.stanzas?.find(({ state }) => state === 'broken')?.message ?? null;
  const said = host?.pgbackrest?.problem ?? broken;
  const words = said === null ? '.' : `: ${said}`;
  return `pgBackRest on the server of ${member} tells no backup of this cluster${words}`;
}

/** The configuration in which Patroni makes the cluster by a method of its own, and none of what a new cluster would be given. */
export function sectionsFor(
  config: Readonly<Record<string, unknown>>,
  method: string,
): readonly (readonly [readonly string[], unknown])[] {
  const bootstrap = valueAt(config, ['bootstrap']);
  const present = isJsonObject(bootstrap) ? Object.keys(bootstrap) : [];
  const gone = ['post_bootstrap', 'post_init', 'users'].filter((key) => present.includes(key));
  return [[['bootstrap', 'method'], method], ...gone.map((key) => [['bootstrap', key], undefined] as const)];
}
