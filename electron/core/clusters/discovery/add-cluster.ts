import { randomUUID } from 'node:crypto';
import { appError } from '../../../../shared/model/app-error';
import type { ClusterEntry, MemberEntry } from '../../../../shared/model/cluster/cluster-entry';
import type { DiscoveredMember, DiscoveryResult } from '../../../../shared/model/cluster/discovery';
import type { Server, ServerAuth, SudoMode } from '../../../../shared/model/connect/server';
import {
  ETCD_CLIENT_PORT,
  hostOfUrl,
  isSameHost,
  readHostPort,
  type HostPort,
} from '../../../../shared/model/connect/host-port';
import { findServer } from '../../../../shared/rules/connect/find-server';
import { discover } from './discover';
import type { DiscoveryDeps, ClusterWithSecrets } from './discovered';
import { etcdAccess, restAccess } from './discovered';
import { directDial } from '../connect/direct-dial';
import type { ToldCluster } from './list-members';
import { membersByRest } from './list-members';
import { withoutLogin } from '../../patroni/connect-patroni';

/** What the user says of a found cluster when adding it. */
export interface AddDiscovered {
  readonly serverId: string;
  readonly key: string;
  readonly title: string;
  readonly production: boolean;
  readonly tags: readonly string[];
}

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

/** Finds clusters and puts them into the inventory. Secrets found on servers go to the vault only when a cluster is added. */
export interface Discovery {
  discover(serverId: string): Promise<DiscoveryResult>;
  addDiscovered(request: AddDiscovered): Promise<ClusterEntry>;
  addDirect(request: AddDirect): Promise<ClusterEntry>;
}

/** Each server owns its secrets, so that removing one server does not take another one's password. */
async function copySecret(deps: DiscoveryDeps, id: string | undefined, purpose: string): Promise<string | undefined> {
  const value = id === undefined ? undefined : await deps.secrets.read(id);
  return value === undefined ? undefined : deps.secrets.put(purpose, value);
}

async function copyAuth(deps: DiscoveryDeps, auth: ServerAuth, name: string): Promise<ServerAuth> {
  switch (auth.kind) {
    case 'agent':
      return auth;
    case 'key': {
      const passphraseSecret = await copySecret(deps, auth.passphraseSecret, `Passphrase of the key for ${name}`);
      return { kind: 'key', keyPath: auth.keyPath, ...(passphraseSecret === undefined ? {} : { passphraseSecret }) };
    }
    case 'password':
    case 'keyboard-interactive': {
      const passwordSecret = await copySecret(deps, auth.passwordSecret, `SSH password for ${name}`);
      return { kind: auth.kind, ...(passwordSecret === undefined ? {} : { passwordSecret }) };
    }
  }
}

async function copySudo(deps: DiscoveryDeps, sudo: SudoMode, name: string): Promise<SudoMode> {
  if (sudo.kind !== 'password') return sudo;
  const passwordSecret = await copySecret(deps, sudo.passwordSecret, `sudo password for ${name}`);
  return { kind: 'password', ...(passwordSecret === undefined ? {} : { passwordSecret }) };
}

/** A server like the one that was asked, at the member's own host. */
async function proposeServer(
  deps: DiscoveryDeps,
  asked: Server,
  member: DiscoveredMember,
  host: string,
): Promise<Server> {
  const name = member.name.slice(0, 120);
  return {
    id: randomUUID(),
    name,
    host,
    port: asked.port,
    user: asked.user,
    auth: await copyAuth(deps, asked.auth, name),
    sudo: await copySudo(deps, asked.sudo, name),
    jump: asked.jump,
    tags: asked.tags,
  };
}

function toMember(member: DiscoveredMember, servers: ReadonlyMap<string, string>): MemberEntry {
  const made = member.proposedHost === null ? undefined : servers.get(member.proposedHost);
  return { name: member.name, serverId: made ?? member.serverId, apiUrl: member.apiUrl };
}

/** Servers for the members that have none yet; members on one host share one. */
async function makeServers(deps: DiscoveryDeps, finding: ClusterWithSecrets): Promise<ReadonlyMap<string, string>> {
  const asked = deps.inventory.server(finding.serverId);
  const made = new Map<string, string>();
  for (const member of finding.cluster.members) {
    const host = member.proposedHost;
    if (asked === undefined || host === null || made.has(host)) continue;
    const present = findServer(deps.inventory.servers(), { by: 'host', host, seenFrom: asked });
    const server = present ?? (await proposeServer(deps, asked, member, host));
    if (present === undefined) await deps.inventory.saveServer(server);
    made.set(host, server.id);
  }
  return made;
}

