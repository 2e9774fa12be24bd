import type { AppErrorData } from '../../../../shared/model/app-error';
import { appError, toErrorData } from '../../../../shared/model/app-error';
import type { DiscoveredCluster, DiscoveryResult } from '../../../../shared/model/cluster/discovery';
import type { Server } from '../../../../shared/model/connect/server';
import { haveSameRoute } from '../../../../shared/rules/connect/find-server';
import { printHostPort } from '../../../../shared/model/connect/host-port';
import type { DiscoveryDeps, ClusterWithSecrets } from './discovered';
import { etcdOf } from './discovered';
import type { DiscoveryAnswer, FoundConfig } from './discovery-answer';
import { parseDiscoveryAnswer } from './discovery-answer';
import { DISCOVERY_SCRIPT } from './discovery-script';
import type { FoundScope, ToldMember } from './list-members';
import { membersByRest, membersInEtcd, scopesInEtcd, withEtcd } from './list-members';
import type { PatroniConfig } from './patroni-config';
import { parseEtcdConfig, parsePatroniConfig } from './patroni-config';
import { ReachFinder } from './reach';
import { dialThrough } from '../connect/server-dial';

const SCRIPT_TIMEOUT_MS = 45_000;
const MOST_OUTPUT = 32 * 1024 * 1024;
/** Scopes beyond this are counted but not opened. */
const MOST_SCOPES = 200;

interface Located {
  readonly config: PatroniConfig;
  readonly found: FoundConfig;
}

/** What the discovery of one server found: for the page, and with the secrets for adding. */
export interface Discovered {
  readonly result: DiscoveryResult;
  readonly findings: readonly ClusterWithSecrets[];
}

async function ask(deps: DiscoveryDeps, server: Server): Promise<DiscoveryAnswer> {
  const remote = deps.remotes.remote(server.id);
  const answer = await remote.script(DISCOVERY_SCRIPT, [], {
    timeoutMs: SCRIPT_TIMEOUT_MS,
    sudo: server.sudo.kind !== 'none',
    maxOutputBytes: MOST_OUTPUT,
  });
  return parseDiscoveryAnswer(answer.stdout, server.name);
}

/** One configuration for each scope: files found by their place come before those named by units and processes. */
function locate(answer: DiscoveryAnswer): Located[] {
  const located = answer.configs.flatMap((found): Located[] => {
    const config = parsePatroniConfig(found.text, answer.env.get(found.path) ?? {}, answer.pems);
    return config === null ? [] : [{ config, found }];
  });
  return located.filter(
    ({ config }, index) =>
      located.findIndex((one) => one.config.scope === config.scope && one.config.namespace === config.namespace) ===
      index,
  );
}

