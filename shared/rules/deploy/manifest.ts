import { startFile } from './steps/takeover-steps';
import type { ServerFacts } from '../../model/deploy/facts';
import type { ClusterSpec } from '../../model/deploy/spec/cluster-spec';
import type { DeployManifest, ManifestFile } from '../../model/deploy/manifest';
import type {
  ArchiveResource,
  Resource,
  ResourceOf,
  TakeoverResource,
  VirtualenvResource,
} from '../../model/deploy/plan';

/** Where the copy of a file that was there before is kept. */
export function backupPath(path: string): string {
  return `${path}.matriarch-backup`;
}

/** Whether a manifest is of this cluster. One that version 0.1.0 wrote has no id: there the scope, which is in its name, decides. */
export function isManifestOf(manifest: Pick<DeployManifest, 'cluster'>, clusterId: string): boolean {
  return manifest.cluster === undefined || manifest.cluster === clusterId;
}

/** The manifest of a server before a run begins: what the plan will make and what is there now, on top of what earlier runs noted. */
export function startManifest(
  cluster: Pick<ClusterSpec, 'id' | 'scope'>,
  server: string,
  token: string,
  resources: readonly Resource[],
  facts: ServerFacts,
): DeployManifest {
  const old = facts.manifest;
  const made = resources.map((resource) => traceOf(resource.kind, resource, facts));
  return {
    version: 1,
    cluster: cluster.id,
    scope: cluster.scope,
    server,
    clusterToken: old?.clusterToken ?? token,
    files: merged(
      old?.files ?? [],
      made.flatMap((trace) => trace.files),
      (file) => file.path,
    ),
    units: merged(
      old?.units ?? [],
      made.flatMap((trace) => trace.units),
      (unit) => unit.unit,
    ),
    data: [...new Set([...(old?.data ?? []), ...made.flatMap((trace) => trace.data)])],
  };
}

/** What a resource makes on its server that an undo has to take away or put back. */
interface Trace {
  readonly files: readonly ManifestFile[];
  readonly units: DeployManifest['units'];
  readonly data: readonly string[];
}

const noTrace: Trace = { files: [], units: [], data: [] };

/** What an undo has to know of each kind of resource. Packages, and users that come with them, are noted by the server itself. */
const traces: { readonly [K in Resource['kind']]: (resource: ResourceOf<K>, facts: ServerFacts) => Trace } = {
  file: ({ path }, facts) => ({ ...noTrace, files: [writtenFile(path, facts)] }),
  certificate: ({ ca, cert, key }, facts) => ({
    ...noTrace,
    files: [ca, cert, key].map((path) => writtenFile(path, facts)),
  }),
  directory: ({ holds, path }) => ({ ...noTrace, data: holds === 'data' ? [path] : [] }),
  archive: (resource, facts) => ({ ...noTrace, files: programFiles(resource, facts) }),
  virtualenv: (resource, facts) => ({ ...noTrace, files: programFiles(resource, facts) }),
  unit: ({ unit }, facts) => ({ ...noTrace, units: [{ unit, before: unitBefore(facts, unit) }] }),
  adopt: (resource, facts) => (resource.part === 'restart' ? takeoverTrace(resource, facts) : noTrace),
  manifest: () => noTrace,
  packages: () => noTrace,
  watchdog: () => noTrace,
  validate: () => noTrace,
  quorum: () => noTrace,
  dcs_contact: () => noTrace,
  leader: () => noTrace,
  replica: () => noTrace,
  sql: () => noTrace,
  dynamic_config: () => noTrace,
  verify: () => noTrace,
  targets: () => noTrace,
  etcd_member: () => noTrace,
  undo: () => noTrace,
};

function traceOf<K extends Resource['kind']>(kind: K, resource: ResourceOf<K>, facts: ServerFacts): Trace {
  return traces[kind](resource, facts);
}

function isAbsent(path: string, facts: ServerFacts): boolean {
  return (facts.paths[path]?.kind ?? 'absent') === 'absent';
}

function writtenFile(path: string, facts: ServerFacts): ManifestFile {
  return isAbsent(path, facts)
    ? { path, kind: 'file', before: 'absent', backup: null }
    : { path, kind: 'file', before: 'present', backup: backupPath(path) };
}

/** A tree that is wholly ours, and the names in the search path that were free. */
function programFiles({ directory, links }: ArchiveResource | VirtualenvResource, facts: ServerFacts): ManifestFile[] {
  const tree: ManifestFile[] = isAbsent(directory, facts)
    ? [{ path: directory, kind: 'directory', before: 'absent', backup: null }]
    : [];
  const free = links.filter((link) => isAbsent(link.path, facts));
  return [
    ...tree,
    ...free.map((link): ManifestFile => ({ path: link.path, kind: 'link', before: 'absent', backup: null })),
  ];
}

/** A PostgreSQL that is taken over ran by itself before: an undo starts it again. */
function takeoverTrace({ cluster }: TakeoverResource, facts: ServerFacts): Trace {
  const unit = `postgresql@${cluster.version}-${cluster.name}.service`;
  return {
    ...noTrace,
    files: [writtenFile(startFile(cluster), facts)],
    units: [{ unit, before: 'enabled-runtime,active' }],
  };
}

function unitBefore(facts: ServerFacts, unit: string): string {
  const found = facts.units[unit];
  if (found === undefined || found.load === 'not-found') return 'absent';
  return `${found.enabled},${found.active}`;
}

/** What is known already stays: it says how things were before the first run. */
function merged<T>(old: readonly T[], added: readonly T[], key: (entry: T) => string): T[] {
  const known = new Set(old.map(key));
  return [...old, ...added.filter((entry) => !known.has(key(entry)))];
}
