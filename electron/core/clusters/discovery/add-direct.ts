import { randomUUID } from 'node:crypto';
import { appError } from '../../../../shared/model/app-error';
import type { ClusterEntry } from '../../../../shared/model/cluster/cluster-entry';
import { ETCD_CLIENT_PORT, readHostPort, type HostPort } from '../../../../shared/model/connect/host-port';
import { scopePrefix } from '../../../../shared/rules/cluster/scope-prefix';
import { withoutLogin } from '../../patroni/connect-patroni';
import { directDial } from '../connect/direct-dial';
import type { DiscoveryDeps, ClusterWithSecrets } from './discovered';
import { etcdAccess, restAccess } from './discovered';
import { citusGroupsOf, membersByRest, membersInEtcd, refuseTwins, withEtcd } from './list-members';
import type { ToldCluster, ToldMember } from './list-members';

/** A cluster without SSH: addresses and credentials as the user gives them. */
export interface AddDirect {
  readonly title: string;
  readonly restUrls: readonly string[];
  readonly etcd: readonly string[];
  readonly scope?: string | undefined;
  readonly namespace: string;
  readonly production: boolean;
  readonly restUser?: string | undefined;
  readonly restPassword?: string | undefined;
  readonly etcdUser?: string | undefined;
  readonly etcdPassword?: string | undefined;
  readonly caPem?: string | undefined;
  readonly certPem?: string | undefined;
  readonly keyPem?: string | undefined;
}

function parseEtcdAddress(text: string): HostPort {
  const address = readHostPort(text, ETCD_CLIENT_PORT);
  if (address !== null) return address;
  throw appError('etcd.bad_address', `"${withoutLogin(text)}" is not an address of etcd.`, {
    hint: 'Write host:port, e.g. 10.0.0.11:2379.',
  });
}

async function firstThatAnswers(request: AddDirect, rest: ClusterWithSecrets['rest']): Promise<ToldCluster> {
  const asked = await Promise.allSettled(request.restUrls.map((url) => membersByRest(url, rest, directDial)));
  const reported = asked.find((one) => one.status === 'fulfilled');
  if (reported !== undefined) return reported.value;
  const [failed] = asked.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
  throw failed;
}

function directAuth(username: string | undefined, password: string | undefined): ClusterWithSecrets['rest']['auth'] {
  return username === undefined || username === '' || password === undefined ? null : { username, password };
}

/** What the user gave, as the app keeps it. */
interface DirectAccess {
  readonly rest: ClusterWithSecrets['rest'];
  readonly etcd: ClusterWithSecrets['etcd'];
}

function accessOf(request: AddDirect): DirectAccess {
  const tls = {
    ca: request.caPem ?? null,
    cert: request.certPem ?? null,
    key: request.keyPem ?? null,
    insecure: false,
  };
  const isTls = (addresses: readonly string[]): boolean => addresses.some((one) => one.trim().startsWith('https:'));
  const hosts = request.etcd.filter((one) => one.trim() !== '').map(parseEtcdAddress);
  return {
    rest: {
      auth: directAuth(request.restUser, request.restPassword),
      tls: isTls(request.restUrls) ? tls : null,
    },
    etcd:
      hosts.length === 0
        ? null
        : { hosts, auth: directAuth(request.etcdUser, request.etcdPassword), tls: isTls(request.etcd) ? tls : null },
  };
}

/** The members of a cluster, or of one group of a Citus cluster. */
interface DirectGroup {
  readonly citusGroup: number | null;
  readonly members: readonly ToldMember[];
}

const MOST_KEYS = 20_000;

/**
 * The cluster of the member that answered; with the other groups after it where etcd has it as a group of a Citus cluster, which
 * the REST API does not tell.
 */
async function groupsAt(
  deps: DiscoveryDeps,
  { etcd }: DirectAccess,
  place: { readonly namespace: string; readonly scope: string },
  reported: readonly ToldMember[],
): Promise<{ readonly own: DirectGroup; readonly others: readonly DirectGroup[] }> {
  const plain = { own: { citusGroup: null, members: reported }, others: [] };
  if (etcd === null) return plain;
  // An etcd that cannot be asked is kept all the same: the page says what is wrong with it.
  const groups = await withEtcd(deps, null, etcd, async (client) => {
    const found = citusGroupsOf(await client.keys(scopePrefix(place.namespace, place.scope), MOST_KEYS));
    return Promise.all(
      found.map(async (citusGroup) => ({
        citusGroup,
        members: await membersInEtcd(client, { ...place, citusGroup }),
      })),
    );
  }).catch((): readonly DirectGroup[] => []);
  const urls = new Set(reported.map((member) => member.apiUrl));
  const own = groups.find((group) => group.members.some((member) => urls.has(member.apiUrl)));
  return own === undefined ? plain : { own, others: groups.filter((group) => group !== own) };
}

/** Adds a cluster without SSH, with all groups where it is one of Citus; answers the entry of the member that answered. */
export async function addDirect(deps: DiscoveryDeps, request: AddDirect): Promise<ClusterEntry> {
  const access = accessOf(request);
  const reported = await firstThatAnswers(request, access.rest);
  const scope = request.scope ?? reported.scope;
  if (scope === null)
    throw appError('discover.no_scope', 'This version of Patroni does not report its scope by REST.', {
      hint: "Enter the scope (the cluster's name in the Patroni configuration).",
    });
  const place = { namespace: request.namespace, scope };
  const { own, others } = await groupsAt(deps, access, place, reported.members);
  for (const group of [own, ...others]) refuseTwins(scope, group.members);
  const citusCluster = randomUUID();
  const save = async ({ citusGroup, members }: DirectGroup): Promise<ClusterEntry> => {
    const entry: ClusterEntry = {
      id: randomUUID(),
      title: request.title,
      ...place,
      ...(citusGroup === null ? {} : { citusGroup, citusCluster }),
      tags: [],
      production: request.production,
      readOnly: false,
      members: members.map((member) => ({ name: member.name, serverId: null, apiUrl: member.apiUrl })),
      ...(await keptAccess(deps, access, scope)),
      origin: 'user',
    };
    await deps.inventory.saveCluster(entry);
    return entry;
  };
  const entry = await save(own);
  for (const other of others) await save(other);
  return entry;
}

/** Each entry owns its secrets, so that removing one does not take another one's password. */
async function keptAccess(
  deps: DiscoveryDeps,
  { rest, etcd }: DirectAccess,
  scope: string,
): Promise<Pick<ClusterEntry, 'rest' | 'etcd'>> {
  const keep = (purpose: string, value: string): Promise<string> => deps.secrets.put(purpose, value);
  return {
    etcd: etcd === null ? null : await etcdAccess(etcd, scope, () => null, keep),
    rest: await restAccess(rest, scope, keep),
  };
}
