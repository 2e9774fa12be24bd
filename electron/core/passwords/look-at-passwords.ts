import { appError } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { PasswordAccount } from '../../../shared/model/passwords/password-account';
import { isJsonObject } from '../../../shared/rules/configure/config-patch';
import { readYaml } from '../../../shared/rules/configure/yaml/read-yaml';
import { findAccounts, type MemberConfig, type PoolerList } from '../../../shared/rules/passwords/find-accounts';
import type { ClusterHub } from '../clusters/hub';
import type { FoundConfig } from '../clusters/discovery/discovery-answer';
import { mergeFound } from '../clusters/discovery/found-config';
import { asRootOrSelf, findMemberConfig, type MemberFilePlace } from '../member-files/read-member-file';
import { placeOfMember, stateOfCluster, type MemberPlace, type PlaceDeps } from '../postgres/member-place';
import { readRolePasswords, type RolePassword } from './password-sql';

/** What leads to the servers of a cluster. */
export interface LookDeps extends Pick<PlaceDeps, 'remotes'> {
  readonly hub: Pick<ClusterHub, 'state' | 'entry' | 'rest'>;
  /** Whether there is a way to become root on a server. */
  readonly hasRoot: (serverId: string) => boolean;
}

/** One member with its own configuration and the way to its PostgreSQL. */
export interface LookedMember {
  readonly place: MemberFilePlace;
  readonly found: FoundConfig;
  readonly postgres: MemberPlace;
  /** PgBouncer's list on this server; null where there is none. */
  readonly list: PoolerList | null;
}

/** A cluster's passwords where they stand, with their values: they never leave the core. */
export interface PasswordLook {
  readonly state: ClusterState;
  readonly leader: string;
  readonly members: readonly LookedMember[];
  readonly configs: readonly MemberConfig[];
  readonly roles: readonly RolePassword[];
  readonly accounts: readonly PasswordAccount[];
}

const POOLER_INI = '/etc/pgbouncer/pgbouncer.ini';
const POOLER_LIST = '/etc/pgbouncer/userlist.txt';
const MOST_LIST_BYTES = 4_194_304;
/** The user that PgBouncer is mostly made to look others up with. */
const USUAL_POOLER_USER = 'pgbouncer';

/** Reads all members' files, PgBouncer's lists beside them, and the leader's roles. Rejects where one cannot be read. */
export async function lookAtPasswords(deps: LookDeps, clusterId: string): Promise<PasswordLook> {
  const state = stateOfCluster(deps, clusterId);
  const leader = state.leader.holder ?? '';
  const looked = await Promise.all(state.members.map(({ name }) => lookAtMember(deps, clusterId, name)));
  const first = looked.find(({ place }) => place.member === leader);
  if (first === undefined)
    throw appError('operation.refused', 'The cluster has no leader now, so that PostgreSQL takes no new password.', {
      hint: 'Wait for a leader, then look again.',
      retryable: true,
    });
  const configs = looked.map(memberConfig);
  const roles = await readRolePasswords(first.postgres);
  const lists = looked.flatMap(({ list }) => (list === null ? [] : [list]));
  const poolerUser = looked.map((one) => one.poolerUser).find((user) => user !== null) ?? USUAL_POOLER_USER;
  const accounts = findAccounts(
    configs,
    roles.filter(({ verifier }) => verifier !== '').map(({ name }) => name),
    { lists, poolerUser },
  ).map((account) => judged(account, roles));
  return { state, leader, members: looked, configs, roles, accounts };
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
          "PgBouncer's list with this user is on none of the members' servers, so that it cannot be changed with it.",
      }
    : account;
}

async function lookAtMember(
  deps: LookDeps,
  clusterId: string,
  name: string,
): Promise<LookedMember & { readonly poolerUser: string | null }> {
  const postgres = placeOfMember({ ...deps, login: () => null }, clusterId, name);
  const { state, remote, member } = postgres;
  const place = { state, member: name, remote, asRoot: member.serverId !== null && deps.hasRoot(member.serverId) };
  const [found, pooler] = await Promise.all([findMemberConfig(place), lookAtPooler(place)]);
  return { place, found, postgres, ...pooler };
}

async function lookAtPooler(
  place: MemberFilePlace,
): Promise<{ readonly list: PoolerList | null; readonly poolerUser: string | null }> {
  const ini = await readText(place, POOLER_INI);
  const setting = (name: string): string | null =>
    new RegExp(`^\\s*${name}\\s*=\\s*(\\S+)`, 'm').exec(ini ?? '')?.[1] ?? null;
  const path = setting('auth_file') ?? POOLER_LIST;
  const text = path.startsWith('/') ? await readText(place, path) : null;
  const poolerUser = setting('auth_user') ?? /\bauth_user=(\S+)/.exec(ini ?? '')?.[1] ?? null;
  return { list: text === null ? null : { server: place.remote.name, path, text }, poolerUser };
}

async function readText({ remote, asRoot }: MemberFilePlace, path: string): Promise<string | null> {
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
