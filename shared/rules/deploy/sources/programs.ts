import type { ArchiveResource, ProgramLink, VirtualenvResource } from '../../../model/deploy/plan';
import type { ArchiveSource, PipSource, Sources } from '../../../model/deploy/spec/source-spec';

/** What does not come from packages lies below this directory, owned by root. */
export const programsDirectory = '/opt/matriarch';

/** Patroni's virtual environment. */
const virtualenvDirectory = `${programsDirectory}/patroni`;

function links(directory: string, names: readonly string[]): readonly ProgramLink[] {
  return names.map((name) => ({ path: `/usr/local/bin/${name}`, to: `${directory}/${name}` }));
}

/** etcd from a release archive: a directory for each version, so that the present one is never overwritten while it runs. */
export function archiveResource(source: ArchiveSource): ArchiveResource {
  const file =
    decodeURIComponent(
      source.url
        .replace(/[?#].*$/, '')
        .split('/')
        .at(-1) ?? '',
    ).replaceAll(/[^A-Za-z0-9._-]/g, '') || 'etcd.tar.gz';
  const version = /etcd-v?(\d+\.\d+\.\d+[A-Za-z0-9.]*?)(?:-|\.tar)/.exec(file)?.[1] ?? source.sha256.slice(0, 12);
  const directory = `${programsDirectory}/etcd-${version}`;
  return {
    kind: 'archive',
    url: isLocal(source) ? null : source.url,
    file,
    sha256: source.sha256,
    directory,
    stamp: `${directory}/.sha256`,
    programs: ['etcd', 'etcdctl'],
    links: links(directory, ['etcdctl', 'etcdutl']),
    user: 'etcd',
    home: '/var/lib/etcd',
  };
}

/** Whether an archive is a file on the workstation. */
export function isLocal(source: ArchiveSource): boolean {
  return source.url.toLowerCase().startsWith('file:');
}

/** The architecture a release archive says it is for in its name (`linux-amd64`), or null. */
export function archiveArchitecture(source: ArchiveSource): string | null {
  return /linux-([a-z0-9]+)/.exec(archiveResource(source).file)?.[1] ?? null;
}

function packagesOf(source: PipSource): VirtualenvResource['from'] {
  if (source.wheelDirectory !== undefined) return { kind: 'wheels' };
  return source.indexUrl === undefined ? { kind: 'own' } : { kind: 'index', url: source.indexUrl };
}

/** Patroni with its library for etcd and the driver it brings binary wheels for, as Patroni's own documents install it. */
export function virtualenvResource(source: PipSource): VirtualenvResource {
  const requirements = [`patroni[psycopg3,etcd3]${source.version === undefined ? '' : `==${source.version}`}`];
  return {
    kind: 'virtualenv',
    directory: virtualenvDirectory,
    requirements,
    from: packagesOf(source),
    links: links(`${virtualenvDirectory}/bin`, ['patroni', 'patronictl']),
    stamp: { path: `${virtualenvDirectory}/.matriarch`, content: `${requirements.join(' ')}\n` },
  };
}

/** The program that starts Patroni: the package's in the search path, or the one of the virtual environment. */
export function patroniProgram(sources: Sources): string {
  return sources.patroni.kind === 'pip' ? `${virtualenvDirectory}/bin/patroni` : 'patroni';
}

/** Whether something is read over https by the servers themselves, which needs authorities to trust. */
export function readsSecurely(sources: Sources): boolean {
  const { repositories, etcd } = sources;
  if (sources.route.kind === 'bundle') return false;
  return [...repositories.map((entry) => entry.url), ...(etcd.kind === 'archive' ? [etcd.url] : [])].some((url) =>
    url.toLowerCase().startsWith('https:'),
  );
}
