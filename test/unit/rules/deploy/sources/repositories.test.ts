import { describe, expect, it } from 'vitest';
import type { AvailableVersions, RepositoryAnswer } from '../../../../../shared/model/deploy/deploy-views';
import type { AptRepository } from '../../../../../shared/model/deploy/spec/source-spec';
import {
  repositoriesFor,
  repositoryFiles,
  repositoryText,
  withKeysOfServers,
} from '../../../../../shared/rules/deploy/sources/repositories';
import { lacksComponent, findRepositoryFault, tellingLine } from '../../../../../shared/rules/deploy/causes/apt';
import { askableSpec, repositoryVerdict } from '../../../../../renderer/deployment/form/repositories';
import { bareServer, specFixture } from '../../../../support/deploy/facts';

const pgdg: AptRepository = {
  url: 'https://apt.postgresql.org/pub/repos/apt',
  suite: '{codename}-pgdg',
  components: ['main'],
  keyUrl: 'https://www.postgresql.org/key.asc',
};
const named = (uri: string, suite: string, file: string) =>
  bareServer('n1', '10.0.0.11', {
    apt: { lockedBy: null, interrupted: false, listsAgeSeconds: 1, hosts: [], sources: [{ uri, suite, file }] },
  });

describe('an added repository', () => {
  it('has a sources file of its own, signed by its own key alone', () => {
    const { list, key } = repositoryFiles(pgdg);
    expect(list).toBe('/etc/apt/sources.list.d/matriarch-apt.postgresql.org-pub-repos-apt-pgdg.sources');
    expect(repositoryText(pgdg, 'trixie', key)).toBe(
      '# Written by Matriarch.\nTypes: deb\nURIs: https://apt.postgresql.org/pub/repos/apt\n' +
        'Suites: trixie-pgdg\nComponents: main\nSigned-By: ' +
        '/etc/apt/keyrings/matriarch-apt.postgresql.org-pub-repos-apt-pgdg.asc\n',
    );
  });

  it('has no components where its suite is a path', () => {
    expect(repositoryText({ ...pgdg, suite: './' }, 'trixie', '/k')).not.toContain('Components');
  });

  it('never leaves its own directories, whatever its URL contains', () => {
    for (const url of ['https://x/../../etc/passwd', 'https://[fe80::1]:8080/a%2fb', `https://x/${'a'.repeat(400)}`]) {
      expect(repositoryFiles({ ...pgdg, url }).list).toMatch(
        /^\/etc\/apt\/sources\.list\.d\/matriarch-[A-Za-z0-9.-]{1,120}\.sources$/,
      );
    }
  });

  it('is not added where another file names it already, since two entries would clash over their keys', () => {
    const spec = specFixture({ sources: { repositories: [pgdg] } });
    expect(
      repositoriesFor(
        spec,
        named('https://apt.postgresql.org/pub/repos/apt/', 'trixie-pgdg', '/etc/apt/sources.list.d/pgdg.list'),
      ),
    ).toEqual([]);
    expect(
      repositoriesFor(
        spec,
        named('https://apt.postgresql.org/pub/repos/apt/', 'bookworm-pgdg', '/etc/apt/sources.list.d/pgdg.list'),
      ),
    ).toEqual([pgdg]);
    expect(
      repositoriesFor(
        spec,
        named('https://apt.postgresql.org/pub/repos/apt/', 'trixie-pgdg', repositoryFiles(pgdg).list),
      ),
    ).toEqual([pgdg]);
  });

  it('is not added to servers that are given a bundle', () => {
    expect(
      repositoriesFor(
        specFixture({ sources: { repositories: [pgdg], route: { kind: 'bundle', file: '/b.tar' } } }),
        bareServer('n1', '10.0.0.11'),
      ),
    ).toEqual([]);
  });

  it('needs its key only once: later it is read from a server of the deployment', () => {
    const { key } = repositoryFiles(pgdg);
    const file = { kind: 'file' as const, owner: 'root', group: 'root', mode: 0o644, empty: false, content: 'KEY\n' };
    const manifest = {
      version: 1 as const,
      scope: 'main',
      server: 'n1',
      clusterToken: 't',
      files: [{ path: key, kind: 'file' as const, before: 'absent' as const, backup: null }],
      units: [],
      data: [],
    };
    const server = bareServer('n1', '10.0.0.11', { paths: { [key]: file } });
    expect(withKeysOfServers([pgdg], { n1: { ...server, manifest } })[0]?.keyPem).toBe('KEY\n');
    expect(withKeysOfServers([pgdg], { n1: server })[0]?.keyPem).toBeUndefined();
  });
});

