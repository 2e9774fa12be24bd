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
import { checkEtcdHealth, listMembers, withEtcdMember } from './etcd-probes';
import { readDynamicConfig, readPatroni } from './patroni-probes';
import type { ProbeContext } from './probe-context';
import { questionFor } from './questions';
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
  const [looked, cluster] = await Promise.all([
    Promise.all(spec.servers.map((server) => lookAt(spec, server, deps))),
    collectCluster(spec, deps),
  ]);
  return {
    servers: Object.fromEntries(looked.flatMap(({ name, facts }) => (facts === null ? [] : [[name, facts] as const]))),
    errors: Object.fromEntries(looked.flatMap(({ name, error }) => (error === null ? [] : [[name, error] as const]))),
    cluster,
  };
}

async function lookAt(
  spec: ClusterSpec,
  server: ServerSpec,
  deps: CollectDeps,
): Promise<{ name: string; facts: ServerFacts | null; error: AppErrorData | null }> {
  const collect = (): Promise<ServerFacts> =>
    collectServer(server.name, deps.connectServer(server), questionFor(spec), deps.now);
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
  const [etcd, patroni] = await Promise.all([collectEtcd(spec, deps.probes), collectPatroni(spec, deps.probes)]);
  const leader = Object.entries(patroni).find(([, facts]) => leads(facts, spec.scope))?.[0];
  const member = endpoints(spec, 'postgres', spec.patroni.restPort).find((entry) => entry.server === leader);
  if (member === undefined) return { ...etcd, patroni, sql: null, config: null };
  const [sql, config] = await Promise.all([
    deps.sql === null ? null : askSql(deps.probes.connectNamed(member.server), deps.sql),
    readDynamicConfig(deps.probes, member).catch(() => null),
  ]);
  return { ...etcd, patroni, sql, config };
}

async function collectEtcd(
  spec: ClusterSpec,
  probes: ProbeContext,
): Promise<Pick<ScopeFacts, 'etcdHealthy' | 'etcdMembers' | 'initialize'>> {
  const members = etcdEndpoints(spec);
  const health = await Promise.all(
    members.map(async ({ name, endpoint }) => [name, await isHealthy(probes, endpoint)] as const),
  );
  const healthy = members.find((member) => health.some(([name, well]) => well && name === member.name))?.endpoint;
  if (healthy === undefined) return { etcdHealthy: Object.fromEntries(health), etcdMembers: null, initialize: null };
  const initializeKey = `${scopePrefix(spec.namespace, spec.scope)}initialize`;
  const [initialize, known] = await withEtcdMember(probes, healthy, (link) =>
    Promise.all([link.read(initializeKey).catch(() => null), listMembers(link).catch(() => null)]),
  ).catch(() => [null, null] as const);
  return { etcdHealthy: Object.fromEntries(health), etcdMembers: known, initialize };
}

function isHealthy(probes: ProbeContext, endpoint: Endpoint): Promise<boolean> {
  return checkEtcdHealth(probes, endpoint).then(
    () => true,
    () => false,
  );
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
