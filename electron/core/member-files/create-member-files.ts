import { appError } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { BACKUP_SUFFIX, type MemberFileView, type OwnParameters } from '../../../shared/model/configure/member-file';
import type { Job } from '../../../shared/model/operate/job';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { isJsonObject, valueAt } from '../../../shared/rules/configure/config-patch';
import {
  memberFileCommands,
  memberFileTitle,
  typeForMemberFile,
  whyNotMemberFile,
  type MemberFileChange,
} from '../../../shared/rules/configure/member-file/member-file-commands';
import { maskValues, maskYaml, unmaskYaml } from '../../../shared/rules/configure/member-file/mask-yaml';
import { namesInWords } from '../../../shared/rules/words/wording';
import { readYaml } from '../../../shared/rules/configure/yaml/read-yaml';
import type { FoundConfig } from '../clusters/discovery/discovery-answer';
import type { ClusterHub } from '../clusters/hub';
import { clusterLock } from '../jobs/cluster-lock';
import type { JobEngine } from '../jobs/job-engine';
import type { PostgresFactsService } from '../postgres-facts/create-postgres-facts';
import type { RemotePool } from '../ssh/remote';
import { changeMemberFile, memberFileChanges, MEMBER_FILE_PHASES } from './change-member-file';
import { asRootOrSelf, findMemberConfig, readMemberFile, shaOf, type MemberFilePlace } from './read-member-file';
import { refuseMemberFile } from './refuse-member-file';
import { secretMark } from './secret-mark';

/** What members' own configurations are read and changed with. */
export interface MemberFilesDeps {
  readonly hub: ClusterHub;
  readonly remotes: Pick<RemotePool, 'remote'>;
  readonly jobs: JobEngine;
  readonly now: () => number;
  readonly postgresFacts: PostgresFactsService;
  /** Whether there is a way to become root on a server. */
  readonly hasRoot: (serverId: string) => boolean;
  /** Between two looks at a member's own answer, ms; a test may shorten it. */
  readonly pauseMs?: number;
}

/** A confirmed change. `text` has masks for its secrets; null puts the backup back. `sha` is that of the file that was read. */
export interface MemberFileRequest {
  readonly clusterId: string;
  readonly member: string;
  readonly path: string;
  readonly sha: string;
  readonly text: string | null;
  readonly typed: string | null;
  readonly requestId: string;
}

/** The patroni.yml of members, over SSH. */
export interface MemberFiles {
  /** Rejects with `operation.no_ssh`, `config.no_member_file` or `ssh.*`. */
  read(clusterId: string, member: string): Promise<MemberFileView>;
  /** What every member's own file sets of PostgreSQL; a member that cannot be asked says why. */
  ownParameters(clusterId: string): Promise<Readonly<Record<string, OwnParameters>>>;
  /**
   * Starts a job. Rejects, with nothing written, with `operation.read_only`, `operation.not_confirmed`, `config.file_changed`,
   * `config.file_locked`, `config.file_wrong`, `config.no_backup` or `job.busy`.
   */
  change(request: MemberFileRequest): Promise<Job>;
}

/** Makes the service. */
export function createMemberFiles(deps: MemberFilesDeps): MemberFiles {
  return {
    read: (clusterId, member) => readMemberFile(placeOf(deps, clusterId, member), deps.now),
    ownParameters: async (clusterId) => {
      const { members } = stateOf(deps, clusterId);
      const answers = await Promise.all(
        members.map(async ({ name }) => [name, await ownParametersOf(deps, clusterId, name)] as const),
      );
      return Object.fromEntries(answers);
    },
    change: (request) => change(deps, request),
  };
}

function stateOf({ hub }: MemberFilesDeps, clusterId: string): ClusterState {
  const state = hub.state(clusterId);
  if (state === null)
    throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
      hint: 'Choose one from the list.',
    });
  return state;
}

function placeOf(deps: MemberFilesDeps, clusterId: string, name: string): MemberFilePlace {
  const state = stateOf(deps, clusterId);
  const member = state.members.find((one) => one.name === name);
  if (member === undefined)
    throw appError('operation.no_member', `${name} is not a member of this cluster now.`, { target: name });
  if (member.serverId === null)
    throw appError('operation.no_ssh', `${name} is reached without SSH, so its files cannot be seen from here.`, {
      target: name,
      hint: 'Add its server, and choose it for this member under Cluster settings, How members are reached.',
    });
  return {
    state,
    member: name,
    remote: deps.remotes.remote(member.serverId),
    asRoot: deps.hasRoot(member.serverId),
  };
}

async function ownParametersOf(deps: MemberFilesDeps, clusterId: string, member: string): Promise<OwnParameters> {
  try {
    const found = await findMemberConfig(placeOf(deps, clusterId, member));
    return { kind: 'known', asOf: deps.now(), parameters: parametersOf(found) };
  } catch (thrown) {
    return { kind: 'unknown', sentence: thrown instanceof Error ? thrown.message : 'It could not be read.' };
  }
}

