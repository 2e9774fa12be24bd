import { toErrorData } from '../../../shared/model/app-error';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { AgentStanding, DataStanding, RepairPlace } from '../../../shared/model/repair/repair';
import { valueAt } from '../../../shared/rules/configure/config-patch';
import { namespacePath } from '../../../shared/rules/cluster/scope-prefix';
import { namesInWords } from '../../../shared/rules/words/wording';
import type { ClusterHub } from '../clusters/hub';
import type { DiscoveryAnswer, FoundConfig } from '../clusters/discovery/discovery-answer';
import { askForConfigs, mergeFound } from '../clusters/discovery/found-config';
import { asRootOrSelf } from '../member-files/read-member-file';
import type { Remote, RemotePool } from '../ssh/remote';
import { PLACE_SCRIPT_TEXT, readPlaceAnswer, type PlaceAnswer } from './place-script';

/** What places are looked at with. */
export interface RepairPlaceDeps {
  readonly hub: Pick<ClusterHub, 'rest'>;
  readonly remotes: Pick<RemotePool, 'remote'>;
  readonly now: () => number;
  /** Whether there is a way to become root on a server. */
  readonly hasRoot: (serverId: string) => boolean;
}

/** The cluster whose places are looked at. */
export interface PlaceScene {
  readonly entry: ClusterEntry;
  readonly state: ClusterState;
}

const LOOK_MS = 30_000;
const REST_MS = 4_000;

/** Looks at the places of these members; a place that cannot be looked at says why. Never rejects. */
export function lookAtPlaces(
  deps: RepairPlaceDeps,
  scene: PlaceScene,
  members: readonly string[],
): Promise<readonly RepairPlace[]> {
  return Promise.all(members.map((member) => lookAtPlace(deps, scene, member)));
}

/** All members that the app or the DCS knows. */
export function knownMembers({ entry, state }: PlaceScene, inDcs: readonly string[]): readonly string[] {
  return [...new Set([...entry.members, ...state.members].map(({ name }) => name).concat(inDcs))].sort();
}

async function lookAtPlace(deps: RepairPlaceDeps, scene: PlaceScene, member: string): Promise<RepairPlace> {
  const at = deps.now();
  const serverId = serverOf(scene, member);
  if (serverId === null) {
    const answers = await answersAs(deps, scene, member);
    return {
      ...blind(member, null, 'Its server is not known to this app.', at),
      ...(answers ? { agent: answers } : {}),
    };
  }
  const remote = deps.remotes.remote(serverId);
  try {
    const asRoot = deps.hasRoot(serverId);
    const answer = await askForConfigs(remote, remote.name, asRoot);
    return await placeOn(remote, { asRoot, answer, scene, member, at });
  } catch (thrown) {
    const answers = await answersAs(deps, scene, member);
    const place = blind(member, remote.name, toErrorData(thrown).message, at);
    return answers === null ? place : { ...place, agent: answers };
  }
}

function blind(member: string, server: string | null, why: string, at: number): RepairPlace {
  return { member, server, agent: { kind: 'unknown', why }, data: { kind: 'unknown', why }, atWork: [], at };
}

/** The server of a member: its own, or that of another member at the same address. */
function serverOf({ entry, state }: PlaceScene, member: string): string | null {
  const own =
    state.members.find(({ name }) => name === member)?.serverId ??
    entry.members.find(({ name }) => name === member)?.serverId;
  if (own !== undefined && own !== null) return own;
  const host = state.members.find(({ name }) => name === member)?.host ?? null;
  return host === null
    ? null
    : (state.members.find((one) => one.host === host && one.serverId !== null)?.serverId ?? null);
}

/** A Patroni that answers at the member's address runs, where it does not say that it is another one. */
async function answersAs(
  { hub }: RepairPlaceDeps,
  { entry }: PlaceScene,
  member: string,
): Promise<AgentStanding | null> {
  const answer = await hub
    .rest(entry.id, member)
    ?.get('/patroni', REST_MS)
    .catch(() => undefined);
  if (answer === undefined) return null;
  const own: unknown = Reflect.get(Object(answer), 'patroni');
  const name: unknown = Reflect.get(Object(own), 'name');
  if (typeof name === 'string' && name !== member) return null;
  return { kind: 'runs', sentence: `A Patroni answers at the REST address of ${member}.` };
}

