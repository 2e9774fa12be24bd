import { appError, hasCode, toErrorData } from '../../../shared/model/app-error';
import type {
  BalancerHost,
  BalancerSearch,
  BalancerServer,
  BalancersView,
  HaproxyView,
  HealthAnswer,
  PgbouncerView,
} from '../../../shared/model/balancers/balancers';
import type { VipView } from '../../../shared/model/balancers/vip';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { findDisagreements, membersBehind } from '../../../shared/rules/balancers/find-disagreements';
import { hasBalancer } from '../../../shared/rules/balancers/has-balancer';
import { findVipTrouble, type VipLeader } from '../../../shared/rules/balancers/find-vip-trouble';
import { scopePrefix } from '../../../shared/rules/cluster/scope-prefix';
import { findingKey } from '../../../shared/rules/cluster/findings/finding-key';
import { healthPaths } from '../../../shared/rules/balancers/health-paths';
import type { ClusterHub } from '../clusters/hub';
import { sendHttp } from '../platform/http/send-http';
import type { Remote, RemotePool, RunOptions, RunResult } from '../ssh/remote';
import { BALANCER_SCRIPT } from './balancer-script';
import { readHaproxy, statisticsPage } from './read-haproxy';
import { readVip } from './read-vip';
import { readVipManagers } from './read-vip-manager';
import { readDatabases, readPools, readVersion, refusalIn } from './read-pgbouncer';

