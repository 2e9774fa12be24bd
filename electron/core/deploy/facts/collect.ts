import { scopePrefix } from '../../../../shared/rules/cluster/scope-prefix';
import { hasCode, toErrorData, type AppErrorData } from '../../../../shared/model/app-error';
import type { RepositoryAnswer } from '../../../../shared/model/deploy/deploy-views';
import type { ScopeFacts, ServerFacts } from '../../../../shared/model/deploy/facts';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import { leads } from '../../../../shared/rules/deploy/check/check-cluster';
import type { Endpoint } from '../../../../shared/model/deploy/plan';
import { endpoints, externalEtcd } from '../../../../shared/rules/deploy/layout';
import type { Remote } from '../../ssh/remote';
import { collectServer } from './collect-server';
import { askHealthyEtcd } from './etcd-probes';
import { readDynamicConfig, readPatroni } from './patroni-probes';
import type { ProbeContext } from './probe-context';
import type { FactsQuestion } from './facts-script';
import { questionFor } from './questions';
import { serversLackingPackages } from '../sources/added-sources';
import { askSql, type SqlQuestion } from './sql-facts';

/** Facts of all servers; those that could not be looked at stand in `errors`. */
export interface Collected {
  readonly servers: Readonly<Record<string, ServerFacts>>;
  readonly errors: Readonly<Record<string, AppErrorData>>;
  readonly cluster: ScopeFacts;
  /** What servers said of the repositories that the spec adds, where they were asked. */
  readonly added?: Readonly<Record<string, readonly RepositoryAnswer[]>>;
}

/** What collecting works with. */
export interface CollectDeps {
  readonly connectServer: (server: ServerSpec) => Remote;
  readonly probes: ProbeContext;
  readonly sql: SqlQuestion | null;
  readonly now: () => number;
}

/** Looks at all servers and at what already runs of the cluster, all at once. */
export async function collectFacts(spec: ClusterSpec, deps: CollectDeps): Promise<Collected> {
  const [looked, cluster] = await Promise.all([lookAtServers(spec, deps), collectCluster(spec, deps)]);
  return {
    servers: Object.fromEntries(looked.flatMap(({ name, facts }) => (facts === null ? [] : [[name, facts] as const]))),
    errors: Object.fromEntries(looked.flatMap(({ name, error }) => (error === null ? [] : [[name, error] as const]))),
    cluster,
  };
}

/** What looking at one server came to: one of the two is null. */
interface Look {
  readonly name: string;
  readonly facts: ServerFacts | null;
  readonly error: AppErrorData | null;
}

/**
 * A server that was set up once is not asked what apt offers: that takes as long as all the rest, and has no use while nothing is to be
 * installed. Where something is, it is looked at again.
 */
async function lookAtServers(spec: ClusterSpec, deps: CollectDeps): Promise<readonly Look[]> {
  const looked = await Promise.all(spec.servers.map((server) => lookAt(spec, server, deps, 'unless_set_up')));
  const found = Object.fromEntries(looked.flatMap(({ name, facts }) => (facts === null ? [] : [[name, facts]])));
  const lacking = new Set(serversLackingPackages(spec, found).map(({ name }) => name));
  return Promise.all(
    looked.map((first, index) => {
      const server = spec.servers[index];
      const isAsked = Object.keys(first.facts?.candidates ?? {}).length > 0;
      return server === undefined || isAsked || !lacking.has(server.name)
        ? first
        : lookAt(spec, server, deps, 'always');
    }),
  );
}

async function lookAt(
  spec: ClusterSpec,
  server: ServerSpec,
  deps: CollectDeps,
  offers: FactsQuestion['offers'],
): Promise<Look> {
  const collect = (): Promise<ServerFacts> =>
    collectServer(server.name, deps.connectServer(server), questionFor(spec, offers), deps.now);
  try {
    return { name: server.name, facts: await onceMore(collect), error: null };
  } catch (thrown) {
    return { name: server.name, facts: null, error: toErrorData(thrown) };
  }
}

/** A connection may have died unnoticed, since the server started anew: a look changes nothing, so it is made again over a new one. */
async function onceMore<T>(look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (thrown) {
    if (!hasCode(thrown, 'ssh.connection_lost')) throw thrown;
    return look();
  }
}

async function collectCluster(spec: ClusterSpec, deps: CollectDeps): Promise<ScopeFacts> {
  const [etcd, members] = await Promise.all([collectEtcd(spec, deps.probes), collectMembers(spec, deps)]);
  return { ...etcd, ...members };
}

/** What the members say of themselves, and the one that leads of the cluster. */
async function collectMembers(
  spec: ClusterSpec,
  { probes, sql: question }: CollectDeps,
): Promise<Pick<ScopeFacts, 'patroni' | 'sql' | 'config'>> {
  const patroni = await collectPatroni(spec, probes);
  const leader = Object.entries(patroni).find(([, facts]) => leads(facts, spec.scope))?.[0];
  const member = endpoints(spec, 'postgres', spec.patroni.restPort).find((entry) => entry.server === leader);
  if (member === undefined) return { patroni, sql: null, config: null };
  const [sql, config] = await Promise.all([
    question === null ? null : askSql(probes.connectNamed(member.server), question),
    readDynamicConfig(probes, member).catch(() => null),
  ]);
  return { patroni, sql, config };
}

async function collectEtcd(
  spec: ClusterSpec,
  probes: ProbeContext,
): Promise<Pick<ScopeFacts, 'etcdHealthy' | 'etcdMembers' | 'initialize'>> {
  const initializeKey = `${scopePrefix(spec.namespace, spec.scope)}initialize`;
  const answers = await Promise.all(
    etcdEndpoints(spec).map(async ({ name, endpoint }) => ({
      name,
      answer: await askHealthyEtcd(probes, endpoint, initializeKey).catch(() => null),
    })),
  );
  const first = answers.find(({ answer }) => answer !== null)?.answer ?? null;
  return {
    etcdHealthy: Object.fromEntries(answers.map(({ name, answer }) => [name, answer !== null])),
    etcdMembers: first?.members ?? null,
    initialize: first?.value ?? null,
  };
}

/** The members of etcd by name. */
function etcdEndpoints(spec: ClusterSpec): readonly { readonly name: string; readonly endpoint: Endpoint }[] {
  const own = endpoints(spec, 'etcd', spec.etcd.clientPort).map((endpoint) => ({ name: endpoint.server, endpoint }));
  return own.length > 0 ? own : externalEtcd(spec).map(({ name, endpoint }) => ({ name, endpoint }));
}

async function collectPatroni(spec: ClusterSpec, probes: ProbeContext): Promise<ScopeFacts['patroni']> {
  const members = endpoints(spec, 'postgres', spec.patroni.restPort);
  return Object.fromEntries(
    await Promise.all(
      members.map(async (member) => [member.server, await readPatroni(probes, member).catch(() => null)] as const),
    ),
  );
}