async function add(deps: DiscoveryDeps, finding: ClusterWithSecrets, request: AddDiscovered): Promise<ClusterEntry> {
  const { cluster } = finding;
  if (cluster.members.length === 0)
    throw appError(
      'discover.no_members',
      `No member of ${cluster.scope} is known yet: neither etcd nor its REST API reported one.`,
      { target: cluster.scope, hint: 'Solve the problems listed with this cluster, then search the server again.' },
    );
  refuseTwins(cluster.scope, cluster.members);
  const asked = deps.inventory.server(finding.serverId);
  const servers = await makeServers(deps, finding);
  const members = cluster.members.map((member) => toMember(member, servers));
  const serverFor = (host: string): string | null =>
    members.find((member) => isSameHost(hostOfUrl(member.apiUrl) ?? '', host))?.serverId ??
    (asked && findServer(deps.inventory.servers(), { by: 'host', host, seenFrom: asked })?.id) ??
    finding.serverId;
  const keep = (purpose: string, value: string): Promise<string> => deps.secrets.put(purpose, value);
  const entry: ClusterEntry = {
    id: cluster.existingClusterId ?? randomUUID(),
    title: request.title,
    scope: cluster.scope,
    namespace: cluster.namespace,
    ...(cluster.citusGroup === undefined ? {} : { citusGroup: cluster.citusGroup }),
    tags: [...request.tags],
    production: request.production,
    readOnly: false,
    members,
    origin: 'user',
    rest: await restAccess(finding.rest, cluster.scope, keep),
    etcd: finding.etcd === null ? null : await etcdAccess(finding.etcd, cluster.scope, serverFor, keep),
    ...(cluster.configPath === '' ? {} : { configPath: cluster.configPath }),
  };
  await deps.inventory.saveCluster(entry);
  return entry;
}

/** Patroni knows a member by its name alone: of two with one name, each overwrites the key of the other. */
function refuseTwins(scope: string, members: readonly { readonly name: string; readonly apiUrl: string }[]): void {
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

async function addDirect(deps: DiscoveryDeps, request: AddDirect): Promise<ClusterEntry> {
  const tls = {
    ca: request.caPem ?? null,
    cert: request.certPem ?? null,
    key: request.keyPem ?? null,
    insecure: false,
  };
  const https = request.restUrls.some((url) => url.startsWith('https:'));
  const rest = { auth: directAuth(request.restUser, request.restPassword), tls: https ? tls : null };
  const hosts = request.etcd.filter((one) => one.trim() !== '').map(parseEtcdAddress);
  const reported = await firstThatAnswers(request, rest);
  const scope = request.scope ?? reported.scope;
  if (scope === null)
    throw appError('discover.no_scope', 'This version of Patroni does not report its scope by REST.', {
      hint: "Enter the scope (the cluster's name in the Patroni configuration).",
    });
  refuseTwins(scope, reported.members);
  const keep = (purpose: string, value: string): Promise<string> => deps.secrets.put(purpose, value);
  const etcdTls = request.etcd.some((one) => one.trim().startsWith('https:')) ? tls : null;
  const etcd =
    hosts.length === 0
      ? null
      : await etcdAccess(
          { hosts, auth: directAuth(request.etcdUser, request.etcdPassword), tls: etcdTls },
          scope,
          () => null,
          keep,
        );
  const entry: ClusterEntry = {
    id: randomUUID(),
    title: request.title,
    scope,
    namespace: request.namespace,
    tags: [],
    production: request.production,
    readOnly: false,
    members: reported.members.map((member) => ({ name: member.name, serverId: null, apiUrl: member.apiUrl })),
    etcd,
    rest: await restAccess(rest, scope, keep),
    origin: 'user',
  };
  await deps.inventory.saveCluster(entry);
  return entry;
}

/** Makes the service. Findings live in memory: adding one that is no longer there searches the server again. */
export function createDiscovery(deps: DiscoveryDeps): Discovery {
  const kept = new Map<string, readonly ClusterWithSecrets[]>();
  const discoverServer = async (serverId: string): Promise<DiscoveryResult> => {
    const { result, findings } = await discover(deps, serverId);
    kept.set(serverId, findings);
    return result;
  };
  const findingOf = (serverId: string, key: string): ClusterWithSecrets | undefined =>
    kept.get(serverId)?.find((one) => one.cluster.key === key);
  return {
    discover: discoverServer,
    addDiscovered: async (request) => {
      if (findingOf(request.serverId, request.key) === undefined) await discoverServer(request.serverId);
      const finding = findingOf(request.serverId, request.key);
      if (finding === undefined)
        throw appError('discover.not_found', 'This cluster is no longer found on the server.', {
          target: request.serverId,
          hint: 'Search the server again.',
        });
      return add(deps, finding, request);
    },
    addDirect: (request) => addDirect(deps, request),
  };
}
