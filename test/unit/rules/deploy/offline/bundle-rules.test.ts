import { describe, expect, it } from 'vitest';
import { bundleManifestSchema } from '../../../../../shared/model/deploy/bundle';
import { clusterSpecSchema } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { bundleCandidates, bundleMisfit } from '../../../../../shared/rules/deploy/offline/bundle-fits';
import { indexFault, indexPackages, readStanzas } from '../../../../../shared/rules/deploy/offline/stanzas';
import { wantedPackages } from '../../../../../shared/rules/deploy/offline/wanted-packages';

const hash = (letter: string): string => letter.repeat(64);
const list =
  `Package: one\nVersion: 1:1.0-1\nArchitecture: amd64\nDepends: two (>= 2)\nDescription: first\n` +
  ` and more\nFilename: pool/o/one.deb\nSize: 10\nMD5sum: x\nSHA256: ${hash('a')}\n\nPackage: two\n` +
  `Version: 2.0\nArchitecture: all\nSize: 20\nSHA256: ${hash('b')}\n`;
const files = [
  { file: 'one_1%3a1.0-1_amd64.deb', bytes: 10, sha256: hash('a') },
  { file: 'two_2.0_all.deb', bytes: 20, sha256: hash('b') },
];

describe('the list of packages in a bundle', () => {
  it('gives each file its hash from the signed list and its place in the bundle', () => {
    const { packages, index, unknown } = indexPackages(files, readStanzas(list));
    expect(unknown).toEqual([]);
    expect(packages).toEqual([
      {
        name: 'one',
        version: '1:1.0-1',
        architecture: 'amd64',
        file: 'debs/one_1%3a1.0-1_amd64.deb',
        bytes: 10,
        sha256: hash('a'),
      },
      { name: 'two', version: '2.0', architecture: 'all', file: 'debs/two_2.0_all.deb', bytes: 20, sha256: hash('b') },
    ]);
    expect(index).toContain('Description: first\n and more\n');
    expect(index).toContain('Filename: ./debs/one_1%3a1.0-1_amd64.deb');
    expect(index).not.toContain('pool/');
    expect(indexFault(index, packages)).toBeNull();
  });

  it('takes no file that is not in the signed list', () => {
    const forged = [{ file: 'one_1%3a1.0-1_amd64.deb', bytes: 10, sha256: hash('f') }];
    expect(indexPackages(forged, readStanzas(list))).toMatchObject({
      packages: [],
      unknown: ['one_1%3a1.0-1_amd64.deb'],
    });
  });

  const sound = indexPackages(files, readStanzas(list));
  it.each([
    ['another hash', sound.index.replace(hash('a'), hash('c'))],
    ['another version', sound.index.replace('1:1.0-1\n', '1:6.6-6\n')],
    ['another name', sound.index.replace('Package: one', 'Package: none')],
    ['one package less', sound.index.split('\n\n').slice(1).join('\n\n')],
    ['one package more', `${sound.index}\nPackage: three\nVersion: 1\n`],
    ['no package at all, other', ''],
  ])('is refused with %s than in the manifest', (_what, index) => {
    expect(indexFault(index, sound.packages)).not.toBeNull();
  });
});

const manifest = {
  format: 'matriarch-bundle',
  version: 2,
  release: { id: 'debian', codename: 'trixie' },
  architecture: 'amd64',
  madeAt: 1,
  madeFrom: 'n1',
  wanted: ['one'],
  index: { bytes: 1, sha256: hash('d') },
  origins: [
    { file: 'origins/1/InRelease', bytes: 1, sha256: hash('e') },
    { file: 'origins/1/list-0.gz', bytes: 1, sha256: hash('f') },
  ],
  packages: [
    { name: 'one', version: '1', architecture: 'amd64', file: 'debs/one_1_amd64.deb', bytes: 10, sha256: hash('a') },
  ],
};

describe('the manifest of a bundle', () => {
  it('is read back as it was written', () => {
    expect(bundleManifestSchema.parse(manifest)).toEqual(manifest);
  });

  const withFile = (file: string) => ({
    ...manifest,
    packages: manifest.packages.map((entry) => ({ ...entry, file })),
  });
  it.each([
    ['another format', { ...manifest, format: 'x' }],
    ['a later version', { ...manifest, version: 3 }],
    ['no packages', { ...manifest, packages: [] }],
    ['nothing that an archive signed', { ...manifest, origins: [] }],
    ['a path that leads out of the bundle', withFile('debs/../../etc/cron.d/x.deb')],
    ['an absolute path', withFile('/etc/x.deb')],
    ['a file name that looks like an option', withFile('debs/-x.deb')],
    ['a name with a line break', withFile('debs/a\n.deb')],
    ['something that is no hash', { ...manifest, index: { bytes: 1, sha256: 'x' } }],
    ['an unknown field', { ...manifest, more: 1 }],
  ])('with %s is refused', (_what, value) => {
    expect(bundleManifestSchema.safeParse(value).success).toBe(false);
  });

  it.each([
    [{ id: 'debian', codename: 'trixie', architecture: 'amd64' }, true],
    [{ id: 'debian', codename: 'bookworm', architecture: 'amd64' }, false],
    [{ id: 'ubuntu', codename: 'trixie', architecture: 'amd64' }, false],
    [{ id: 'debian', codename: 'trixie', architecture: 'arm64' }, false],
  ])('fits the system %j: %s', (system, fits) => {
    expect(bundleMisfit({ release: manifest.release, architecture: 'amd64' }, system) === null).toBe(fits);
  });

  it('offers its packages with their versions', () => {
    expect(bundleCandidates(bundleManifestSchema.parse(manifest))).toEqual({ one: '1' });
  });
});

describe('the packages of a bundle', () => {
  const spec = (postgres: object) =>
    clusterSpecSchema.parse({
      version: 1,
      id: 's-id',
      scope: 's',
      postgres,
      servers: [
        { name: 'a', address: '10.0.0.1', ssh: { server: 'a' }, roles: ['etcd', 'postgres'] },
        { name: 'b', address: '10.0.0.2', ssh: { server: 'b' }, roles: ['haproxy', 'pgbouncer'] },
      ],
    });
  it('are what all servers need, each once', () => {
    expect(wantedPackages(spec({ version: 17 }))).toEqual([
      'etcd-client',
      'etcd-server',
      'haproxy',
      'patroni',
      'pgbouncer',
      'postgresql-17',
      'python3-etcd',
    ]);
  });
  it('include the newest PostgreSQL where the spec names no version', () => {
    expect(wantedPackages(spec({}))).toContain('postgresql-newest');
  });
});
