import { describe, expect, it } from 'vitest';
import type { AppErrorData } from '../../../../../shared/model/app-error';
import type { ServerFacts } from '../../../../../shared/model/deploy/facts';
import type { PreflightInput } from '../../../../../shared/rules/deploy/preflight/input';
import { preflight } from '../../../../../shared/rules/deploy/preflight/preflight';
import { bareServer, silentCluster, specFixture } from '../../../../support/deploy/facts';

const spec = specFixture();
const bare = (change: Partial<ServerFacts> = {}): Record<string, ServerFacts> => ({
  n1: bareServer('n1', '10.0.0.11', change),
  n2: bareServer('n2', '10.0.0.12'),
  n3: bareServer('n3', '10.0.0.13'),
});
const reachable = spec.servers.map((server) => ({
  server: server.name,
  host: 'mirror.example:80',
  verdict: 'open' as const,
}));
const input = (change: Partial<PreflightInput> = {}): PreflightInput => ({
  spec,
  servers: bare(),
  errors: {},
  cluster: silentCluster,
  reach: [],
  repositories: reachable,
  added: {},
  postgresVersion: 17,
  vip: [],
  followed: null,
  ...change,
});
const verdict = (given: PreflightInput, id: string, server: string | null = 'n1'): string | undefined =>
  preflight(given).find((check) => check.id === id && check.server === server)?.verdict;
const directory = {
  kind: 'directory',
  owner: 'postgres',
  group: 'postgres',
  mode: 0o700,
  empty: false,
  content: null,
} as const;

describe('the preflight of bare servers', () => {
  it('lets three bare servers pass', () => {
    expect(preflight(input()).filter((check) => check.verdict !== 'ok')).toEqual([]);
  });
  it('gives every check that is not ok a reason', () => {
    const bad = preflight(
      input({
        servers: bare({ cpus: 1, memoryBytes: 1, systemd: false, root: false, clockOffsetMs: 600_000, disks: [] }),
      }),
    );
    for (const check of bad.filter((entry) => entry.verdict !== 'ok')) expect(check.reason).not.toBe('');
  });
});

describe('the package hosts that servers reach through this workstation', () => {
  const through = (hosts: string[]) =>
    specFixture({ sources: { route: { kind: 'through_workstation' as const, hosts } } });
  const found = (hosts: string[]) =>
    preflight(input({ spec: through(hosts) })).find(({ id, server }) => id === 'repositories' && server === 'n1');

  it('are named in the review, and block it where a server names one that nobody agreed to', () => {
    expect(found([])).toMatchObject({
      verdict: 'blocks',
      evidence: expect.stringContaining('mirror.example:80') as string,
    });
    expect(found(['mirror.example'])).toMatchObject({
      verdict: 'ok',
      evidence: expect.stringContaining('mirror.example:80') as string,
    });
  });
});

