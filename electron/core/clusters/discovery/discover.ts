import type { AppErrorData } from '../../../../shared/model/app-error';
import { appError, toErrorData } from '../../../../shared/model/app-error';
import type { DiscoveredCluster, DiscoveryResult } from '../../../../shared/model/cluster/discovery';
import type { Server } from '../../../../shared/model/connect/server';
import { haveSameRoute } from '../../../../shared/rules/connect/find-server';
import { printHostPort } from '../../../../shared/model/connect/host-port';
import type { DiscoveryDeps, ClusterWithSecrets } from './discovered';
import { etcdOf } from './discovered';
import type { DiscoveryAnswer, FoundConfig } from './discovery-answer';
import { parsePems } from './discovery-answer';
import { PEM_SCRIPT } from './discovery-script';
import { askForConfigs, DISCOVERY_MAX_OUTPUT, DISCOVERY_TIMEOUT_MS, mergeFound } from './found-config';
import type { FoundScope, ToldMember } from './list-members';
import { membersByRest, membersInEtcd, scopesInEtcd, withEtcd } from './list-members';
import type { PatroniConfig } from './patroni-config';
import { parseEtcdConfig, readPatroniConfig } from './patroni-config';
import { ReachFinder } from './reach';
import { dialThrough } from '../connect/server-dial';
import { refusedInWords, type RefusedFile } from '../../patroni/config/environment';
import { isSameCitus } from '../../../../shared/rules/citus/citus-clusters';
import type { ConfigSection } from '../../../../shared/rules/configure/yaml/yaml-scalars';
import { scopePrefix } from '../../../../shared/rules/cluster/scope-prefix';

/** Scopes beyond this are counted but not opened. */
const MOST_SCOPES = 200;

interface Located {
  readonly config: PatroniConfig;
  readonly found: FoundConfig;
}

/** What was located, and the configurations that do not read. */
interface LocatedConfigs {
  readonly located: readonly Located[];
  readonly refused: readonly RefusedFile[];
}

/** What the discovery of one server found: for the page, and with the secrets for adding. */
export interface Discovered {
  readonly result: DiscoveryResult;
  readonly findings: readonly ClusterWithSecrets[];
}

/** One configuration for each cluster: what services run with comes before files that are found by their place. */
async function locate(deps: DiscoveryDeps, server: Server, answer: DiscoveryAnswer): Promise<LocatedConfigs> {
  const merged = answer.configs.map((found) => ({ found, merged: mergeFound(found) }));
  const readable = merged.flatMap(({ found, merged: one }) =>
    one.kind === 'config' ? [{ found, config: one.config }] : [],
  );
  const pems = await readPems(deps, server, readable);
  const located = readable.flatMap(({ found, config: whole }): Located[] => {
    const config = readPatroniConfig(whole, pems);
    return config === null ? [] : [{ config, found }];
  });
  return {
    located: located.filter(
      ({ config }, index) => located.findIndex((one) => clusterKey(one.config) === clusterKey(config)) === index,
    ),
    refused: merged.flatMap(({ merged: one }) => (one.kind === 'refused' ? [one.file] : [])),
  };
}

/** The PEM files that the configurations name, each read as the user of its service. */
async function readPems(
  deps: DiscoveryDeps,
  server: Server,
  configs: readonly { readonly found: FoundConfig; readonly config: ConfigSection }[],
): Promise<ReadonlyMap<string, string>> {
  const wanted = configs.flatMap(({ found, config }) =>
    (readPatroniConfig(config, new Map())?.missingPems ?? [])
      .filter((path) => path.startsWith('/'))
      .flatMap((path) => [found.user ?? 'postgres', path]),
  );
  if (wanted.length === 0) return new Map();
  const answer = await deps.remotes.remote(server.id).script(PEM_SCRIPT, wanted, {
    timeoutMs: DISCOVERY_TIMEOUT_MS,
    sudo: server.sudo.kind !== 'none',
    maxOutputBytes: DISCOVERY_MAX_OUTPUT,
  });
  return parsePems(answer.stdout);
}

/** What names a cluster on a server and in its DCS. */
function clusterKey(cluster: {
  readonly namespace: string;
  readonly scope: string;
  readonly citusGroup: number | null;
}): string {
  return [cluster.namespace, cluster.scope, ...(cluster.citusGroup === null ? [] : [cluster.citusGroup])].join('/');
}

