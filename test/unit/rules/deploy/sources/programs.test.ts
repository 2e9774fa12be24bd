import { describe, expect, it } from 'vitest';
import type { DeployFacts, ServerFacts } from '../../../../../shared/model/deploy/facts';
import type { Step } from '../../../../../shared/model/deploy/plan';
import type { ClusterSpec, ClusterSpecInput } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { classify } from '../../../../../shared/rules/deploy/causes/classify';
import { checkPlan } from '../../../../../shared/rules/deploy/check/check-plan';
import { planCluster } from '../../../../../shared/rules/deploy/plan/plan-cluster';
import {
  archiveArchitecture,
  archiveResource,
  virtualenvResource,
} from '../../../../../shared/rules/deploy/sources/programs';
import { scriptOf } from '../../../../support/deploy/scripts';
import { directRoute, proxyRoute } from '../../../../../electron/core/deploy/package-routes/package-route';
import { programHosts } from '../../../../../shared/rules/deploy/sources/package-hosts';
import { bareFacts, specFixture } from '../../../../support/deploy/facts';

const sha256 = 'a'.repeat(64);
const archive = { kind: 'archive', url: 'https://files.example.org/etcd-v3.5.21-linux-amd64.tar.gz', sha256 } as const;
const pip = { kind: 'pip', version: '4.0.5', indexUrl: 'https://pip.example.org/simple' } as const;
const planOf = (spec: ClusterSpec, facts: DeployFacts = bareFacts(spec)) =>
  planCluster({ spec, facts, secret: () => 'secret', postgresVersion: 17, token: 'run' });
const withSources = (sources: ClusterSpecInput['sources']): ClusterSpec => specFixture({ sources });
const stepOf = (spec: ClusterSpec, id: string): Step | undefined => planOf(spec).steps.find((step) => step.id === id);

describe('the release archive of etcd', () => {
  it.each([
    ['https://files.example.org/etcd-v3.5.21-linux-amd64.tar.gz', '/opt/matriarch/etcd-3.5.21'],
    [
      'https://files.example.org/v3.6.0-rc.2/etcd-v3.6.0-rc.2-linux-arm64.tar.gz?token=1#x',
      '/opt/matriarch/etcd-3.6.0',
    ],
    ['https://files.example.org/latest', '/opt/matriarch/etcd-aaaaaaaaaaaa'],
    ['https://files.example.org/..%2f..%2fetc', '/opt/matriarch/etcd-aaaaaaaaaaaa'],
  ])('is unpacked from %s into %s', (url, directory) => {
    expect(archiveResource({ ...archive, url }).directory).toBe(directory);
  });

  it('names its architecture', () => {
    expect(archiveArchitecture(archive)).toBe('amd64');
    expect(archiveArchitecture({ ...archive, url: 'https://files.example.org/latest' })).toBeNull();
  });

  it('replaces the etcd packages, and its unit starts etcd from there', () => {
    const spec = withSources({ etcd: archive });
    const ids = planOf(spec)
      .steps.filter((step) => step.server === 'n1')
      .map((step) => step.id);
    expect(ids.indexOf('n1/etcd-archive')).toBeLessThan(ids.indexOf('n1/packages-services'));
    const packages = stepOf(spec, 'n1/packages-services')?.resource;
    expect(packages?.kind === 'packages' ? packages.packages : []).not.toContain('etcd-server');
    expect(stepOf(spec, 'n1/packages-services')?.dependsOn).toContain('n1/etcd-archive');
    expect(stepOf(spec, 'n1/etcd')?.dependsOn).toContain('n1/etcd-unit');
    const unit = stepOf(spec, 'n1/etcd-unit')?.resource;
    expect(unit?.kind === 'file' ? unit.content : '').toContain('ExecStart=/opt/matriarch/etcd-3.5.21/etcd\n');
  });

  it('needs ca-certificates where servers fetch it by HTTPS, and not where the app uploads it', () => {
    expect(stepOf(withSources({ etcd: archive }), 'n1/packages-trust')).toBeDefined();
    expect(
      stepOf(withSources({ etcd: { ...archive, url: 'file:///srv/etcd.tar.gz' } }), 'n1/packages-trust'),
    ).toBeUndefined();
  });

  it('is unpacked only after its SHA-256 was checked', () => {
    const plan = planOf(withSources({ etcd: archive }));
    const script = scriptOf(plan, 'n1/etcd-archive', { packages: proxyRoute(4000, []) });
    expect(script.indexOf('"$sum" = "$SUM"')).toBeGreaterThan(0);
    expect(script.indexOf('"$sum" = "$SUM"')).toBeLessThan(script.indexOf('tar -xzf'));
    expect(script).toContain('Acquire::https::Proxy=http://127.0.0.1:4000');
  });
});

