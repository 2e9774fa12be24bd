import type { ClusterSpec, SpecProblem } from '../../../../model/deploy/spec/cluster-spec';
import type { AptRepository, PipSource } from '../../../../model/deploy/spec/source-spec';
import { isLocal } from '../../sources/programs';
import { repositoryFiles, repositoryLabel } from '../../sources/repositories';
import { warning, problem, repeated } from './problem';

/** Where software comes from: what could not be trusted, what could not be fetched, and secrets that do not belong in a spec. */
export function sourceProblems(spec: ClusterSpec): SpecProblem[] {
  const { repositories } = spec.sources;
  return [
    ...repositories.flatMap((repository, index) => repositoryProblems(repository, `sources.repositories.${index}`)),
    ...repeated(repositories, (repository) => repositoryFiles(repository).name).map(({ index, first }) =>
      problem(
        'repository_repeated',
        `sources.repositories.${index}.url`,
        `Repositories ${first + 1} and ${index + 1} are the same.`,
        'Remove one of them; components may stand beside each other in one.',
      ),
    ),
    ...etcdProblems(spec),
    ...patroniProblems(spec),
  ];
}

function repositoryProblems(repository: AptRepository, path: string): SpecProblem[] {
  const { keyPem, keyUrl, url } = repository;
  const label = repositoryLabel(repository);
  return [
    ...credentialProblems(url, `${path}.url`),
    ...(keyUrl === undefined ? [] : credentialProblems(keyUrl, `${path}.keyUrl`)),
    ...(keyPem === undefined && keyUrl === undefined
      ? [
          problem(
            'repository_key_missing',
            `${path}.keyUrl`,
            `The repository ${label} has no key: anybody on the way could change its packages.`,
            'Give the address of its key, or the key itself.',
          ),
        ]
      : []),
    ...(keyPem === undefined ? [] : keyProblems(keyPem, `${path}.keyPem`)),
    ...(keyPem === undefined && keyUrl?.toLowerCase().startsWith('http:') === true
      ? [
          warning(
            'repository_key_open',
            `${path}.keyUrl`,
            `The key of ${label} is read without TLS: compare its fingerprint in the checks with the one its makers publish.`,
            'Use an https address, or give the key itself.',
          ),
        ]
      : []),
  ];
}

function keyProblems(keyPem: string, path: string): SpecProblem[] {
  if (/BEGIN PGP PRIVATE KEY/.test(keyPem))
    return [
      problem(
        'repository_key_private',
        path,
        'This is a private key. It belongs on no server and in no spec.',
        'Give the public key of the repository.',
      ),
    ];
  return /-----BEGIN PGP PUBLIC KEY BLOCK-----[\s\S]+-----END PGP PUBLIC KEY BLOCK-----/.test(keyPem)
    ? []
    : [
        problem(
          'repository_key_unreadable',
          path,
          'This is no armoured public key.',
          'Give the whole text from -----BEGIN PGP PUBLIC KEY BLOCK----- to its end.',
        ),
      ];
}

/** A spec holds no password, and neither do the files it is written into, which everybody on a server may read. */
function credentialProblems(url: string, path: string): SpecProblem[] {
  return /^[a-z]+:\/\/[^/?#]*@/i.test(url)
    ? [
        problem(
          'source_credentials',
          path,
          'This address holds a user or a password.',
          'Use a mirror that asks for none; a directory of wheels, an archive on this workstation and a bundle need none either.',
        ),
      ]
    : [];
}

function etcdProblems({ sources }: ClusterSpec): SpecProblem[] {
  const { etcd, route } = sources;
  if (etcd.kind !== 'archive') return [];
  return [
    ...credentialProblems(etcd.url, 'sources.etcd.url'),
    ...(route.kind === 'bundle' && !isLocal(etcd)
      ? [
          problem(
            'source_not_in_bundle',
            'sources.etcd.url',
            'A bundle holds packages alone, and these servers reach no archive.',
            'Fetch the archive onto this workstation and name it as file:///… : it is sent from here.',
          ),
        ]
      : []),
  ];
}

function patroniProblems({ sources }: ClusterSpec): SpecProblem[] {
  const { patroni, route } = sources;
  if (patroni.kind !== 'pip') return [];
  return [
    ...(patroni.indexUrl === undefined ? [] : credentialProblems(patroni.indexUrl, 'sources.patroni.indexUrl')),
    ...(patroni.indexUrl !== undefined && patroni.wheelDirectory !== undefined
      ? [
          problem(
            'pip_two_sources',
            'sources.patroni.indexUrl',
            'Both an index and a directory of wheels are named.',
            'Leave one of them out.',
          ),
        ]
      : []),
    ...(patroni.wheelDirectory !== undefined && !/^(\/|~|[A-Za-z]:[\\/])/.test(patroni.wheelDirectory)
      ? [
          problem(
            'wheels_relative',
            'sources.patroni.wheelDirectory',
            'The directory of wheels is not named by its whole path.',
            'Begin it with / or ~.',
          ),
        ]
      : []),
    ...(patroni.indexUrl?.toLowerCase().startsWith('http:') === true
      ? [
          warning(
            'index_open',
            'sources.patroni.indexUrl',
            'The index is read without TLS: whoever can change what is sent on the way can change what is installed.',
            'Use an https address, or a directory of wheels.',
          ),
        ]
      : []),
    ...bundleProblem(patroni, route.kind === 'bundle'),
  ];
}

function bundleProblem(pip: PipSource, fromBundle: boolean): SpecProblem[] {
  if (!fromBundle || pip.wheelDirectory !== undefined) return [];
  return [
    problem(
      'source_not_in_bundle',
      'sources.patroni.wheelDirectory',
      'A bundle holds packages alone, and these servers reach no index of pip.',
      'Collect the wheels in a directory of this workstation: they are sent from here.',
    ),
  ];
}
