import type { CheckedBundle } from '../../../shared/model/deploy/bundle';
import type { Day2Change, Day2Preview, StandaloneFacts } from '../../../shared/model/deploy/day2';
import type { DeployFacts } from '../../../shared/model/deploy/facts';
import { clusterSpecSchema, type ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { checkPlan } from '../../../shared/rules/deploy/check/check-plan';
import { changedSpec, everybody } from '../../../shared/rules/deploy/day2/changed-spec';
import { candidates, changeProblems, notesOf, typedFor } from '../../../shared/rules/deploy/day2/describe-change';
import { planView } from '../../../shared/rules/deploy/review/plan-view';
import { planCluster } from '../../../shared/rules/deploy/plan/plan-cluster';
import { bareServer, silentCluster } from '../deploy/facts';

const postgresVersion = 17;

/** The spec of the double's one cluster: three servers that are all of it, db1 leading. */
export function sceneSpec(): ClusterSpec {
  const servers = ['db1', 'db2', 'db3'].map((name, index) => ({
    name,
    address: `10.0.0.${11 + index}`,
    ssh: { server: `server-${name}` },
    roles: ['etcd' as const, 'postgres' as const, 'haproxy' as const, 'pgbouncer' as const],
    tags: {},
  }));
  return clusterSpecSchema.parse({
    version: 1,
    id: 'orders',
    scope: 'orders-prod',
    namespace: 'service',
    title: 'Orders',
    servers,
    postgres: { version: postgresVersion },
    tls: 'on',
    users: [{ name: 'app' }],
    databases: [{ name: 'app', owner: 'app' }],
  });
}

/** Every server of a spec as it would be found: bare, but db1 leads and the others stream. */
export function sceneFacts(spec: ClusterSpec): DeployFacts {
  const members = ['db1', 'db2', 'db3'];
  const patroni = Object.fromEntries(
    members.map((name) => [
      name,
      {
        state: 'running',
        role: name === 'db1' ? ('primary' as const) : ('replica' as const),
        version: '4.0.7',
        scope: 'orders-prod',
        timeline: 7,
        streaming: name === 'db1' ? ['db2', 'db3'] : [],
        dcsLastSeen: null,
        systemIdentifier: '7401',
      },
    ]),
  );
  return {
    servers: Object.fromEntries(spec.servers.map((server) => [server.name, bareServer(server.name, server.address)])),
    at: Date.now(),
    certificates: {},
    cluster: {
      ...silentCluster,
      patroni,
      etcdMembers: members.map((name, index) => ({
        id: String(index + 1),
        name,
        peerUrls: [`https://10.0.0.${11 + index}:2380`],
        started: true,
        learner: false,
      })),
      etcdHealthy: { db1: true, db2: true, db3: true },
    },
  };
}

/** A preview made by the rules themselves, on the double's facts. */
export function scenePreview(spec: ClusterSpec, change: Day2Change): Day2Preview {
  const standalone = change.kind === 'convert' ? { ...standaloneFixture, server: change.name } : null;
  const resolved = changedSpec(spec, change, standalone);
  const all = everybody(resolved);
  const facts = sceneFacts(all);
  const plan = planCluster({
    spec: resolved.spec,
    facts,
    secret: () => 'hidden',
    postgresVersion,
    token: 'double',
    leaving: resolved.leaving,
  });
  const verdicts = checkPlan(plan, facts);
  const problems = changeProblems(resolved.spec);
  return {
    spec: resolved.spec,
    problems,
    typed: typedFor(change),
    candidates: candidates(resolved, facts.cluster),
    notes: [...notesOf(change, []), ...(standalone?.notes ?? [])],
    plan: planView(all, plan, { verdicts, facts, problems, fingerprint: `double ${JSON.stringify(change)}` }),
  };
}

/** A PostgreSQL that runs by itself. */
export const standaloneFixture: StandaloneFacts = {
  server: 'server',
  version: 17,
  name: 'main',
  port: 5432,
  dataDirectory: '/var/lib/postgresql/17/main',
  configDirectory: '/etc/postgresql/17/main',
  parameters: { max_connections: '200', work_mem: '16MB' },
  hba: ['local all postgres peer', 'host all all 10.0.0.0/24 scram-sha-256'],
  sizeBytes: 48 * 1024 ** 3,
  superuserHasPassword: false,
  streaming: [],
  tablespaces: 0,
  notes: ['Replicas need the libraries pg_stat_statements, too: install their packages there first.'],
};

/** A bundle for bookworm that lacks PgBouncer. */
export function bundleFixture(file: string): CheckedBundle {
  const names = [
    'etcd-client',
    'etcd-server',
    'haproxy',
    'patroni',
    'postgresql-17',
    'postgresql-client-17',
    'python3-etcd',
  ];
  return {
    file,
    bytes: 96 * 1024 ** 2,
    sha256: 'c0ffee'.repeat(11).slice(0, 64),
    manifest: {
      format: 'matriarch-bundle',
      version: 2,
      release: { id: 'debian', codename: 'trixie' },
      architecture: 'amd64',
      madeAt: Date.now() - 60_000,
      madeFrom: 'db1',
      wanted: names,
      index: { bytes: 10, sha256: 'a'.repeat(64) },
      origins: ['InRelease', 'list-0.gz'].map((name) => ({
        file: `origins/1/${name}`,
        bytes: 1000,
        sha256: 'd'.repeat(64),
      })),
      packages: names.map((name) => ({
        name,
        version: '1.0-1',
        architecture: 'amd64',
        file: `debs/${name}.deb`,
        bytes: 1000,
        sha256: 'b'.repeat(64),
      })),
    },
  };
}