describe('Patroni installed by pip', () => {
  it('runs, and checks its configuration, from its virtual environment', () => {
    const spec = withSources({ patroni: pip });
    expect(stepOf(spec, 'n1/packages-services')?.resource).toMatchObject({
      packages: ['etcd-server', 'etcd-client', 'postgresql-17', 'python3-venv', 'haproxy', 'pgbouncer'],
    });
    expect(stepOf(spec, 'n1/validate')).toMatchObject({
      dependsOn: expect.arrayContaining(['n1/patroni-virtualenv']) as string[],
      resource: { program: '/opt/matriarch/patroni/bin/patroni' },
    });
    const unit = stepOf(spec, 'n1/patroni-unit')?.resource;
    expect(unit?.kind === 'file' ? unit.content : '').toContain(
      'ExecStart=/opt/matriarch/patroni/bin/patroni /etc/patroni/config.yml\n',
    );
  });

  it('is pinned to its version and comes with the etcd library and the PostgreSQL driver', () => {
    expect(virtualenvResource(pip).requirements).toEqual(['patroni[psycopg3,etcd3]==4.0.5']);
    expect(virtualenvResource({ kind: 'pip' }).requirements).toEqual(['patroni[psycopg3,etcd3]']);
  });

  const pipLine = (source: ClusterSpecInput['sources'], packages = directRoute): string =>
    scriptOf(planOf(withSources(source)), 'n1/patroni-virtualenv', { packages })
      .split('\n')
      .find((line) => line.includes('/bin/pip" install')) ?? '';
  it('uses only the index of the spec', () => {
    expect(pipLine({ patroni: pip })).toContain(
      "--index-url https://pip.example.org/simple 'patroni[psycopg3,etcd3]==4.0.5'",
    );
  });
  it('uses no index when there are wheels', () => {
    expect(pipLine({ patroni: { kind: 'pip', wheelDirectory: '/srv/wheels' } })).toContain(
      '--no-index --find-links /s/upload/wheels',
    );
  });
  it('is fetched through the workstation where packages are', () => {
    expect(pipLine({ patroni: pip }, proxyRoute(4000, []))).toContain('--proxy http://127.0.0.1:4000');
  });
  it('trusts just the host of an index without TLS', () => {
    expect(pipLine({ patroni: { ...pip, indexUrl: 'http://pip.lan:8080/simple' } })).toContain(
      '--trusted-host pip.lan:8080',
    );
  });
});

