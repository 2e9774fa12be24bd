import type { PackagesResource, Step } from '../../../model/deploy/plan';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { createClusterConf } from '../files/units';
import { layoutOf } from '../layout';
import { readsSecurely } from '../sources/programs';
import { repositoriesFor, repositoryFiles } from '../sources/repositories';
import { monitoredMembers } from '../monitoring';
import { carriers } from '../vip';
import type { PlanInput } from './plan-input';
import { fileStep } from './step-builders';

/** Package lists older than this are fetched again before an installation, seconds. */
const freshListsSeconds = 900;

/** All packages a server needs; without a version of PostgreSQL its package is left out. */
export function neededPackages(
  spec: ClusterSpec,
  server: ServerSpec,
  postgresVersion: number | null,
): readonly string[] {
  const services = servicePackages(spec, server, postgresVersion ?? 0);
  return [...trustPackages(spec), ...services.filter((name) => name !== 'postgresql-0')];
}

/**
 * All the software, in one run of apt: each further run costs two seconds of computing on every server, more than
 * etcd takes to find its majority.
 */
export function servicePackages(spec: ClusterSpec, server: ServerSpec, postgresVersion: number): readonly string[] {
  const etcd =
    server.roles.includes('etcd') && spec.sources.etcd.kind === 'packages' ? ['etcd-server', 'etcd-client'] : [];
  const postgres = server.roles.includes('postgres') ? [`postgresql-${postgresVersion}`] : [];
  const patroni = server.roles.includes('postgres') ? patroniPackages(spec) : [];
  return [
    ...etcd,
    ...postgres,
    ...patroni,
    ...(server.roles.includes('haproxy') ? ['haproxy'] : []),
    ...(server.roles.includes('pgbouncer') ? ['pgbouncer'] : []),
    ...vipPackages(spec, server),
    ...monitoringPackages(spec, server),
  ];
}

/** vip-manager2 speaks etcd's v3 API, by which Patroni writes; the package vip-manager does not. */
function vipPackages(spec: ClusterSpec, server: ServerSpec): readonly string[] {
  const { vip } = spec;
  if (vip === undefined || !carriers(spec).some((other) => other.name === server.name)) return [];
  if (vip.manager === 'vip-manager') return ['vip-manager2', 'iproute2'];
  return ['keepalived', ...(vip.follows === 'primary' ? ['curl'] : [])];
}

function monitoringPackages(spec: ClusterSpec, server: ServerSpec): readonly string[] {
  const isMember = monitoredMembers(spec).some(({ name }) => name === server.name);
  return [
    ...(isMember ? ['prometheus-node-exporter', 'prometheus-postgres-exporter'] : []),
    ...(server.roles.includes('prometheus') ? ['prometheus', 'prometheus-alertmanager'] : []),
  ];
}

/** Patroni's packages, or what its virtual environment is made with. */
function patroniPackages(spec: ClusterSpec): readonly string[] {
  return spec.sources.patroni.kind === 'packages' ? ['patroni', 'python3-etcd'] : ['python3-venv'];
}

/** What must be there before a source that is read over https can be trusted. */
export function trustPackages(spec: ClusterSpec): readonly string[] {
  return readsSecurely(spec.sources) ? ['ca-certificates'] : [];
}

const unitsOf: Readonly<Record<string, string>> = {
  'etcd-server': 'etcd.service',
  patroni: 'patroni.service',
  haproxy: 'haproxy.service',
  pgbouncer: 'pgbouncer.service',
  keepalived: 'keepalived.service',
  'vip-manager2': 'vip-manager.service',
  prometheus: 'prometheus.service',
  'prometheus-alertmanager': 'prometheus-alertmanager.service',
  'prometheus-node-exporter': 'prometheus-node-exporter.service',
  'prometheus-postgres-exporter': 'prometheus-postgres-exporter.service',
};

/** The units a package would start by itself. */
function unitsStartedBy(name: string): readonly string[] {
  if (name.startsWith('postgresql-')) return ['postgresql.service'];
  const unit = unitsOf[name];
  return unit === undefined ? [] : [unit];
}

/** What one run of apt installs; `trust` is what sources need to be trusted. */
export type PackageGroup = 'trust' | 'services';

/** The id of the step that installs one of the groups. */
export function packagesId(server: string, group: PackageGroup): string {
  return `${server}/packages-${group}`;
}

/** The id of the step that unpacks etcd's archive. */
export function archiveId(server: string): string {
  return `${server}/etcd-archive`;
}

/** One installation; nothing when the server needs none of the group. */
export function packagesStep(
  input: PlanInput,
  server: ServerSpec,
  group: PackageGroup,
  packages: readonly string[],
): Step[] {
  if (packages.length === 0) return [];
  const resource: PackagesResource = {
    kind: 'packages',
    packages,
    units: packages.flatMap(unitsStartedBy),
    refresh: mustRefresh(input, server, group),
  };
  return [
    {
      id: packagesId(server.name, group),
      server: server.name,
      label: `Install ${packages.join(', ')}`,
      dependsOn: [`${server.name}/manifest`, ...before(input, server, group)],
      resource,
    },
  ];
}

function before(input: PlanInput, server: ServerSpec, group: PackageGroup): readonly string[] {
  if (group === 'trust') return [];
  const sources = repositoriesFor(input.spec, input.facts.servers[server.name]).map(
    (entry) => `${server.name}/source-${repositoryFiles(entry).name}`,
  );
  return [`${server.name}/createcluster`, packagesId(server.name, 'trust'), ...sources, archiveId(server.name)];
}

/** Old lists are fetched again, and so are all where repositories were added; once for each run of a server. */
function mustRefresh(input: PlanInput, server: ServerSpec, group: PackageGroup): boolean {
  const facts = input.facts.servers[server.name];
  const age = facts?.apt.listsAgeSeconds ?? null;
  return (
    age === null || age > freshListsSeconds || (group !== 'trust' && repositoriesFor(input.spec, facts).length > 0)
  );
}

/** Written before the packages: it keeps them from making a cluster of their own. */
export function createClusterStep(server: ServerSpec): Step[] {
  if (!server.roles.includes('postgres')) return [];
  const { createCluster } = layoutOf({ scope: '', etcd: emptyEtcd });
  return [
    fileStep(
      {
        server: server.name,
        name: 'createcluster',
        path: createCluster,
        owner: 'root',
        group: 'root',
        mode: 0o644,
        label: 'Keep the PostgreSQL package from making its own cluster',
        dependsOn: [`${server.name}/manifest`],
        render: () => createClusterConf(),
      },
      () => '',
    ),
  ];
}

const emptyEtcd = { clientPort: 2379, peerPort: 2380, external: [] };