function configProblems({ config, found }: Located, server: Server): AppErrorData[] {
  const problems: AppErrorData[] = [];
  const file = found.path === '' ? "The environment of Patroni's service" : found.path;
  const add = (code: `discover.${string}`, message: string, hint: string): void => {
    problems.push(appError(code, message, { target: server.name, hint }).data);
  };
  if (config.dcs === 'etcd')
    add(
      'discover.etcd_v2',
      `${file} uses the section "etcd:", which is etcd's old v2 interface; the app speaks only v3.`,
      'The cluster is shown by REST alone. Its section would have to be "etcd3:"; etcd keeps the keys of v2 and v3 apart, ' +
        'so that is a migration.',
    );
  if (config.dcs === 'other')
    add(
      'discover.other_dcs',
      `${file} uses ${config.dcsName ?? 'another DCS'}, which the app cannot read.`,
      'The cluster is shown by REST alone: the leader lock and the state of the DCS cannot be seen.',
    );
  if (config.dcs === 'none')
    add('discover.no_dcs', `${file} names no DCS.`, 'Patroni cannot start with it; complete the configuration.');
  if (config.dcs === 'etcd3' && config.dcsHosts.length === 0)
    add(
      'discover.no_dcs_hosts',
      `${file} names no etcd host that the app understands (an SRV record, perhaps).`,
      'Add the etcd addresses to the cluster by hand.',
    );
  if (config.missingPems.length > 0)
    add(
      'discover.pem_not_read',
      `${file} names certificates or keys that could not be read on ${server.name}: ${config.missingPems.join(', ')}.`,
      'Check that these files are there, are PEM, and that the user who runs Patroni may read them.',
    );
  if (config.dcsTls?.insecure === true || config.restTls?.insecure === true)
    add(
      'discover.unverified_tls',
      `${file} uses TLS without naming a certificate authority: like Patroni itself, the app does not verify the ` +
        'certificates there.',
      'Name the authority (cacert, cafile) in the Patroni configuration.',
    );
  return problems;
}

interface Listing {
  readonly members: readonly ToldMember[];
  readonly scopes: readonly FoundScope[];
  readonly version: string | null;
  readonly problems: readonly AppErrorData[];
  readonly etcdAnswers: boolean;
}

/** etcd answers and has no member where the configuration says, while Patroni itself names some. */
function keysElsewhere(server: Server, { namespace, scope, citusGroup }: PatroniConfig): AppErrorData {
  const prefix = scopePrefix(namespace, scope, citusGroup);
  return appError('discover.keys_elsewhere', `etcd has no members of ${scope} below ${prefix}, though Patroni runs.`, {
    target: server.name,
    hint:
      'Who holds the leader lock cannot be seen. Compare the namespace, scope and Citus group of this file with what ' +
      'the running Patroni was started with.',
  }).data;
}

/** By etcd where it answers, by the member's own REST else. */
async function listMembers(deps: DiscoveryDeps, server: Server, config: PatroniConfig): Promise<Listing> {
  const etcd = etcdOf(config);
  const problems: AppErrorData[] = [];
  if (etcd !== null) {
    try {
      const { members, scopes } = await withEtcd(deps, server.id, etcd, async (client) => ({
        members: await membersInEtcd(client, config),
        scopes: await scopesInEtcd(client, config.namespace),
      }));
      if (members.length > 0)
        return {
          members,
          scopes,
          version: members.find((one) => one.version !== null)?.version ?? null,
          problems,
          etcdAnswers: true,
        };
    } catch (thrown) {
      problems.push(toErrorData(thrown));
    }
  }
  const url = `${config.restTls === null ? 'http' : 'https'}://${config.restAddress ?? ''}/patroni`;
  try {
    const listing = await membersByRest(
      url,
      { auth: config.restAuth, tls: config.restTls },
      dialThrough(deps.remotes, server.id),
    );
    if (etcd !== null && problems.length === 0 && listing.members.length > 0)
      problems.push(keysElsewhere(server, config));
    return { members: listing.members, scopes: [], version: listing.version, problems, etcdAnswers: false };
  } catch (thrown) {
    return { members: [], scopes: [], version: null, problems: [...problems, toErrorData(thrown)], etcdAnswers: false };
  }
}