describe('programs that come from no package', () => {
  const spec = withSources({ etcd: archive, patroni: pip });
  const directory = '/opt/matriarch/etcd-3.5.21';
  const entry = (kind: 'file' | 'directory', content: string | null) => ({
    kind,
    owner: 'root',
    group: 'root',
    mode: 0o755,
    empty: false,
    content,
  });
  const verdict = (paths: ServerFacts['paths'], ours: boolean): string | undefined => {
    const facts = bareFacts(spec);
    const n1 = facts.servers['n1'];
    if (n1 === undefined) throw new Error('There is no n1.');
    const manifest = {
      version: 1 as const,
      scope: 'main',
      server: 'n1',
      clusterToken: 't',
      files: ours ? [{ path: directory, kind: 'directory' as const, before: 'absent' as const, backup: null }] : [],
      units: [],
      data: [],
    };
    const about = { ...facts, servers: { ...facts.servers, n1: { ...n1, paths, manifest } } };
    return checkPlan(planOf(spec, about), about).get('n1/etcd-archive')?.action;
  };

  it('are unpacked once', () => {
    expect(verdict({}, false)).toBe('create');
    expect(
      verdict({ [directory]: entry('directory', null), [`${directory}/.sha256`]: entry('file', `${sha256}\n`) }, true),
    ).toBe('none');
  });
  it('are unpacked again when that was interrupted, or when the spec names another archive', () => {
    expect(verdict({ [directory]: entry('directory', null) }, true)).toBe('change');
    expect(
      verdict(
        { [directory]: entry('directory', null), [`${directory}/.sha256`]: entry('file', `${'b'.repeat(64)}\n`) },
        true,
      ),
    ).toBe('change');
  });
  it('are never put into a foreign directory', () => {
    expect(verdict({ [directory]: entry('directory', null) }, false)).toBe('refuse');
  });

  it('are in the manifest before they are made, and replace no existing command in the search path', () => {
    const facts = bareFacts(spec);
    const n1 = facts.servers['n1'];
    if (n1 === undefined) throw new Error('There is no n1.');
    const about = {
      ...facts,
      servers: { ...facts.servers, n1: { ...n1, paths: { '/usr/local/bin/etcdctl': entry('file', null) } } },
    };
    const resource = planOf(spec, about).steps.find((step) => step.id === 'n1/manifest')?.resource;
    const paths =
      resource?.kind === 'manifest'
        ? resource.manifest.files.filter((file) => file.kind !== 'file').map((file) => `${file.kind} ${file.path}`)
        : [];
    expect(paths).toEqual([
      'directory /opt/matriarch/etcd-3.5.21',
      'link /usr/local/bin/etcdutl',
      'directory /opt/matriarch/patroni',
      'link /usr/local/bin/patroni',
      'link /usr/local/bin/patronictl',
    ]);
  });

  it('are fetched for the servers that need them only', () => {
    const [n1] = spec.servers;
    if (n1 === undefined) throw new Error('There is no n1.');
    expect(programHosts(spec)).toEqual(['files.example.org:443', 'pip.example.org:443']);
    expect(programHosts({ ...spec, servers: [{ ...n1, roles: ['etcd'] }] })).toEqual(['files.example.org:443']);
    expect(programHosts({ ...spec, servers: [{ ...n1, roles: ['haproxy'] }] })).toEqual([]);
  });
});

describe('the cause of a failure to get a program', () => {
  const said: readonly (readonly [string, string])[] = [
    [
      `The SHA-256 of the archive etcd.tar.gz is ${'b'.repeat(64)}, and the spec says ${sha256}: nothing was unpacked.`,
      'deploy.archive_checksum',
    ],
    [
      'E: Failed to fetch http://m/etcd.tar.gz  404  Not Found\nThe archive etcd.tar.gz cannot be fetched from http://m/etcd.tar.gz.',
      'deploy.archive_unreachable',
    ],
    ['The programs of the archive etcd.tar.gz do not run on this server.', 'deploy.archive_unusable'],
    [
      "WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError('x: Failed to " +
        "establish a new connection: [Errno 111] Connection refused')': /simple/patroni/\n" +
        'ERROR: No matching distribution found for patroni',
      'deploy.index_unreachable',
    ],
    [
      'ERROR: Could not find a version that satisfies the requirement patroni==9 (from versions: 4.0.5)\n' +
        'ERROR: No matching distribution found for patroni==9',
      'deploy.wheel_missing',
    ],
    ['E: Unable to locate package postgresql-99', 'deploy.package_missing'],
  ];
  it.each(said)('is found in the log: %s', (text, code) => {
    expect(classify(text)?.code).toBe(code);
  });
});