interface Look {
  readonly asRoot: boolean;
  readonly answer: DiscoveryAnswer;
  readonly scene: PlaceScene;
  readonly member: string;
  readonly at: number;
}

async function placeOn(remote: Remote, look: Look): Promise<RepairPlace> {
  const { answer, member, at } = look;
  const own = answer.configs.find((one) => ownerOf(one, look) === 'own');
  const directory = own === undefined ? '' : dataDirectoryOf(own);
  const { stdout } = await asRootOrSelf(look.asRoot, (sudo) =>
    remote.script(PLACE_SCRIPT_TEXT, [directory], { timeoutMs: LOOK_MS, sudo }),
  );
  const said = readPlaceAnswer(stdout);
  if (said === null) return blind(member, remote.name, `${remote.name} did not answer completely.`, at);
  return {
    member,
    server: remote.name,
    agent: agentOf(said, look, remote.name),
    data: dataOf(said, directory, { member, server: remote.name, denied: answer.denied }),
    atWork: said.programs,
    at,
  };
}

/** Whose a configuration is: this member's, another one's, or nobody can tell. */
function ownerOf(found: FoundConfig, { scene, member }: Look): 'own' | 'other' | 'unread' {
  const merged = mergeFound(found);
  if (merged.kind !== 'config') return 'unread';
  const { entry } = scene;
  const text = (name: string): string | null => {
    const value = merged.config[name];
    return value === undefined || value === null ? null : String(value);
  };
  const group = valueAt(merged.config, ['citus', 'group']);
  const isGroup = entry.citusGroup === undefined || group === undefined || Number(group) === entry.citusGroup;
  const isScope = text('scope') === entry.scope && path(text('namespace') ?? 'service') === path(entry.namespace);
  return isScope && isGroup && text('name') === member ? 'own' : 'other';
}

function path(namespace: string): string {
  return namespacePath(namespace).replaceAll(/\/+/g, '/');
}

function dataDirectoryOf(found: FoundConfig): string {
  const merged = mergeFound(found);
  const directory = merged.kind === 'config' ? valueAt(merged.config, ['postgresql', 'data_dir']) : undefined;
  return typeof directory === 'string' ? directory : '';
}

function agentOf(said: PlaceAnswer, look: Look, server: string): AgentStanding {
  const { member, answer } = look;
  const owners = said.patronis.map(({ path: started }) => {
    const found = answer.configs.find((one) => one.path === started);
    return found === undefined ? 'unread' : ownerOf(found, look);
  });
  if (owners.includes('own')) return { kind: 'runs', sentence: `Patroni of ${member} runs on ${server}.` };
  if (owners.includes('unread'))
    return { kind: 'unknown', why: `A Patroni runs on ${server}, and its configuration could not be read.` };
  return {
    kind: 'stopped',
    sentence: `No Patroni of ${member} runs on ${server}.`,
    startsAtBoot: answer.configs.some((one) => ownerOf(one, look) !== 'other') ? said.startsAtBoot : false,
  };
}

function dataOf(
  said: PlaceAnswer,
  directory: string,
  whose: { readonly member: string; readonly server: string; readonly denied: readonly string[] },
): DataStanding {
  if (said.data === null) {
    const denied = whose.denied.length === 0 ? '' : ` These files could not be read: ${namesInWords(whose.denied)}.`;
    return { kind: 'unknown', why: `No configuration of ${whose.member} was found on ${whose.server}.${denied}` };
  }
  switch (said.data.kind) {
    case 'none':
    case 'files':
      return { kind: said.data.kind, directory };
    case 'cluster':
      return { kind: 'cluster', directory, systemIdentifier: said.data.systemIdentifier };
    case 'closed':
      return { kind: 'unknown', why: `${directory} on ${whose.server} may not be read.` };
  }
}