/** The entry of this cluster. Sites that were set up alike have one scope at the same private addresses; their routes differ. */
function existing(
  deps: DiscoveryDeps,
  asked: Server,
  cluster: { readonly namespace: string; readonly scope: string; readonly citusGroup: number | null },
  members: readonly ToldMember[],
): string | null {
  const urls = new Set(members.map((member) => member.apiUrl));
  const isHere = (serverId: string | null): boolean => {
    const server = serverId === null ? undefined : deps.inventory.server(serverId);
    return server === undefined || haveSameRoute(server, asked, deps.inventory.servers());
  };
  const known = deps.inventory
    .clusters()
    .find(
      (entry) =>
        clusterKey({ ...entry, citusGroup: entry.citusGroup ?? null }) === clusterKey(cluster) &&
        entry.members.some((member) => urls.has(member.apiUrl) && isHere(member.serverId)),
    );
  return known?.id ?? null;
}

/** The group of a Citus cluster as a field, or none. */
function groupField(citusGroup: number | null): { readonly citusGroup?: number } {
  return citusGroup === null ? {} : { citusGroup };
}

const LAYOUTS: Readonly<Record<FoundConfig['source'], DiscoveredCluster['layout']>> = {
  debian: 'debian',
  'etc-patroni': 'etc-patroni',
  'systemd-unit': 'systemd-unit',
  process: 'systemd-unit',
};

async function fromConfig(
  deps: DiscoveryDeps,
  server: Server,
  located: Located,
  version: string | null,
  reach: ReachFinder,
): Promise<{ finding: ClusterWithSecrets; scopes: readonly FoundScope[] }> {
  const { config, found } = located;
  const listing = await listMembers(deps, server, config);
  const members = await Promise.all(listing.members.map((member) => reach.find(member, config.name)));
  const cluster: DiscoveredCluster = {
    key: clusterKey(config),
    scope: config.scope,
    namespace: config.namespace,
    ...groupField(config.citusGroup),
    configPath: found.path,
    layout: LAYOUTS[found.source],
    dcs: config.dcs,
    dcsHosts: config.dcsHosts.map(printHostPort),
    restAuth: config.restAuth !== null,
    restTls: config.restTls !== null,
    etcdAuth: config.dcsAuth !== null,
    etcdTls: config.dcsTls !== null,
    members,
    patroniVersion: listing.version ?? version,
    existingClusterId: existing(deps, server, config, listing.members),
    problems: [...configProblems(located, server), ...listing.problems],
  };
  return {
    finding: {
      cluster,
      serverId: server.id,
      rest: { auth: config.restAuth, tls: config.restTls },
      etcd: etcdOf(config),
    },
    scopes: listing.scopes,
  };
}

/** A scope of etcd with its members, and the finding of its Citus cluster whose configuration was read. */
interface ListedScope {
  readonly scope: FoundScope;
  readonly members: readonly ToldMember[];
  readonly sameCitus: ClusterWithSecrets | undefined;
}

/**
 * A scope that only etcd reports. The credentials of its REST APIs are not known, unless it is another group of a Citus cluster
 * whose configuration was found: the groups of one are configured alike.
 */
async function fromScope(
  deps: DiscoveryDeps,
  server: Server,
  { scope, members, sameCitus }: ListedScope,
  etcd: NonNullable<ClusterWithSecrets['etcd']>,
  reach: ReachFinder,
): Promise<ClusterWithSecrets> {
  const https = members.some((member) => member.apiUrl.startsWith('https:'));
  const rest = sameCitus?.rest ?? { auth: null, tls: null };
  const cluster: DiscoveredCluster = {
    key: clusterKey(scope),
    scope: scope.scope,
    namespace: scope.namespace,
    ...groupField(scope.citusGroup),
    configPath: '',
    layout: 'etcd-only',
    dcs: 'etcd3',
    dcsHosts: etcd.hosts.map(printHostPort),
    restAuth: rest.auth !== null,
    restTls: https,
    etcdAuth: etcd.auth !== null,
    etcdTls: etcd.tls !== null,
    members: await Promise.all(members.map((member) => reach.find(member, null))),
    patroniVersion: members.find((one) => one.version !== null)?.version ?? null,
    existingClusterId: existing(deps, server, scope, members),
    problems: [],
  };
  return { cluster, serverId: server.id, rest, etcd };
}

async function otherScopes(
  deps: DiscoveryDeps,
  server: Server,
  scopes: readonly FoundScope[],
  etcd: NonNullable<ClusterWithSecrets['etcd']>,
  own: readonly ClusterWithSecrets[],
  reach: ReachFinder,
): Promise<ClusterWithSecrets[]> {
  if (scopes.length === 0) return [];
  const listed = await withEtcd(deps, server.id, etcd, (client) =>
    Promise.all(
      scopes.slice(0, MOST_SCOPES).map(async (scope): Promise<ListedScope> => ({
        scope,
        members: await membersInEtcd(client, scope),
        sameCitus: own.find((one) => isSameCitus(one.cluster, scope)),
      })),
    ),
  );
  return Promise.all(listed.map((one) => fromScope(deps, server, one, etcd, reach)));
}

