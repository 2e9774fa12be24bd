import type { Bootstrap, Step, VerifyResource } from '../../../model/deploy/plan';
import { dynamicConfig } from '../files/patroni';
import { etcdEntry } from '../steps/etcd-entry';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { adoptedConfig } from './adopted-steps';
import { scopePrefix } from '../../cluster/scope-prefix';
import { postgresDataDirectory, endpoints, externalEtcd, firstLeader, serversWith } from '../layout';
import { prometheusServer } from '../monitoring';
import { exporterUser, poolerUser } from '../secrets';
import { carriers } from '../vip';
import { claimId, configId, isClaimed, leaderId, memberEnds, quorumId } from '../steps/member-steps';
import type { PlanInput } from '../steps/plan-input';
import { vipId } from '../steps/vip-steps';

/** What concerns the cluster as a whole. Each such step is shown on the lane of one server. */
export function clusterSteps(input: PlanInput): Step[] {
  return [...quorumStep(input), ...leaderSteps(input), ...verifyStep(input)];
}

function quorumStep(input: PlanInput): Step[] {
  const { spec } = input;
  const members = endpoints(spec, 'etcd', spec.etcd.clientPort);
  const first = members[0];
  if (first === undefined) return [];
  const standing = serversWith(spec, 'etcd').find((server) => !etcdEntry(input, server).joins)?.name ?? first.server;
  return [
    {
      id: quorumId,
      server: standing,
      label: 'etcd: wait for a majority',
      dependsOn: [`${standing}/etcd`],
      resource: { kind: 'quorum', members },
    },
  ];
}

/** Only of a cluster that the deployment makes: data that was there before is never cleared. */
function bootstrapOf({ spec, postgresVersion }: PlanInput): Bootstrap | null {
  if (spec.postgres.existing !== undefined || spec.adopted.length > 0) return null;
  const own = endpoints(spec, 'etcd', spec.etcd.clientPort);
  const via = own.length > 0 ? own : externalEtcd(spec).map(({ endpoint }) => endpoint);
  return {
    dataDirectory: postgresDataDirectory(spec, postgresVersion),
    initializeKey: `${scopePrefix(spec.namespace, spec.scope)}initialize`,
    via,
  };
}

function leaderSteps(input: PlanInput): Step[] {
  const { spec } = input;
  const first = firstLeader(spec);
  if (first === undefined) return [];
  const members = endpoints(spec, 'postgres', spec.patroni.restPort);
  const rest = { server: first.name, address: first.address, port: spec.patroni.restPort };
  const bootstrap = bootstrapOf(input);
  const copies = spec.standby !== undefined;
  const claimStep: Step = {
    id: claimId,
    server: first.name,
    label: 'Leader: take the name of the cluster',
    dependsOn: [`${first.name}/patroni`],
    resource: { kind: 'leader', awaits: 'claim', rest, scope: spec.scope, members, bootstrap, copies: false },
  };
  return [
    ...(isClaimed(input) ? [claimStep] : []),
    {
      id: leaderId,
      server: first.name,
      label: copies ? 'Standby leader: copy from the followed cluster, then stream' : 'Leader: bootstrap the cluster',
      dependsOn: [`${first.name}/patroni`],
      resource: { kind: 'leader', awaits: 'lead', rest, scope: spec.scope, members, bootstrap, copies },
    },
    {
      id: configId,
      server: first.name,
      label: 'Dynamic configuration',
      dependsOn: [leaderId],
      resource: {
        kind: 'dynamic_config',
        config: spec.adopted.length > 0 ? adoptedConfig(input) : dynamicConfig(spec),
        members,
        restUser: spec.patroni.restUser,
      },
    },
    ...(spec.adopted.length > 0 || spec.standby !== undefined ? [] : [sqlStep(input, first)]),
  ];
}