describe('the preflight, before anything is changed, finds', () => {
  const lost: AppErrorData = {
    code: 'ssh.sudo_password_wrong',
    message: 'sudo did not accept the password.',
    retryable: false,
  };
  it.each<readonly [string, Partial<PreflightInput>, string, string | null]>([
    ['a port in use', { servers: bare({ ports: [{ address: '0.0.0.0', port: 5432, process: 'nc' }] }) }, 'ports', 'n1'],
    [
      'a foreign data directory',
      { servers: bare({ paths: { '/var/lib/postgresql/17/main': directory } }) },
      'pgdata',
      'n1',
    ],
    ['foreign etcd data', { servers: bare({ paths: { '/var/lib/etcd/main': directory } }) }, 'etcd-data', 'n1'],
    ['a scope that exists already', { cluster: { ...silentCluster, initialize: '7711' } }, 'scope', null],
    [
      'an external etcd that does not answer',
      { spec: specFixture({ etcd: { external: ['10.0.9.1:2379'] } }) },
      'quorum',
      null,
    ],
    [
      'a full disk',
      { servers: bare({ disks: [{ path: '/', device: 'sda', totalBytes: 10, freeBytes: 1024 }] }) },
      'disk',
      'n1',
    ],
    ['a clock that is ten minutes off', { servers: bare({ clockOffsetMs: -600_000 }) }, 'clock', 'n1'],
    ['a package that no source offers', { servers: bare({ candidates: {} }) }, 'packages', 'n1'],
    [
      'a repository that cannot be reached',
      { repositories: [{ server: 'n1', host: 'mirror.example:80', verdict: 'blocked' }] },
      'repositories',
      'n1',
    ],
    [
      'a wrong sudo password',
      { servers: { n2: bareServer('n2', '10.0.0.12'), n3: bareServer('n3', '10.0.0.13') }, errors: { n1: lost } },
      'sudo',
      'n1',
    ],
    ['a missing locale', { spec: specFixture({ postgres: { locale: 'de_AT.UTF-8' } }) }, 'locale', 'n1'],
    [
      'an address that the server does not have',
      { servers: bare({ addresses: ['127.0.0.1', '10.9.9.9'] }) },
      'address',
      'n1',
    ],
    ['one server listed twice', { servers: { ...bare(), n2: bareServer('n2', '10.0.0.11') } }, 'address', 'n1'],
    [
      'a connection that a firewall blocks',
      { reach: [{ from: 'n1', to: 'n2', port: 2380, verdict: 'blocked' }] },
      'reach',
      null,
    ],
    [
      'a foreign service',
      {
        servers: bare({
          units: { 'haproxy.service': { load: 'loaded', enabled: 'enabled', active: 'active', fresh: false } },
        }),
      },
      'services',
      'n1',
    ],
    [
      'another system than Debian or Ubuntu',
      { servers: bare({ os: { id: 'fedora', version: '42', codename: '', title: 'Fedora 42' } }) },
      'os',
      'n1',
    ],
  ])('%s', (_, change, id, server) => {
    expect(verdict(input(change), id, server)).toBe('blocks');
  });

  it('a host name that two servers share, as a warning', () => {
    expect(verdict(input({ servers: bare({ hostname: 'n2' }) }), 'hostname')).toBe('warning');
  });
  it('no difference between en_US.utf8 and en_US.UTF-8', () => {
    expect(
      verdict(
        input({
          spec: specFixture({ postgres: { locale: 'en_US.UTF-8' } }),
          servers: { n1: bareServer('n1', '10.0.0.11', { locales: ['en_US.utf8'] }) },
        }),
        'locale',
      ),
    ).toBe('ok');
  });
  it('no fault in an open port where nothing listens yet', () => {
    expect(verdict(input({ reach: [{ from: 'n1', to: 'n2', port: 2380, verdict: 'refused' }] }), 'reach', null)).toBe(
      'ok',
    );
  });
});

describe('the preflight of a standalone PostgreSQL to be converted', () => {
  const converted = specFixture({
    postgres: {
      dataDirectory: '/var/lib/postgresql/17/main',
      existing: { server: 'n1', name: 'main', configDirectory: '/etc/postgresql/17/main' },
    },
  });
  const given = input({
    spec: converted,
    servers: bare({
      ports: [{ address: '0.0.0.0', port: 5432, process: 'postgres' }],
      paths: { '/var/lib/postgresql/17/main': directory },
    }),
  });
  it('accepts its own port and data', () => {
    expect([verdict(given, 'ports'), verdict(given, 'pgdata')]).toEqual(['ok', 'ok']);
  });
  it('still refuses another program on that port', () => {
    expect(
      verdict({ ...given, servers: bare({ ports: [{ address: '0.0.0.0', port: 5432, process: 'nc' }] }) }, 'ports'),
    ).toBe('blocks');
  });
});

it('the preflight of an adopted cluster accepts its own scope', () => {
  expect(
    verdict(
      input({ spec: specFixture({ adopted: ['n1'] }), cluster: { ...silentCluster, initialize: '7711' } }),
      'scope',
      null,
    ),
  ).toBe('ok');
});