/** Files are read in the order of their names, and a later one wins over an earlier one. */
function parametersOf(found: FoundConfig): Extract<OwnParameters, { kind: 'known' }>['parameters'] {
  const files = [...found.files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const set = files.flatMap(({ path, text }) => {
    const answer = readYaml(text);
    const config = answer.kind === 'value' && isJsonObject(answer.value) ? answer.value : {};
    const section = valueAt(config, ['postgresql', 'parameters']);
    const masked = isJsonObject(section) ? maskValues(section) : {};
    return Object.entries(isJsonObject(masked) ? masked : {}).map(
      ([name, value]) => [name, { value, file: path }] as const,
    );
  });
  return Object.fromEntries(set);
}

async function change(deps: MemberFilesDeps, request: MemberFileRequest): Promise<Job> {
  const same = deps.jobs.byRequest(request.requestId);
  if (same !== null) return same;
  const place = placeOf(deps, request.clusterId, request.member);
  refuseUnconfirmed(place.state, request);
  const found = await findMemberConfig(place);
  const former = fileOf(found, request);
  const text = await wantedText(place, request, former);
  refuseMemberFile(place, { former, text });
  const kind: MemberFileChange = request.text === null ? 'restore' : 'edit';
  return deps.jobs.start(
    {
      kind: 'member_file',
      clusterId: request.clusterId,
      clusterTitle: clusterName(place.state),
      title: memberFileTitle(kind, request.member),
      target: request.member,
      command: memberFileCommands(
        kind,
        { path: request.path, startedWith: found.path, user: found.user },
        { scope: place.state.scope, member: request.member },
      ),
      confirmation: confirmationOf(request, { former, text }),
      phases: MEMBER_FILE_PHASES,
      exclusive: clusterLock(request.clusterId),
      cancellable: false,
      requestId: request.requestId,
    },
    (context) =>
      changeMemberFile({ ...deps, pauseMs: deps.pauseMs ?? 1000 }, context, {
        place,
        found,
        path: request.path,
        clusterId: request.clusterId,
        former,
        text,
      }),
  );
}

/** What was confirmed: the names of what changes, and no values, which may be secret. */
function confirmationOf(
  { typed }: MemberFileRequest,
  texts: { readonly former: string; readonly text: string },
): string {
  const how = typed === null ? 'Confirmed.' : `Confirmed by typing ${typed}.`;
  const names = memberFileChanges(texts).map(({ path }) => path.join('.'));
  return names.length === 0 ? `${how} No value changes.` : `${how} Changes ${namesInWords(names.slice(0, 20))}.`;
}

function refuseUnconfirmed(state: ClusterState, { typed }: MemberFileRequest): void {
  const why = whyNotMemberFile(state);
  if (why !== null)
    throw appError('operation.read_only', `${why} Nothing was sent.`, {
      hint: 'Change that under Cluster settings first.',
    });
  const wanted = typeForMemberFile(state);
  if (wanted !== null && typed?.trim() !== wanted.trim())
    throw appError('operation.not_confirmed', `To confirm this, type exactly: ${wanted}`, {
      hint: 'Nothing was sent.',
    });
}

/** The text that is in place, as long as it is the one that was read. */
function fileOf(found: FoundConfig, { path, sha, member }: MemberFileRequest): string {
  const file = found.files.find((one) => one.path === path);
  if (file === undefined)
    throw appError('config.file_changed', `Patroni of ${member} no longer reads ${path}. Nothing was written.`, {
      target: member,
      hint: 'Read the configuration again.',
    });
  if (shaOf(file.text) !== sha)
    throw appError('config.file_changed', `${path} was changed since it was read here. Nothing was written.`, {
      target: member,
      hint: 'Read it again; the editor shows what is there now.',
      retryable: true,
    });
  if (maskYaml(file.text, secretMark) === null || file.text.includes('\ufffd'))
    throw appError('config.file_locked', `${path} cannot be edited here. Nothing was written.`, {
      target: member,
      hint: 'Correct it in a terminal: it does not read as YAML, or is not UTF-8.',
    });
  return file.text;
}

const MOST_BACKUP_BYTES = 1_048_576;

async function wantedText(place: MemberFilePlace, request: MemberFileRequest, former: string): Promise<string> {
  if (request.text === null) {
    const options = { maxBytes: MOST_BACKUP_BYTES };
    const backup = await asRootOrSelf(place.asRoot, (sudo) =>
      place.remote.readFile(`${request.path}${BACKUP_SUFFIX}`, { ...options, sudo }),
    );
    if (backup !== null) return backup.toString('utf8');
    throw appError('config.no_backup', `There is no former text of ${request.path}. Nothing was written.`, {
      target: request.member,
      hint: 'It is kept beside the file with the first change that is made here.',
    });
  }
  const whole = unmaskYaml(request.text, maskYaml(former, secretMark)?.secrets ?? new Map());
  if (whole.kind === 'text') return whole.text;
  throw appError('config.file_wrong', `${whole.mask} stands for no secret of this file. Nothing was written.`, {
    target: request.member,
    hint: 'Take the mask from the file as it is now, or write the secret itself.',
  });
}