function configProblems({ config, found }: Located, server: Server): AppErrorData[] {
  const problems: AppErrorData[] = [];
  const add = (code: `discover.${string}`, message: string, hint: string): void => {
    problems.push(appError(code, message, { target: server.name, hint }).data);
  };
  if (config.dcs === 'etcd')
    add(
      'discover.etcd_v2',
      `${found.path} uses the section "etcd:", which is etcd's old v2 interface; the app speaks only v3.`,
      'The cluster is shown by REST alone. Its section would have to be "etcd3:"; etcd keeps the keys of v2 and v3 apart, ' +
        'so that is a migration.',
    );
  if (config.dcs === 'other')
    add(
      'discover.other_dcs',
      `${found.path} uses ${config.dcsName ?? 'another DCS'}, which the app cannot read.`,
      'The cluster is shown by REST alone: the leader lock and the state of the DCS cannot be seen.',
    );
  if (config.dcs === 'none')
    add('discover.no_dcs', `${found.path} names no DCS.`, 'Patroni cannot start with it; complete the configuration.');
  if (config.dcs === 'etcd3' && config.dcsHosts.length === 0)
    add(
      'discover.no_dcs_hosts',
      `${found.path} names no etcd host that the app understands (an SRV record, perhaps).`,
      'Add the etcd addresses to the cluster by hand.',
    );
  if (config.dcsTls?.insecure === true || config.restTls?.insecure === true)
    add(
      'discover.unverified_tls',
      `${found.path} uses TLS without naming a certificate authority: like Patroni itself, the app does not verify the ` +
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

/** By etcd where it answers, by the member's own REST else. */
async function listMembers(deps: DiscoveryDeps, server: Server, config: PatroniConfig): Promise<Listing> {
  const etcd = etcdOf(config);
  const problems: AppErrorData[] = [];
  if (etcd !== null) {
    try {
      const { members, scopes } = await withEtcd(deps, server.id, etcd, async (client) => ({
        members: await membersInEtcd(client, config.namespace, config.scope),
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
    return { members: listing.members, scopes: [], version: listing.version, problems, etcdAnswers: false };
  } catch (thrown) {
    return { members: [], scopes: [], version: null, problems: [...problems, toErrorData(thrown)], etcdAnswers: false };
  }
}

/** The entry of this cluster. Sites that were set up alike have one scope at the same private addresses; their routes differ. */
function existing(
  deps: DiscoveryDeps,
  asked: Server,
  namespace: string,
  scope: string,
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
        entry.scope === scope &&
        entry.namespace === namespace &&
        entry.members.some((member) => urls.has(member.apiUrl) && isHere(member.serverId)),
    );
  return known?.id ?? null;
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
    key: `${config.namespace}/${config.scope}`,
    scope: config.scope,
    namespace: config.namespace,
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
    existingClusterId: existing(deps, server, config.namespace, config.scope, listing.members),
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

/** A scope that only etcd reports; the credentials of its REST APIs are not known. */
async function fromScope(
  deps: DiscoveryDeps,
  server: Server,
  scope: FoundScope,
  etcd: NonNullable<ClusterWithSecrets['etcd']>,
  members: readonly ToldMember[],
  reach: ReachFinder,
): Promise<ClusterWithSecrets> {
  const https = members.some((member) => member.apiUrl.startsWith('https:'));
  const cluster: DiscoveredCluster = {
    key: `${scope.namespace}/${scope.scope}`,
    scope: scope.scope,
    namespace: scope.namespace,
    configPath: '',
    layout: 'etcd-only',
    dcs: 'etcd3',
    dcsHosts: etcd.hosts.map(printHostPort),
    restAuth: false,
    restTls: https,
    etcdAuth: etcd.auth !== null,
    etcdTls: etcd.tls !== null,
    members: await Promise.all(members.map((member) => reach.find(member, null))),
    patroniVersion: members.find((one) => one.version !== null)?.version ?? null,
    existingClusterId: existing(deps, server, scope.namespace, scope.scope, members),
    problems: [],
  };
  return { cluster, serverId: server.id, rest: { auth: null, tls: null }, etcd };
}

async function otherScopes(
  deps: DiscoveryDeps,
  server: Server,
  scopes: readonly FoundScope[],
  etcd: NonNullable<ClusterWithSecrets['etcd']>,
  reach: ReachFinder,
): Promise<ClusterWithSecrets[]> {
  if (scopes.length === 0) return [];
  const listed = await withEtcd(deps, server.id, etcd, (client) =>
    Promise.all(
      scopes
        .slice(0, MOST_SCOPES)
        .map(async (scope) => ({ scope, members: await membersInEtcd(client, scope.namespace, scope.scope) })),
    ),
  );
  return Promise.all(listed.map(({ scope, members }) => fromScope(deps, server, scope, etcd, members, reach)));
}

function etcdOnServer(answer: DiscoveryAnswer, server: Server): ClusterWithSecrets['etcd'] {
  const hosts = [...answer.etcd.values()].flatMap(parseEtcdConfig);
  const all =
    hosts.length > 0 ? hosts : [...answer.etcd.keys()].map(() => ({ host: server.host, port: 2379 })).slice(0, 1);
  return all.length === 0 ? null : { hosts: all, auth: null, tls: null };
}

function notes(answer: DiscoveryAnswer, located: readonly Located[], server: Server): string[] {
  const found: string[] = [];
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
  const answer = await ask(deps, server);
  const located = locate(answer);
  const reach = new ReachFinder(deps, server);
  const own = await Promise.all(located.map((one) => fromConfig(deps, server, one, answer.version, reach)));
  const foreign = await foreignScopes(deps, server, answer, own, reach);
  const findings = [...own.map((one) => one.finding), ...foreign.findings];
  return {
    findings,
    result: {
      serverId,
      clusters: findings.map((one) => one.cluster),
      otherScopes: foreign.findings.map(({ cluster }) => ({
        namespace: cluster.namespace,
        scope: cluster.scope,
        members: cluster.members.length,
      })),
      notes: [...notes(answer, located, server), ...foreign.notes],
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
    const others = new Map(
      scopes
        .filter((one) => !known.has(`${one.namespace}/${one.scope}`))
        .map((one) => [`${one.namespace}/${one.scope}`, one]),
    );
    return {
      findings: await otherScopes(deps, server, [...others.values()], etcd, reach),
      notes:
        others.size > MOST_SCOPES
          ? [`Only the first ${String(MOST_SCOPES)} of ${String(others.size)} scopes were opened.`]
          : [],
    };
  } catch (thrown) {
    return { findings: [], notes: [`The etcd on this server could not be read: ${toErrorData(thrown).message}`] };
  }
}
