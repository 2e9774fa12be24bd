import { startFile } from './steps/takeover-steps';
import type { ServerFacts } from '../../model/deploy/facts';
import type { ClusterSpec } from '../../model/deploy/spec/cluster-spec';
import type { DeployManifest, ManifestFile } from '../../model/deploy/manifest';
import type { ArchiveResource, Resource, VirtualenvResource } from '../../model/deploy/plan';

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
  const files = resources.flatMap((resource) => fileEntry(resource, facts));
  const units = resources.flatMap((resource) => unitEntry(resource, facts));
  const data = resources.flatMap((resource) =>
    resource.kind === 'directory' && resource.holds === 'data' ? [resource.path] : [],
  );
  return {
    version: 1,
    cluster: cluster.id,
    scope: cluster.scope,
    server,
    clusterToken: old?.clusterToken ?? token,
    files: merged(old?.files ?? [], files, (file) => file.path),
    units: merged(old?.units ?? [], units, (unit) => unit.unit),
    data: [...new Set([...(old?.data ?? []), ...data])],
  };
}

function fileEntry(resource: Resource, facts: ServerFacts): ManifestFile[] {
  if (resource.kind === 'archive' || resource.kind === 'virtualenv') return programEntries(resource, facts);
  return filesOf(resource).map((path) => {
    const present = (facts.paths[path]?.kind ?? 'absent') !== 'absent';
    return { path, kind: 'file', before: present ? 'present' : 'absent', backup: present ? backupPath(path) : null };
  });
}

/** A tree that is wholly ours, and the names in the search path that were free. */
function programEntries(resource: ArchiveResource | VirtualenvResource, facts: ServerFacts): ManifestFile[] {
  const absent = (path: string): boolean => (facts.paths[path]?.kind ?? 'absent') === 'absent';
  const tree: ManifestFile[] = absent(resource.directory)
    ? [{ path: resource.directory, kind: 'directory', before: 'absent', backup: null }]
    : [];
  return [
    ...tree,
    ...resource.links
      .filter((link) => absent(link.path))
      .map((link): ManifestFile => ({ path: link.path, kind: 'link', before: 'absent', backup: null })),
  ];
}

/** The files a resource writes. */
function filesOf(resource: Resource): readonly string[] {
  switch (resource.kind) {
    case 'file':
      return [resource.path];
    case 'certificate':
      return [resource.ca, resource.cert, resource.key];
    case 'adopt':
      return resource.part === 'restart' ? [startFile(resource.cluster)] : [];
    default:
      return [];
  }
}

/** A PostgreSQL that is taken over ran by itself before: an undo starts it again. */
function unitEntry(resource: Resource, facts: ServerFacts): DeployManifest['units'] {
  if (resource.kind === 'unit') return [{ unit: resource.unit, before: unitBefore(facts, resource.unit) }];
  return resource.kind === 'adopt' && resource.part === 'restart'
    ? [
        {
          unit: `postgresql@${resource.cluster.version}-${resource.cluster.name}.service`,
          before: 'enabled-runtime,active',
        },
      ]
    : [];
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
