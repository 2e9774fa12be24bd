import type { DeployFacts, ServerFacts } from '../../../shared/model/deploy/facts';
import type { DeployPlan } from '../../../shared/model/deploy/plan';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { bareServer, silentCluster } from './facts';

/** The server as it is when every file of the plan is in place and everything runs. */
function settledServer(plan: DeployPlan, server: string, address: string): ServerFacts {
  const steps = plan.steps.filter((step) => step.server === server).map((step) => step.resource);
  const paths: Record<string, ServerFacts['paths'][string]> = {};
  for (const step of steps) {
    if (step.kind === 'file')
      paths[step.path] = {
        kind: 'file',
        owner: step.owner,
        group: step.group,
        mode: step.mode,
        empty: false,
        content: step.content,
      };
    if (step.kind === 'directory')
      paths[step.path] = {
        kind: 'directory',
        owner: step.owner,
        group: step.group,
        mode: step.mode,
        empty: false,
        content: null,
      };
  }
  const units = Object.fromEntries(
    steps.flatMap((step) =>
      step.kind === 'unit'
        ? [
            [
              step.unit,
              {
                load: 'loaded',
                enabled: step.wanted === 'on' ? 'enabled' : 'disabled',
                active: step.wanted === 'on' ? 'active' : 'inactive',
                fresh: true,
              } as const,
            ],
          ]
        : [],
    ),
  );
  const packages = Object.fromEntries(
    steps.flatMap((step) => (step.kind === 'packages' ? step.packages.map((name) => [name, '1'] as const) : [])),
  );
  const manifest = steps.flatMap((step) => (step.kind === 'manifest' ? [step.manifest] : []))[0] ?? null;
  return bareServer(server, address, { paths, units, packages, manifest });
}

const running = {
  state: 'running',
  version: '4.0.7',
  scope: 'main',
  timeline: 1,
  dcsLastSeen: null,
  systemIdentifier: '1',
};
/** What the members report: n1 leads, n2 and n3 stream from it. */
const patroni = {
  n1: { ...running, role: 'primary' as const, streaming: ['n2', 'n3'] },
  n2: { ...running, role: 'replica' as const, streaming: [] },
  n3: { ...running, role: 'replica' as const, streaming: [] },
};

/** The roles and databases that PostgreSQL has. */
const sql = {
  roles: {
    pgbouncer: { passwordMatches: true, options: ['login'] },
    postgres: { passwordMatches: true, options: ['login', 'superuser', 'replication', 'rewind'] },
    replicator: { passwordMatches: true, options: ['login', 'replication'] },
    rewind_user: { passwordMatches: true, options: ['login', 'rewind'] },
  },
  databases: {},
  poolerFunctionIn: ['postgres', 'template1'],
};

/** The facts of three servers n1, n2 and n3 on which the whole plan is done, with the reports of their members and roles. */
export function settledFacts(spec: ClusterSpec, plan: DeployPlan) {
  const servers = Object.fromEntries(
    spec.servers.map((server) => [server.name, settledServer(plan, server.name, server.address)]),
  );
  const config = {
    ttl: 30,
    loop_wait: 10,
    retry_timeout: 10,
    maximum_lag_on_failover: 1048576,
    postgresql: plan.steps.flatMap((step) =>
      step.resource.kind === 'dynamic_config' ? [step.resource.config['postgresql']] : [],
    )[0],
  };
  const facts: DeployFacts = {
    servers,
    cluster: { ...silentCluster, etcdHealthy: { n1: true, n2: true, n3: true }, patroni, config, sql },
    certificates: {},
    at: 1,
  };
  return { facts, servers, patroni, sql };
}