function sqlStep({ spec }: PlanInput, first: ServerSpec): Step {
  const members = endpoints(spec, 'postgres', spec.patroni.restPort);
  const pooler = serversWith(spec, 'pgbouncer').length > 0;
  return {
    id: 'cluster/sql',
    server: first.name,
    label: 'Roles and databases',
    dependsOn: [leaderId],
    resource: {
      kind: 'sql',
      members,
      port: spec.postgres.port,
      superuser: spec.accounts.superuser,
      poolerUser: pooler ? poolerUser : null,
      accounts: [
        { name: spec.accounts.superuser, secret: 'superuser', options: ['login', 'superuser'] },
        { name: spec.accounts.replication, secret: 'replication', options: ['login', 'replication'] },
        { name: spec.accounts.rewind, secret: 'rewind', options: ['login', 'rewind'] },
      ],
      roles: [
        ...(pooler ? [{ name: poolerUser, secret: 'pgbouncer' as const, options: ['login'] }] : []),
        ...(prometheusServer(spec) === undefined
          ? []
          : [{ name: exporterUser, secret: 'exporter' as const, options: ['login', 'monitor'] }]),
        ...spec.users.map((user) => ({ name: user.name, secret: `user:${user.name}` as const, options: user.options })),
      ],
      databases: spec.databases,
    },
  };
}

function verifyStep(input: PlanInput): Step[] {
  const { spec } = input;
  const first = firstLeader(spec);
  if (first === undefined) return [];
  const entryPoint = (label: string, role: 'haproxy' | 'pgbouncer', port: number): VerifyResource['entryPoints'] =>
    endpoints(spec, role, port).map((endpoint) => ({
      ...endpoint,
      label,
      user: spec.users[0]?.name ?? probeUser[role](),
      database: 'postgres',
    }));
  const replicas =
    serversWith(spec, 'postgres').length > 1
      ? entryPoint('replicas through HAProxy', 'haproxy', spec.haproxy.replicaPort)
      : [];
  // HAProxy has nobody to lead to for writes while the cluster follows another one.
  const toPrimary = spec.standby === undefined;
  const entryPoints = [
    ...(toPrimary ? entryPoint('primary through HAProxy', 'haproxy', spec.haproxy.primaryPort) : []),
    ...replicas,
    ...entryPoint('PgBouncer', 'pgbouncer', spec.pgbouncer.port),
    ...(toPrimary ? vipEntryPoint(spec, first) : []),
  ];
  const started = [
    ...serversWith(spec, 'haproxy').map((server) => `${server.name}/haproxy`),
    ...serversWith(spec, 'pgbouncer').map((server) => `${server.name}/pgbouncer`),
    ...carriers(spec).map((server) => vipId(server.name)),
  ];
  return [
    {
      id: 'cluster/verify',
      server: first.name,
      label: 'Test application connections',
      dependsOn: ['cluster/sql', configId, ...memberEnds(input), ...started],
      resource: { kind: 'verify', entryPoints },
    },
  ];
}

/**
 * Who probes where the spec has no application. PostgreSQL asks anybody for a password whom a line of pg_hba.conf lets in, also a role
 * that is not there; PgBouncer knows only those it can look up, and its own user.
 */
const probeUser: Readonly<Record<'haproxy' | 'pgbouncer', () => string>> = {
  haproxy: () => 'matriarch',
  pgbouncer: () => poolerUser,
};

/** The entry point at the virtual address, whichever server holds it. */
function vipEntryPoint(spec: ClusterSpec, from: ServerSpec): VerifyResource['entryPoints'] {
  if (spec.vip === undefined) return [];
  const port = spec.vip.follows === 'primary' ? spec.postgres.port : spec.haproxy.primaryPort;
  return [
    {
      server: from.name,
      address: spec.vip.address,
      port,
      label: 'the virtual address',
      user: spec.users[0]?.name ?? probeUser.haproxy(),
      database: 'postgres',
    },
  ];
}