describe('the fault of a repository', () => {
  const said: readonly (readonly [string, string])[] = [
    [
      'Ign:1 http://m/debian x InRelease\nErr:2 http://m/debian x Release\n  404  Not Found [IP: 10.0.0.1 80]\n' +
        "E: The repository 'http://m/debian x Release' does not have a Release file.",
      'deploy.repository_suite',
    ],
    [
      'Err:1 http://m x InRelease\n  Sub-process /usr/bin/sqv returned an error code (1), error message is: ' +
        'Missing key 0123456789ABCDEF, which is needed to verify signature.\n' +
        "E: The repository 'http://m x InRelease' is not signed.",
      'deploy.repository_untrusted',
    ],
    [
      "W: GPG error: http://m x InRelease: The following signatures couldn't be verified because the public " +
        'key is not available: NO_PUBKEY 7FCC7D46ACCC4CF8',
      'deploy.repository_untrusted',
    ],
    [
      'Err:1 http://10.0.0.1:9 x InRelease\n  Could not connect to 10.0.0.1:9 (10.0.0.1). - connect (111: Connection refused)',
      'deploy.repository_unreachable',
    ],
    [
      "Err:1 http://mirror.example x InRelease\n  Temporary failure resolving 'mirror.example'",
      'deploy.name_unresolved',
    ],
    [
      'Err:1 https://m x InRelease\n  SSL connection failed: error:0A000086:SSL routines::certificate verify ' +
        'failed\nNo system certificates available. Try installing ca-certificates.',
      'deploy.repository_certificate',
    ],
    [
      'E: Release file for http://m/dists/x/InRelease is not valid yet (invalid for another 9min 58s).',
      'deploy.clock_skew',
    ],
  ];
  it.each(said)('is found in what apt prints: %s', (text, code) => {
    expect(findRepositoryFault(text).code).toBe(code);
  });

  it('is found where apt only warns about a missing component', () => {
    const text =
      'Get:1 http://m x InRelease [60 kB]\nW: Skipping acquire of configured file ' +
      "'nosuch/binary-amd64/Packages' as repository 'http://m x InRelease' doesn't have the component 'nosuch' " +
      '(component misspelt in sources.list?)';
    expect([lacksComponent(text), lacksComponent(said[0]?.[0] ?? ''), findRepositoryFault(text).code]).toEqual([
      true,
      false,
      'deploy.repository_suite',
    ]);
  });

  it('is shown by the line that says why', () => {
    expect(tellingLine(said[3]?.[0] ?? '')).toBe(
      'Could not connect to 10.0.0.1:9 (10.0.0.1). - connect (111: Connection refused)',
    );
    expect(tellingLine('')).toBe('');
  });
});

describe('the form of the package sources', () => {
  const offer = (server: string, answer: Partial<RepositoryAnswer>): AvailableVersions => ({
    server,
    postgres: [],
    patroni: null,
    etcd: null,
    haproxy: null,
    pgbouncer: null,
    keepalived: null,
    error: null,
    repositories: [
      { url: pgdg.url, suite: pgdg.suite, state: 'offers', fingerprint: 'B97B0AFC', error: null, ...answer },
    ],
  });

  it('asks the servers about repositories that are complete, and about no others', () => {
    const spec = specFixture({ sources: { repositories: [pgdg] } });
    expect(askableSpec(spec)?.sources.repositories).toEqual([pgdg]);
    const typed = {
      ...spec,
      sources: {
        ...spec.sources,
        repositories: [
          { ...pgdg, url: 'https://' },
          { url: pgdg.url, suite: pgdg.suite, components: ['main'] },
        ],
      },
    };
    expect(askableSpec(typed)?.sources.repositories).toEqual([]);
  });

  it('says that servers can use a repository, and which key signs it', () => {
    expect(repositoryVerdict(pgdg, [offer('n1', {}), offer('n2', {})])).toEqual({
      sentence: 'The servers can use it; its key is B97B 0AFC.',
      error: null,
    });
    expect(repositoryVerdict(pgdg, [offer('n1', {}), offer('n2', { state: 'present' })])?.sentence).toBe(
      'The servers can use it; its key is B97B 0AFC. Already configured on n2 and left unchanged.',
    );
  });

  it('says on which servers it cannot be used, and why', () => {
    const error = { code: 'deploy.repository_suite', message: 'no such suite', retryable: true } as const;
    expect(repositoryVerdict(pgdg, [offer('n1', {}), offer('n2', { state: 'failed', error })])).toEqual({
      sentence: 'It cannot be used on n2.',
      error,
    });
    expect(repositoryVerdict({ ...pgdg, suite: 'other' }, [offer('n1', {})])).toBeNull();
  });
});
