import { AppError, appError, toErrorData, type AppErrorData } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { PasswordAccount, PoolerLeftOut } from '../../../shared/model/passwords/password-account';
import { isJsonObject } from '../../../shared/rules/configure/config-patch';
import { readYaml } from '../../../shared/rules/configure/yaml/read-yaml';
import { findAccounts, type MemberConfig, type PoolerList } from '../../../shared/rules/passwords/find-accounts';
import { whyNotUnread } from '../../../shared/rules/passwords/password-guide';
import { namesInWords } from '../../../shared/rules/words/wording';
import type { ClusterHub } from '../clusters/hub';
import type { FoundConfig } from '../clusters/discovery/discovery-answer';
import { mergeFound } from '../clusters/discovery/found-config';
import { asRootOrSelf, findMemberConfig, type MemberFilePlace } from '../member-files/read-member-file';
import { placeOfMember, stateOfCluster, type MemberPlace, type PlaceDeps } from '../postgres/member-place';
import type { Remote } from '../ssh/remote';
import { readRolePasswords, type RolePassword } from './password-sql';

/** What leads to the servers of a cluster. */
export interface LookDeps extends Pick<PlaceDeps, 'remotes'> {
  readonly hub: Pick<ClusterHub, 'state' | 'entry' | 'rest'>;
  /** Whether there is a way to become root on a server. */
  readonly hasRoot: (serverId: string) => boolean;
  /** What the other clusters are called whose load balancers are looked for on a server, too. */
  readonly otherClustersOn: (serverId: string, clusterId: string) => readonly string[];
}

/** One member with its own configuration and the way to its PostgreSQL. */
export interface LookedMember {
  readonly place: MemberFilePlace;
  readonly found: FoundConfig;
  readonly postgres: MemberPlace;
}

/** A PgBouncer that has a list of users, with the way to it. */
export interface LookedPooler {
  /** The member on its server; null on a server of its own. */
  readonly member: string | null;
  readonly remote: Remote;
  readonly asRoot: boolean;
  readonly list: PoolerList;
}

/** A cluster's passwords where they stand, with their values: they never leave the core. */
export interface PasswordLook {
  readonly state: ClusterState;
  readonly leader: string;
  readonly members: readonly LookedMember[];
  readonly poolers: readonly LookedPooler[];
  readonly leftOut: readonly PoolerLeftOut[];
  /** Servers beside the members whose list could not be read, and why. */
  readonly unread: readonly UnreadPooler[];
  readonly configs: readonly MemberConfig[];
  readonly roles: readonly RolePassword[];
  readonly accounts: readonly PasswordAccount[];
}

/** A server beside the members that did not answer, or not as it had to. */
interface UnreadPooler extends PoolerLeftOut {
  readonly error: AppErrorData;
}

const POOLER_INI = '/etc/pgbouncer/pgbouncer.ini';
const POOLER_LIST = '/etc/pgbouncer/userlist.txt';
const MOST_LIST_BYTES = 4_194_304;
/** The user that PgBouncer is mostly made to look others up with. */
const USUAL_POOLER_USER = 'pgbouncer';

/**
 * Reads all members' files, PgBouncer's lists beside them and on the servers that were named for load balancers, and the leader's roles.
 * Rejects where one of a member cannot be read; a server beside them is named instead, and what may stand there is refused.
 */
export async function lookAtPasswords(deps: LookDeps, clusterId: string): Promise<PasswordLook> {
  const state = stateOfCluster(deps, clusterId);
  const leader = state.leader.holder ?? '';
  const [looked, separate] = await Promise.all([
    Promise.all(state.members.map(({ name }) => lookAtMember(deps, clusterId, name))),
    lookBesideMembers(deps, state),
  ]);
  const first = looked.find(({ place }) => place.member === leader);
  if (first === undefined)
    throw appError('operation.refused', 'The cluster has no leader now, so that PostgreSQL takes no new password.', {
      hint: 'Wait for a leader, then look again.',
      retryable: true,
    });
  const configs = looked.map(memberConfig);
  const roles = await readRolePasswords(first.postgres);
  const found = [...looked.map(({ pooler }) => pooler), ...separate.map(({ pooler }) => pooler)];
  const poolers = found.flatMap(({ pooler }) => (pooler === null ? [] : [pooler]));
  const lists = poolers.map(({ list }) => list);
  const unread = separate.flatMap((one) => one.unread);
  const poolerUser = found.map((one) => one.poolerUser).find((user) => user !== null) ?? USUAL_POOLER_USER;
  const accounts = findAccounts(
    configs,
    roles.filter(({ verifier }) => verifier !== '').map(({ name }) => name),
    { lists, poolerUser, unread: unread.map(({ server }) => server) },
  ).map((account) => judged(account, roles));
  const leftOut = separate.flatMap((one) => one.leftOut);
  return { state, leader, members: looked, poolers, leftOut, unread, configs, roles, accounts };
}

/** What only the servers can say of an account. */
function judged(account: PasswordAccount, roles: readonly RolePassword[]): PasswordAccount {
  if (account.refused !== null || account.id === 'rest') return account;
  const role = roles.find(({ name }) => name === account.username);
  if (role === undefined || role.verifier === '')
    return { ...account, refused: 'PostgreSQL has no password for this role, so that it does not log in by one.' };
  return account.uses.includes('pooler') && account.places.length === 0
    ? {
        ...account,
        refused:
          "PgBouncer's list with this user is on none of the servers that are looked at, so that it cannot be changed with it.",
      }
    : account;
}

