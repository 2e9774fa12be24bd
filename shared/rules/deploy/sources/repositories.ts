import type { AptSource, ServerFacts } from '../../../model/deploy/facts';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { AptRepository } from '../../../model/deploy/spec/source-spec';

/** The files of one added repository on a server (deb822, with a keyring of its own). */
export interface RepositoryFiles {
  readonly name: string;
  readonly list: string;
  readonly key: string;
}

/** Where an added repository is written. The release is left out of the name, so that it is known before a server is looked at. */
export function repositoryFiles(repository: AptRepository): RepositoryFiles {
  const place = repository.url.replace(/^https?:\/\//, '');
  const words = `${place}-${repository.suite.replaceAll('{codename}', '')}`
    .replaceAll(/[^A-Za-z0-9.]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const name = `matriarch-${words.slice(0, 120)}`;
  return { name, list: `/etc/apt/sources.list.d/${name}.sources`, key: `/etc/apt/keyrings/${name}.asc` };
}

/** The suite for one release. */
function suiteOf(repository: AptRepository, codename: string): string {
  return repository.suite.replaceAll('{codename}', codename);
}

/** How people know a repository: its host and suite. */
export function repositoryLabel(repository: Pick<AptRepository, 'url' | 'suite'>): string {
  return `${repository.url.replace(/^https?:\/\//, '').replace(/[:/].*$/, '')} ${repository.suite}`;
}

/** The list of one repository (sources.list(5), deb822). Only the key of its own file may sign it: no other key of the server counts. */
export function repositoryText(repository: AptRepository, codename: string, keyPath: string): string {
  const suite = suiteOf(repository, codename);
  return [
    '# Written by Matriarch.',
    'Types: deb',
    `URIs: ${repository.url}`,
    `Suites: ${suite}`,
    ...(suite.endsWith('/') ? [] : [`Components: ${repository.components.join(' ')}`]),
    `Signed-By: ${keyPath}`,
    '',
  ].join('\n');
}

/** The key's text with one line end after it. */
export function keyText(key: string): string {
  return `${key.trim()}\n`;
}

/** The file of somebody else that names this repository on a server already; undefined when there is none. */
function namedElsewhere(repository: AptRepository, facts: Pick<ServerFacts, 'apt' | 'os'>): AptSource | undefined {
  const { list } = repositoryFiles(repository);
  const suite = suiteOf(repository, facts.os.codename);
  return facts.apt.sources.find(
    (entry) => bare(entry.uri) === bare(repository.url) && entry.suite === suite && entry.file !== list,
  );
}

/**
 * The repositories that a deployment writes on a server. One that is there already would clash with a second entry,
 * and stays as it is; with a bundle none is reached.
 */
export function repositoriesFor(
  spec: ClusterSpec,
  facts: Pick<ServerFacts, 'apt' | 'os'> | undefined,
): readonly AptRepository[] {
  const { repositories, route } = spec.sources;
  if (route.kind === 'bundle') return [];
  return repositories.filter((repository) => facts === undefined || namedElsewhere(repository, facts) === undefined);
}

/** The repositories with the keys that lie on servers already, as this deployment wrote them there: nothing need be fetched again. */
export function withKeysOfServers(
  repositories: readonly AptRepository[],
  servers: Readonly<Record<string, ServerFacts>>,
): readonly AptRepository[] {
  return repositories.map((repository) => {
    const { key } = repositoryFiles(repository);
    const found = Object.values(servers).find(
      (facts) => facts.manifest?.files.some((file) => file.path === key) === true && facts.paths[key]?.content,
    );
    const content = found?.paths[key]?.content;
    return repository.keyPem !== undefined || typeof content !== 'string'
      ? repository
      : { ...repository, keyPem: content };
  });
}

function bare(url: string): string {
  return url.replace(/\/+$/, '');
}