function etcdOnServer(answer: DiscoveryAnswer, server: Server): ClusterWithSecrets['etcd'] {
  const hosts = [...answer.etcd.values()].flatMap(parseEtcdConfig);
  const all =
    hosts.length > 0 ? hosts : [...answer.etcd.keys()].map(() => ({ host: server.host, port: 2379 })).slice(0, 1);
  return all.length === 0 ? null : { hosts: all, auth: null, tls: null };
}

function notes(answer: DiscoveryAnswer, { located, refused }: LocatedConfigs, server: Server): string[] {
  const found = refused.map(refusedInWords);
  if (answer.denied.length > 0)
    found.push(
      `These files could not be read: ${answer.denied.join(', ')}.` +
        (server.sudo.kind === 'none' ? ` Give ${server.name} a sudo mode to read them.` : ''),
    );
  if (located.length === 0 && answer.templates.length > 0)
    found.push(
      "Debian's template config.yml.in is there, but no cluster was made from it yet (pg_createconfig_patroni).",
    );
  if (located.length === 0 && answer.version !== null)
    found.push(`Patroni ${answer.version} is installed, but no configuration of a cluster was found.`);
  if (located.length === 0 && answer.version === null && answer.configs.length === 0)
    found.push(`No Patroni was found on ${server.name}.`);
  return found;
}

/**
 * Searches one server for Patroni clusters, and their etcd for others. Rejects with `inventory.server_unknown`, `ssh.*` or
 * `discover.incomplete`.
 */
export async function discover(deps: DiscoveryDeps, serverId: string): Promise<Discovered> {
  const server = deps.inventory.server(serverId);
  if (server === undefined)
    throw appError('inventory.server_unknown', 'This server is not in the inventory.', {
      target: serverId,
      hint: 'Add the server first.',
    });
  const answer = await askForConfigs(deps.remotes.remote(server.id), server.name, server.sudo.kind !== 'none');
  const configs = await locate(deps, server, answer);
  const reach = new ReachFinder(deps, server);
  const own = await Promise.all(configs.located.map((one) => fromConfig(deps, server, one, answer.version, reach)));
  const foreign = await foreignScopes(deps, server, answer, own, reach);
  const findings = [...own.map((one) => one.finding), ...foreign.findings];
  return {
    findings,
    result: {
      serverId,
      clusters: findings.map((one) => one.cluster),
      otherScopes: foreign.findings
        .filter(({ cluster }) => !own.some((one) => isSameCitus(one.finding.cluster, cluster)))
        .map(({ cluster }) => ({
          namespace: cluster.namespace,
          scope: cluster.scope,
          members: cluster.members.length,
        })),
      notes: [...notes(answer, configs, server), ...foreign.notes],
    },
  };
}

/** Scopes beside the configured ones, and all of them where the server runs only etcd. */
async function foreignScopes(
  deps: DiscoveryDeps,
  server: Server,
  answer: DiscoveryAnswer,
  own: readonly { finding: ClusterWithSecrets; scopes: readonly FoundScope[] }[],
  reach: ReachFinder,
): Promise<{ findings: ClusterWithSecrets[]; notes: string[] }> {
  const known = new Set(own.map((one) => one.finding.cluster.key));
  const etcd =
    own.find((one) => one.finding.etcd !== null)?.finding.etcd ??
    (own.length === 0 ? etcdOnServer(answer, server) : null);
  if (etcd === null) return { findings: [], notes: [] };
  try {
    const scopes =
      own.length > 0
        ? own.flatMap((one) => one.scopes)
        : await withEtcd(deps, server.id, etcd, (client) => scopesInEtcd(client, 'service'));
    const others = new Map(scopes.filter((one) => !known.has(clusterKey(one))).map((one) => [clusterKey(one), one]));
    return {
      findings: await otherScopes(
        deps,
        server,
        [...others.values()],
        etcd,
        own.map((one) => one.finding),
        reach,
      ),
      notes:
        others.size > MOST_SCOPES
          ? [`Only the first ${String(MOST_SCOPES)} of ${String(others.size)} scopes were opened.`]
          : [],
    };
  } catch (thrown) {
    return { findings: [], notes: [`The etcd on this server could not be read: ${toErrorData(thrown).message}`] };
  }
}