async function lookAtMember(
  deps: LookDeps,
  clusterId: string,
  name: string,
): Promise<LookedMember & { readonly pooler: FoundPooler }> {
  const postgres = placeOfMember({ ...deps, login: () => null }, clusterId, name);
  const { state, remote, member } = postgres;
  const place = { state, member: name, remote, asRoot: member.serverId !== null && deps.hasRoot(member.serverId) };
  const [found, pooler] = await Promise.all([findMemberConfig(place), lookAtPooler(place)]);
  return { place, found, postgres, pooler };
}

/** What was found of PgBouncer on a server. */
interface FoundPooler {
  readonly pooler: LookedPooler | null;
  readonly poolerUser: string | null;
}

const nothingFound: FoundPooler = { pooler: null, poolerUser: null };

/** What was found on one server beside the members. */
interface FoundBeside {
  readonly pooler: FoundPooler;
  readonly leftOut: readonly PoolerLeftOut[];
  readonly unread: readonly UnreadPooler[];
}

/** The lists on servers that no member is on. One that serves several clusters is left alone: a user there may be another one's. */
function lookBesideMembers(deps: LookDeps, { clusterId, members }: ClusterState): Promise<readonly FoundBeside[]> {
  const ofMembers = new Set(members.map(({ serverId }) => serverId));
  const separate = (deps.hub.entry(clusterId)?.balancerServers ?? []).filter((serverId) => !ofMembers.has(serverId));
  return Promise.all(
    separate.map(async (serverId) => {
      const remote = deps.remotes.remote(serverId);
      const others = deps.otherClustersOn(serverId, clusterId);
      const place = { member: null, remote, asRoot: deps.hasRoot(serverId) };
      const looked = await lookAtPooler(place).catch((thrown: unknown) => unreadPooler(thrown, remote.name));
      if ('error' in looked) return { pooler: nothingFound, leftOut: [], unread: [looked] };
      if (looked.pooler === null || others.length === 0) return { pooler: looked, leftOut: [], unread: [] };
      const sentence =
        `${looked.pooler.list.path} on ${remote.name} is not changed: PgBouncer there may serve ${namesInWords(others)}, too. ` +
        'Change it there by hand, and reload PgBouncer.';
      return { pooler: nothingFound, leftOut: [{ server: remote.name, sentence }], unread: [] };
    }),
  );
}

/** A list that cannot be read may lock its users out; the user may say that the server does not count. */
function unreadPooler(thrown: unknown, server: string): UnreadPooler {
  const error = toErrorData(thrown);
  const sentence =
    `Whether PgBouncer on ${server} has a list of users is not known: ${error.message} Roles of PostgreSQL may stand in it and are ` +
    'not changed until it was read, or the server is taken off under Load balancers.';
  return { server, sentence, error };
}

/**
 * Refuses to go on with accounts of which a list that could not be read may have one. Rejects with what went wrong on its server.
 */
export function requireLists(
  { unread }: Pick<PasswordLook, 'unread'>,
  accounts: readonly { readonly id: string }[],
): void {
  const [first] = unread;
  const why = whyNotUnread(
    accounts,
    unread.map(({ server }) => server),
  );
  if (first === undefined || why === null) return;
  throw new AppError({
    ...first.error,
    hint:
      `${first.error.hint} PgBouncer's list on ${first.server} belongs to the change, unless its server is taken off under Load ` +
      'balancers.',
  });
}

async function lookAtPooler(place: Pick<LookedPooler, 'member' | 'remote' | 'asRoot'>): Promise<FoundPooler> {
  const ini = await readText(place, POOLER_INI);
  const setting = (name: string): string | null =>
    new RegExp(`^\\s*${name}\\s*=\\s*(\\S+)`, 'm').exec(ini ?? '')?.[1] ?? null;
  const path = setting('auth_file') ?? POOLER_LIST;
  const text = path.startsWith('/') ? await readText(place, path) : null;
  const poolerUser = setting('auth_user') ?? /\bauth_user=(\S+)/.exec(ini ?? '')?.[1] ?? null;
  if (text === null) return { pooler: null, poolerUser };
  const { member, remote, asRoot } = place;
  return { pooler: { member, remote, asRoot, list: { server: remote.name, path, text } }, poolerUser };
}

async function readText(
  { remote, asRoot }: Pick<LookedPooler, 'remote' | 'asRoot'>,
  path: string,
): Promise<string | null> {
  const bytes = await asRootOrSelf(asRoot, (sudo) => remote.readFile(path, { sudo, maxBytes: MOST_LIST_BYTES }));
  return bytes === null ? null : bytes.toString('utf8');
}

function memberConfig({ place, found }: LookedMember): MemberConfig {
  const merged = mergeFound(found);
  if (merged.kind === 'refused')
    throw appError('config.file_wrong', `The configuration of ${place.member} does not read as Patroni reads it.`, {
      target: place.member,
      hint: 'Correct it first: see patroni.yml under Configuration.',
    });
  return {
    member: place.member,
    server: place.remote.name,
    merged: merged.config,
    files: found.files.map(({ path, text }) => {
      const read = readYaml(text);
      return { path, config: read.kind === 'value' && isJsonObject(read.value) ? read.value : {} };
    }),
    variables: Object.keys(found.env),
  };
}