/** What load balancers are looked at with. `pause` waits so many ms. */
export interface BalancersDeps {
  readonly hub: ClusterHub;
  readonly remotes: RemotePool;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

/** What HAProxy and PgBouncer on the members' servers see, beside what Patroni answers. */
export interface BalancersService {
  /** Asks over SSH and by REST; reads only. Rejects with `inventory.cluster_unknown`. */
  read(clusterId: string): Promise<BalancersView>;
  /** Looks for a load balancer of a cluster on a server. Rejects with `inventory.cluster_unknown`. */
  search(clusterId: string, serverId: string): Promise<BalancerSearch>;
  /**
   * One look at some servers, for who asks again and again: of the health endpoints only those are asked that a load balancer there asks.
   * The hosts come in the order of the servers. Rejects with `inventory.cluster_unknown`.
   */
  glance(clusterId: string, serverIds: readonly string[]): Promise<BalancersView>;
  /** Whether the last look at a server that answered found a load balancer there, whoever asked for it. */
  runsOn(serverId: string): boolean;
}

const READ_MS = 20_000;
const HEALTH_MS = 4_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** A balancer follows a change within a few of its checks: what is still so after this is a disagreement. */
const SETTLES_MS = 4_000;

/** Makes the service. */
export function createBalancers(given: BalancersDeps): BalancersService {
  const found = new Map<string, boolean>();
  const deps: LookDeps = {
    ...given,
    noteHost: (serverId, host) => {
      if (host.error === null) found.set(serverId, hasBalancer(host));
    },
  };
  return {
    read: async (clusterId) => {
      const first = await lookAtAll(deps, clusterId);
      if (first.findings.length === 0) return first;
      await deps.pause(SETTLES_MS);
      const second = await lookAtAll(deps, clusterId);
      const before = new Set(first.findings.map(findingKey));
      return { ...second, findings: second.findings.filter((finding) => before.has(findingKey(finding))) };
    },
    search: async (clusterId, serverId) => {
      const { members } = stateOf(deps, clusterId);
      const host = await lookAt(deps, serverId);
      return { host, members: membersBehind(host, members) };
    },
    glance: (clusterId, serverIds) => look(deps, stateOf(deps, clusterId), serverIds, []),
    runsOn: (serverId) => found.get(serverId) === true,
  };
}

interface LookDeps extends BalancersDeps {
  readonly noteHost: (serverId: string, host: BalancerHost) => void;
}

function stateOf({ hub }: BalancersDeps, clusterId: string): ClusterState {
  const state = hub.state(clusterId);
  if (state === null)
    throw appError('inventory.cluster_unknown', 'This cluster is not in the inventory.', {
      target: clusterId,
      hint: 'Go back to the fleet.',
    });
  return state;
}

/** The endpoints that people know are asked too, whether or not a load balancer asks them. */
function lookAtAll(deps: LookDeps, clusterId: string): Promise<BalancersView> {
  const state = stateOf(deps, clusterId);
  return look(deps, state, balancerServersOf(state, deps.hub.entry(clusterId)), Object.keys(healthPaths));
}

/** The servers on which load balancers of a cluster are looked for: those of its members, and those that were named beside them. */
export function balancerServersOf(
  { members }: Pick<ClusterState, 'members'>,
  entry: Pick<ClusterEntry, 'balancerServers'> | null,
): readonly string[] {
  const ofMembers = members.flatMap(({ serverId }) => (serverId === null ? [] : [serverId]));
  return [...new Set([...ofMembers, ...(entry?.balancerServers ?? [])])];
}

async function look(
  deps: LookDeps,
  state: ClusterState,
  servers: readonly string[],
  paths: readonly string[],
): Promise<BalancersView> {
  const hosts = await Promise.all(servers.map((serverId) => lookAt(deps, serverId)));
  const answers = await askHealth(deps, state, [...new Set([...paths, ...pathsAskedBy(hosts)])]);
  const findings = [...findDisagreements(hosts, state.members, answers), ...findVipTrouble(hosts, leaderOf(state))];
  return { hosts, others: othersOf(deps, state, servers, hosts), answers, findings, asOf: deps.now() };
}

/** Those of the hosts that were named. */
function othersOf(
  { hub }: BalancersDeps,
  { clusterId, members }: ClusterState,
  servers: readonly string[],
  hosts: readonly BalancerHost[],
): readonly BalancerServer[] {
  const named = new Set(hub.entry(clusterId)?.balancerServers ?? []);
  const ofMembers = new Set(members.map(({ serverId }) => serverId));
  return servers.flatMap((serverId, at) =>
    named.has(serverId) && !ofMembers.has(serverId) ? [{ serverId, name: hosts[at]?.server ?? serverId }] : [],
  );
}

/** The endpoints that a load balancer here asks. */
function pathsAskedBy(hosts: readonly BalancerHost[]): readonly string[] {
  return hosts.flatMap(({ haproxy }) => (haproxy?.sections ?? []).flatMap(({ check }) => check ?? []));
}

async function askHealth(
  { hub }: BalancersDeps,
  state: ClusterState,
  paths: readonly string[],
): Promise<readonly HealthAnswer[]> {
  const answers = await Promise.all(
    state.members.map(async ({ name }) => {
      const client = hub.rest(state.clusterId, name);
      return Promise.all(
        paths.map(async (path): Promise<HealthAnswer> => {
          const status = await (client?.health(path, HEALTH_MS) ?? Promise.resolve(null)).catch(() => null);
          return { member: name, path, status };
        }),
      );
    }),
  );
  return answers.flat();
}

async function lookAt({ remotes, noteHost }: LookDeps, serverId: string): Promise<BalancerHost> {
  const host = await readHost(remotes, serverId);
  noteHost(serverId, host);
  return host;
}

async function readHost(remotes: RemotePool, serverId: string): Promise<BalancerHost> {
  let name = serverId;
  try {
    const remote = remotes.remote(serverId);
    name = remote.name;
    const parts = partsOf((await asRoot(remote)).stdout);
    const [haproxy, pgbouncer, vip] = [await haproxyOf(remote, parts), pgbouncerOf(parts), vipOf(parts)];
    const vipManager = vipManagersOf(parts);
    return {
      ...{ server: remote.name, error: null, haproxy, pgbouncer, vip },
      ...(vipManager === null ? {} : { vipManager }),
    };
  } catch (thrown) {
    return { server: name, error: toErrorData(thrown), haproxy: null, pgbouncer: null, vip: null };
  }
}

/** Sockets and configuration are closed to most users; where the login user may not become root, what it sees is shown. */
async function asRoot(remote: Remote): Promise<RunResult> {
  const options: RunOptions = { timeoutMs: READ_MS, maxOutputBytes: MOST_BYTES };
  try {
    return await remote.script(BALANCER_SCRIPT, [], { ...options, sudo: true });
  } catch (thrown) {
    if (!hasCode(thrown, 'ssh.sudo_not_allowed')) throw thrown;
    return remote.script(BALANCER_SCRIPT, [], options);
  }
}

/** Whether each program runs, as a plain word. */
const plainParts: ReadonlySet<string> = new Set(['haproxy', 'pgbouncer', 'keepalived', 'vip-manager']);

/** The parts by their names, those that are no plain words from base64. */
function partsOf(output: string): ReadonlyMap<string, string> {
  return new Map(
    output.split('\n').flatMap((line) => {
      const at = line.indexOf(' ');
      if (at < 1) return [];
      const [name, value] = [line.slice(0, at), line.slice(at + 1)];
      const isPlain = plainParts.has(name);
      return [[name, isPlain ? value : Buffer.from(value, 'base64').toString('utf8')] as const];
    }),
  );
}

async function haproxyOf(remote: Remote, parts: ReadonlyMap<string, string>): Promise<HaproxyView | null> {
  const running = parts.get('haproxy');
  if (running === undefined) return null;
  const view = { running: running === 'yes', file: parts.get('haproxy-file') ?? '', sections: [], problem: null };
  if (!view.running) return view;
  const config = parts.get('haproxy-config') ?? '';
  if (config === '') return { ...view, problem: `${view.file} cannot be read by the user that this app logs in as.` };
  const csv = parts.get('haproxy-stat') ?? '';
  const told = csv.includes('pxname') ? csv : await fromPage(remote, config);
  if (told === null)
    return {
      ...view,
      problem:
        'It has no statistics socket that answers (stats socket), and no statistics page (stats uri) on this server: what it thinks ' +
        'of its servers is not known.',
    };
  return { ...view, sections: readHaproxy(config, told) };
}

/** The statistics page as CSV, asked from the server itself; null where there is none or it does not answer with it. */
async function fromPage(remote: Remote, config: string): Promise<string | null> {
  const page = statisticsPage(config);
  if (page === null) return null;
  const authorization =
    page.login === null ? {} : { authorization: `Basic ${Buffer.from(page.login).toString('base64')}` };
  try {
    const { status, body } = await sendHttp({
      dial: (host, port, timeoutMs) => remote.dial(host, port, timeoutMs),
      host: '127.0.0.1',
      port: page.port,
      tls: null,
      method: 'GET',
      path: `${page.uri};csv`,
      headers: { host: `127.0.0.1:${page.port}`, connection: 'close', ...authorization },
      body: null,
      timeoutMs: HEALTH_MS,
      signal: null,
      maxBodyBytes: 4 * 1024 * 1024,
    });
    return status === 200 && body.includes('pxname') ? body : null;
  } catch {
    return null;
  }
}

function vipOf(parts: ReadonlyMap<string, string>): VipView | null {
  const running = parts.get('keepalived');
  if (running === undefined) return null;
  const text = (name: string): string => parts.get(name) ?? '';
  const [config, log, addresses] = [text('keepalived-config'), text('keepalived-log'), text('addresses')];
  return readVip(running === 'yes', { config, log, addresses });
}

/** A server may run one for each of several addresses. */
function vipManagersOf(parts: ReadonlyMap<string, string>): VipView | null {
  const running = parts.get('vip-manager');
  if (running === undefined) return null;
  const text = (name: string): string => parts.get(name) ?? '';
  const numbers = [...parts.keys()].flatMap((name) => /^vip-manager-(\d+)-words$/.exec(name)?.[1] ?? []);
  const managers = numbers.map((number) => ({
    words: text(`vip-manager-${number}-words`),
    variables: text(`vip-manager-${number}-variables`),
    file: text(`vip-manager-${number}-file`),
    host: text('vip-manager-host').trim(),
  }));
  return readVipManagers(running === 'yes', managers, text('addresses'));
}

/** The leader as a vip-manager asks for it: the key in the DCS, and who holds it as far as that is known. */
function leaderOf({ namespace, scope, citusGroup, leader }: ClusterState): VipLeader {
  return { key: `${scopePrefix(namespace, scope, citusGroup)}leader`, holder: leader.known ? leader.holder : null };
}

function pgbouncerOf(parts: ReadonlyMap<string, string>): PgbouncerView | null {
  const running = parts.get('pgbouncer');
  if (running === undefined) return null;
  const view = {
    running: running === 'yes',
    version: readVersion(parts.get('pgbouncer-VERSION') ?? ''),
    port: Number(parts.get('pgbouncer-port') ?? '') || null,
    problem: null,
    pools: [],
    databases: [],
  };
  if (!view.running) return view;
  const pools = readPools(parts.get('pgbouncer-POOLS') ?? '');
  const databases = readDatabases(parts.get('pgbouncer-DATABASES') ?? '', parts.get('pgbouncer-STATS') ?? '');
  if (pools !== null && databases !== null) return { ...view, pools, databases };
  const said = parts.get('pgbouncer-problem') ?? refusalIn(parts.get('pgbouncer-POOLS') ?? '');
  return { ...view, problem: `Its console could not be asked: ${said}` };
}
