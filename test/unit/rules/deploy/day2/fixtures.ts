import type { ScopeFacts, DeployFacts, ServerFacts } from '../../../../../shared/model/deploy/facts';
import { clusterSpecSchema, type ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerRole } from '../../../../../shared/model/deploy/spec/server-spec';
import type { Leaving } from '../../../../../shared/model/deploy/day2';
import type { PlanInput } from '../../../../../shared/rules/deploy/steps/plan-input';

/** A server n1, n2 ... with the address 10.0.0.1, 10.0.0.2 ... */
export function serverFixture(
  name: string,
  roles: readonly ServerRole[] = ['etcd', 'postgres'],
): ClusterSpec['servers'][number] {
  const address = `10.0.0.${name.slice(1)}`;
  return { name, ssh: { host: address, port: 22, user: 'root', jump: [] }, address, roles: [...roles], tags: {} };
}

/** A spec of these servers. */
export function specWith(...servers: readonly ClusterSpec['servers'][number][]): ClusterSpec {
  return clusterSpecSchema.parse({ version: 1, id: 'shop-id', scope: 'shop', tls: 'off', servers });
}

/** A server as it was found: bare, or with etcd's data and the settings it was started with. */
export function found(
  name: string,
  etcd: { readonly state: 'new' | 'existing'; readonly cluster: string } | null = null,
): ServerFacts {
  const data = { kind: 'directory', owner: 'etcd', group: 'etcd', mode: 0o700, empty: false, content: null } as const;
  const settings = { kind: 'file', owner: 'root', group: 'root', mode: 0o644, empty: false } as const;
  return {
    server: name,
    at: 0,
    root: true,
    hostname: name,
    hostnameAddresses: [],
    addresses: [],
    interfaces: [],
    os: { id: 'debian', version: '13', codename: 'trixie', title: '' },
    architecture: 'amd64',
    systemd: true,
    cpus: 2,
    memoryBytes: 1,
    disks: [],
    ports: [],
    users: [],
    groups: [],
    packages: {},
    candidates: {},
    units: {},
    paths:
      etcd === null
        ? {}
        : {
            '/var/lib/etcd/shop': data,
            '/etc/default/etcd': {
              ...settings,
              content: `ETCD_INITIAL_CLUSTER="${etcd.cluster}"\nETCD_INITIAL_CLUSTER_STATE="${etcd.state}"\n`,
            },
          },
    locales: [],
    clockOffsetMs: 0,
    apt: { lockedBy: null, interrupted: false, listsAgeSeconds: 1, hosts: [], sources: [] },
    postgresClusters: [],
    etcdDirectories: [],
    security: { selinux: '', apparmor: '' },
    watchdogDevice: false,
    softdog: false,
    manifest: null,
    made: { packages: [], users: [], groups: [], pending: false },
  };
}

/** A member as etcd lists it. */
export function listed(
  name: string,
  over: Partial<NonNullable<ScopeFacts['etcdMembers']>[number]> = {},
): NonNullable<ScopeFacts['etcdMembers']>[number] {
  return {
    id: `id-${name}`,
    name,
    peerUrls: [`http://10.0.0.${name.slice(1)}:2380`],
    started: true,
    learner: false,
    ...over,
  };
}

/** What there is: etcd's members (null: no majority) and the leader. */
export function facts(
  servers: readonly ServerFacts[],
  members: ScopeFacts['etcdMembers'],
  leader: string | null = null,
  dead: readonly string[] = [],
): DeployFacts {
  const answers = (members ?? [])
    .filter((member) => member.started && !dead.includes(member.name))
    .map((member) => [member.name, true] as const);
  const patroni =
    leader === null
      ? {}
      : {
          [leader]: {
            state: 'running',
            role: 'primary' as const,
            version: '4.0.7',
            scope: 'shop',
            timeline: 1,
            streaming: [],
            dcsLastSeen: null,
            systemIdentifier: '1',
          },
        };
  return {
    servers: Object.fromEntries(servers.map((entry) => [entry.server, entry])),
    certificates: {},
    at: 0,
    cluster: {
      etcdHealthy: Object.fromEntries(answers),
      etcdMembers: members,
      initialize: null,
      patroni,
      sql: null,
      config: null,
    },
  };
}

/** The input of a plan. */
export function input(spec: ClusterSpec, about: DeployFacts, leaving: readonly Leaving[] = []): PlanInput {
  return { spec, facts: about, secret: () => 'secret', postgresVersion: 17, token: 'test', leaving };
}
