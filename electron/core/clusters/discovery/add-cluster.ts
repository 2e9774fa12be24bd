import { randomUUID } from 'node:crypto';
import { appError } from '../../../../shared/model/app-error';
import type { ClusterEntry, MemberEntry } from '../../../../shared/model/cluster/cluster-entry';
import type { DiscoveredMember, DiscoveryResult } from '../../../../shared/model/cluster/discovery';
import type { Server, ServerAuth, SudoMode } from '../../../../shared/model/connect/server';
import { hostOfUrl, isSameHost } from '../../../../shared/model/connect/host-port';
import { citusClusterOf, isSameCitus } from '../../../../shared/rules/citus/citus-clusters';
import { findServer } from '../../../../shared/rules/connect/find-server';
import { discover } from './discover';
import type { DiscoveryDeps, ClusterWithSecrets } from './discovered';
import { etcdAccess, restAccess } from './discovered';
import { addDirect, type AddDirect } from './add-direct';
import { refuseTwins } from './list-members';

/** What the user says of a found cluster when adding it. */
export interface AddDiscovered {
  readonly serverId: string;
  readonly key: string;
  readonly title: string;
  readonly production: boolean;
  readonly tags: readonly string[];
}

/** Finds clusters and puts them into the inventory. Secrets found on servers go to the vault only when a cluster is added. */
export interface Discovery {
  discover(serverId: string): Promise<DiscoveryResult>;
  addDiscovered(request: AddDiscovered): Promise<ClusterEntry>;
  /** Adds the groups of a Citus cluster that are not in the inventory yet; answers how many. */
  addNewGroups(entry: ClusterEntry): Promise<number>;
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

/** What the inventory says of a cluster beside how it is reached: the same of all groups of a Citus cluster. */
type EntrySettings = Pick<ClusterEntry, 'title' | 'production' | 'readOnly' | 'tags' | 'citusCluster'>;

/** Adds what was asked for, and with one group of a Citus cluster all groups that were found. Nothing is kept when one is refused. */
async function addWithGroups(
  deps: DiscoveryDeps,
  asked: ClusterWithSecrets,
  findings: readonly ClusterWithSecrets[],
  request: AddDiscovered,
): Promise<ClusterEntry> {
  const others = findings.filter(
    (one) => one !== asked && isSameCitus(one.cluster, asked.cluster) && one.cluster.members.length > 0,
  );
  for (const { cluster } of [asked, ...others]) refuseIncomplete(cluster);
  const settings = settingsFor(deps, asked, others, request);
  const entry = await add(deps, asked, settings);
  for (const other of others) {
    const known = knownEntry(deps, other);
    if (known === undefined) await add(deps, other, settings);
    else await deps.inventory.saveCluster({ ...known, ...settings });
  }
  return entry;
}

function knownEntry(deps: DiscoveryDeps, { cluster }: ClusterWithSecrets): ClusterEntry | undefined {
  return cluster.existingClusterId === null ? undefined : deps.inventory.cluster(cluster.existingClusterId);
}

/** A group that is new in a known Citus cluster is treated as the others are; else the user's word counts. */
function settingsFor(
  deps: DiscoveryDeps,
  asked: ClusterWithSecrets,
  others: readonly ClusterWithSecrets[],
  { title, production, tags }: AddDiscovered,
): EntrySettings {
  if (asked.cluster.citusGroup === undefined) return { title, production, readOnly: false, tags: [...tags] };
  const known = others.flatMap((one) => knownEntry(deps, one) ?? [])[0];
  const present = knownEntry(deps, asked) ?? known;
  const citusCluster = (present === undefined ? null : citusClusterOf(present)) ?? randomUUID();
  const isNewGroup = asked.cluster.existingClusterId === null && known !== undefined;
  return isNewGroup
    ? { title: known.title, production: known.production, readOnly: known.readOnly, tags: known.tags, citusCluster }
    : { title, production, readOnly: false, tags: [...tags], citusCluster };
}

function refuseIncomplete(cluster: ClusterWithSecrets['cluster']): void {
  if (cluster.members.length === 0)
    throw appError(
      'discover.no_members',
      `No member of ${cluster.scope} is known yet: neither etcd nor its REST API reported one.`,
      { target: cluster.scope, hint: 'Solve the problems listed with this cluster, then search the server again.' },
    );
  refuseTwins(cluster.scope, cluster.members);
}

async function add(deps: DiscoveryDeps, finding: ClusterWithSecrets, settings: EntrySettings): Promise<ClusterEntry> {
  const { cluster } = finding;
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
    scope: cluster.scope,
    namespace: cluster.namespace,
    ...(cluster.citusGroup === undefined ? {} : { citusGroup: cluster.citusGroup }),
    ...settings,
    members,
    origin: 'user',
    rest: await restAccess(finding.rest, cluster.scope, keep),
    etcd: finding.etcd === null ? null : await etcdAccess(finding.etcd, cluster.scope, serverFor, keep),
    ...(cluster.configPath === '' ? {} : { configPath: cluster.configPath }),
  };
  await deps.inventory.saveCluster(entry);
  if (asked !== undefined) await nameLikeMember(deps, asked, members);
  return entry;
}

function isNewWithMembers({ cluster }: ClusterWithSecrets): boolean {
  return cluster.existingClusterId === null && cluster.members.length > 0;
}

/** A server that nobody gave a name is called by its address; it gets its member's name, as the servers made beside it have. */
async function nameLikeMember(deps: DiscoveryDeps, asked: Server, members: readonly MemberEntry[]): Promise<void> {
  const own = members.filter((member) => member.serverId === asked.id);
  const [only] = own;
  if (asked.name !== asked.host || only === undefined || own.length > 1) return;
  await deps.inventory.saveServer({ ...asked, name: only.name.slice(0, 120) });
}

/** The server that is searched for more groups: one that leads to a member, where there is one. */
function serverOf({ title, members }: ClusterEntry): string {
  const serverId = members.find((member) => member.serverId !== null)?.serverId;
  if (serverId != null) return serverId;
  throw appError(
    'discover.no_server',
    `No server of ${title} is reached over SSH, so it cannot be searched for groups.`,
    {
      target: title,
      hint: 'Remove the cluster and add it again without SSH: all its groups are added then.',
    },
  );
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
      return addWithGroups(deps, finding, kept.get(request.serverId) ?? [], request);
    },
    addNewGroups: async (entry) => {
      const serverId = serverOf(entry);
      await discoverServer(serverId);
      const found = kept.get(serverId) ?? [];
      const missing = found.filter((one) => isSameCitus(one.cluster, entry) && isNewWithMembers(one));
      const [first] = missing;
      if (first !== undefined)
        await addWithGroups(deps, first, found, { ...entry, serverId, key: first.cluster.key, tags: entry.tags });
      return missing.length;
    },
    addDirect: (request) => addDirect(deps, request),
  };
}
