import { appError } from '../../../../shared/model/app-error';
import { connectEtcd } from '../../etcd/connect-etcd';
import type { EtcdClient } from '../../etcd/etcd-client';
import { parseCluster } from '../../patroni/answers/cluster';
import { parseMemberKey, type MemberKey } from '../../patroni/answers/member-key';
import { parseStatus } from '../../patroni/answers/status';
import { connectPatroni, withoutLogin } from '../../patroni/connect-patroni';
import type { Dial } from '../../platform/dial';
import type { DiscoveryDeps, ClusterWithSecrets } from './discovered';
import { PassingSecrets, etcdAccess, restAccess } from './discovered';
import { namespacePath, scopePrefix } from '../../../../shared/rules/cluster/scope-prefix';
import { openEtcdEndpoint } from '../connect/server-dial';

/** A member as the DCS or another member reports it. */
export interface ToldMember {
  readonly name: string;
  readonly apiUrl: string;
  readonly role: string;
  readonly state: string;
  readonly version: string | null;
  readonly postgresHost: string | null;
  readonly postgresPort: number | null;
}

/** A scope in an etcd. */
export interface FoundScope {
  readonly namespace: string;
  readonly scope: string;
  /** The group where the scope is a Citus cluster, each group of which is a Patroni cluster of its own; else null. */
  readonly citusGroup: number | null;
  readonly members: number;
}

const REST_TIMEOUT_MS = 8_000;
const MOST_KEYS = 20_000;

/** Opens the etcd of a finding through the server that was asked, does the work, and closes it. */
export async function withEtcd<T>(
  deps: DiscoveryDeps,
  serverId: string | null,
  etcd: NonNullable<ClusterWithSecrets['etcd']>,
  work: (client: EtcdClient) => Promise<T>,
): Promise<T> {
  const passing = new PassingSecrets();
  const access = await etcdAccess(etcd, '', () => serverId, passing.keep);
  const client = connectEtcd(
    { open: (endpoint) => openEtcdEndpoint(deps.remotes, endpoint), readSecret: passing.read, now: deps.now },
    access,
  );
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** The members of one scope by its keys. */
export async function membersInEtcd(
  client: Pick<EtcdClient, 'range'>,
  { namespace, scope, citusGroup }: Pick<FoundScope, 'namespace' | 'scope' | 'citusGroup'>,
): Promise<readonly ToldMember[]> {
  const prefix = scopePrefix(namespace, scope, citusGroup);
  const { entries } = await client.range(prefix);
  const leader = entries.find((entry) => entry.key === `${prefix}leader`)?.value ?? null;
  return entries
    .filter((entry) => entry.key.startsWith(`${prefix}members/`))
    .map((entry): ToldMember => {
      const name = entry.key.slice(`${prefix}members/`.length);
      const key = parseMemberKey(entry.value);
      const leads = key.role === 'standby_leader' ? 'standby_leader' : 'leader';
      return {
        name,
        apiUrl: key.apiUrl ?? '',
        role: name === leader ? leads : 'replica',
        state: listedState(key, name === leader),
        version: key.patroniVersion,
        postgresHost: key.host,
        postgresPort: key.port,
      };
    });
}

/** As `patronictl list` says it: of a replica that runs, what it receives the WAL by (from 3.1). */
function listedState({ stateText, replicationState }: MemberKey, leads: boolean): string {
  return leads || stateText !== 'running' || replicationState === null ? stateText : replicationState;
}

const KEYS_OF_PATRONI = /^\/((?:[^/]+\/)*)([^/]+)\/(initialize|config|leader|status|members\/.+)$/;
const CITUS_GROUP = /^(?:0|[1-9]\d*)$/;

/**
 * Scopes by their keys: whatever has Patroni's keys below it. Numbers below one name, with the coordinator's 0 among them, are
 * the groups of a Citus cluster. Pure.
 */
export function scopesOf(keys: readonly string[]): readonly FoundScope[] {
  const found = new Map<string, { readonly path: string; readonly name: string; members: number }>();
  for (const key of keys) {
    const [, path, name, rest] = KEYS_OF_PATRONI.exec(key) ?? [];
    if (path === undefined || name === undefined || rest === undefined) continue;
    const known = found.get(path + name) ?? { path, name, members: 0 };
    found.set(path + name, { ...known, members: known.members + (rest.startsWith('members/') ? 1 : 0) });
  }
  return [...found.values()].map(({ path, name, members }) => {
    const above = path.replace(/\/$/, '');
    const [namespace, scope] = [above.replace(/\/?[^/]*$/, ''), above.replace(/^.*\//, '')];
    return CITUS_GROUP.test(name) && namespace !== '' && found.has(`${path}0`)
      ? { namespace, scope, citusGroup: Number(name), members }
      : { namespace: above, scope: name, citusGroup: null, members };
  });
}

/** The groups of one Citus cluster that have members, in order, by the keys below its scope. Pure. */
export function citusGroupsOf(keys: readonly string[]): readonly number[] {
  return scopesOf(keys)
    .flatMap(({ citusGroup, members }) => (citusGroup === null || members === 0 ? [] : [citusGroup]))
    .sort((one, other) => one - other);
}

/** Every scope in this etcd that the user may read: the whole of it, or at least the namespace. */
export async function scopesInEtcd(client: EtcdClient, namespace: string): Promise<readonly FoundScope[]> {
  try {
    return scopesOf(await client.keys('/', MOST_KEYS));
  } catch {
    return scopesOf(await client.keys(namespacePath(namespace), MOST_KEYS).catch(() => []));
  }
}

/** What one member's REST API reports of its cluster. */
export interface ToldCluster {
  readonly members: readonly ToldMember[];
  readonly scope: string | null;
  readonly version: string | null;
}

/** Asks one REST address; rejects with a `rest.*` or `ssh.*` error. */
export async function membersByRest(url: string, rest: ClusterWithSecrets['rest'], dial: Dial): Promise<ToldCluster> {
  const passing = new PassingSecrets();
  const shown = withoutLogin(url);
  const client = connectPatroni(shown, url, await restAccess(rest, '', passing.keep), {
    dial,
    readSecret: passing.read,
  });
  try {
    const status = parseStatus(await client.get('/patroni', REST_TIMEOUT_MS));
    const listing = parseCluster(await client.get('/cluster', REST_TIMEOUT_MS));
    if (listing === null)
      throw appError('rest.not_json', `${shown} does not answer like Patroni.`, {
        target: shown,
        hint: "Enter the address of a member's REST API.",
      });
    const members = listing.members.map((one): ToldMember => ({
      name: one.name,
      apiUrl: one.apiUrl ?? '',
      role: one.role,
      state: one.stateText,
      version: null,
      postgresHost: one.host,
      postgresPort: one.port,
    }));
    return { members, scope: listing.scope ?? status?.scope ?? null, version: status?.patroniVersion ?? null };
  } finally {
    client.close();
  }
}

/**
 * Throws `discover.name_twice`. Patroni knows a member by its name alone: of two with one name, each overwrites the key of the other.
 */
export function refuseTwins(
  scope: string,
  members: readonly { readonly name: string; readonly apiUrl: string }[],
): void {
  const twin = members.find((one, index) => members.findIndex((other) => other.name === one.name) !== index);
  if (twin === undefined) return;
  const urls = members
    .filter((one) => one.name === twin.name)
    .map((one) => one.apiUrl)
    .join(' and ');
  throw appError('discover.name_twice', `Two members of ${scope} have the name ${twin.name}: ${urls}.`, {
    target: twin.name,
    hint: 'Give each member a name of its own in its Patroni configuration, then search again.',
  });
}
