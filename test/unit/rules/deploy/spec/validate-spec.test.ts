import { describe, expect, it } from 'vitest';
import type { ClusterSpecInput } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { validateSpec } from '../../../../../shared/rules/deploy/spec/validate-spec';
import { specFixture } from '../../../../support/deploy/facts';

type Server = ClusterSpecInput['servers'][number];
const server = (name: string, address: string, roles: Server['roles'] = ['etcd', 'postgres']): Server => ({
  name,
  address,
  roles,
  ssh: { server: name },
});
const three = (change: Partial<Server> = {}): Server[] => [
  server('n1', '10.0.0.11'),
  server('n2', '10.0.0.12'),
  { ...server('n3', '10.0.0.13'), ...change },
];
const errors = (change: Partial<ClusterSpecInput>): string[] =>
  validateSpec(specFixture(change))
    .filter((problem) => problem.severity === 'error')
    .map((problem) => problem.code);

describe('the check of a whole spec', () => {
  it('finds nothing wrong with three servers and the defaults', () => {
    expect(errors({})).toEqual([]);
  });

  const wrong: readonly (readonly [string, Partial<ClusterSpecInput>, string])[] = [
    [
      'two members whose names become the same slot',
      { servers: [server('db-1', '10.0.0.11'), server('db.1', '10.0.0.12'), server('n3', '10.0.0.13')] },
      'slot_collision',
    ],
    ['two servers of one name', { servers: three({ name: 'n1' }) }, 'name_repeated'],
    ['two servers of one address', { servers: three({ address: '10.0.0.11' }) }, 'address_repeated'],
    ['a loopback address', { servers: three({ address: '127.0.1.1' }) }, 'address_loopback'],
    ['a host name in place of an address', { servers: three({ address: 'db3.example' }) }, 'address_is_name'],
    ['a link-local address', { servers: three({ address: '169.254.3.1' }) }, 'address_link_local'],
    ['an even number of etcd members', { servers: three({ roles: ['postgres'] }) }, 'etcd_even'],
    ['no etcd at all', { servers: [server('n1', '10.0.0.11', ['postgres'])] }, 'no_etcd'],
    ['an etcd of its own and an external one', { etcd: { external: ['10.0.9.1:2379'] } }, 'etcd_twice'],
    ['no member', { servers: [server('n1', '10.0.0.11', ['etcd'])] }, 'no_member'],
    ['a first leader that is no member', { firstLeader: 'n9' }, 'first_leader_unknown'],
    [
      'loop_wait + 2 × retry_timeout above ttl',
      { patroni: { ttl: 30, loopWait: 10, retryTimeout: 11 } },
      'timing_rule',
    ],
    ["a ttl below Patroni's least", { patroni: { ttl: 19, loopWait: 5, retryTimeout: 5 } }, 'value_low'],
    ['two services on one port', { haproxy: { primaryPort: 5432 } }, 'port_clash'],
    [
      'a parameter that Patroni sets itself',
      { postgres: { parameters: { listen_addresses: '*' } } },
      'parameter_owned',
    ],
    ['an invalid network', { clientNetworks: ['10.0.0.0/33'] }, 'network_invalid'],
    ['a role name that PostgreSQL reserves', { users: [{ name: 'pg_app' }] }, 'role_reserved'],
    ['a role name that the cluster itself uses', { users: [{ name: 'replicator' }] }, 'role_taken'],
    ['a database whose owner is unknown', { databases: [{ name: 'shop', owner: 'nobody' }] }, 'owner_unknown'],
    ['a scope with a slash', { scope: 'a/b' }, 'scope_invalid'],
    ['a slot name that PostgreSQL refuses', { patroni: { slots: { 'My-Slot': { type: 'physical' } } } }, 'slot_name'],
    ['a slot named like that of a member', { patroni: { slots: { n2: { type: 'physical' } } } }, 'slot_of_member'],
    [
      'an incomplete logical slot',
      { patroni: { slots: { orders: { type: 'logical', database: 'shop', plugin: '' } } } },
      'slot_incomplete',
    ],
    [
      'a logical slot without wal_level logical',
      { patroni: { slots: { orders: { type: 'logical', database: 'shop', plugin: 'pgoutput' } } } },
      'slot_wal_level',
    ],
    [
      'an option of pg_basebackup that Patroni sets itself',
      { postgres: { basebackup: { pgdata: '/elsewhere' } } },
      'basebackup_option',
    ],
    [
      'an option of pg_basebackup with its dashes',
      { postgres: { basebackup: { '--max-rate': '100M' } } },
      'basebackup_option',
    ],
    [
      'a replica method without a command',
      { postgres: { replicaMethods: [{ name: 'from_backup' }] } },
      'method_command',
    ],
    [
      'a replica method named like a setting of PostgreSQL',
      { postgres: { replicaMethods: [{ name: 'parameters', command: '/bin/true' }] } },
      'method_name',
    ],
    [
      'a replica method twice',
      { postgres: { replicaMethods: [{ name: 'basebackup' }, { name: 'basebackup' }] } },
      'method_repeated',
    ],
    ['a virtual address that is still empty', { vip: { address: '' } }, 'vip_invalid'],
    ['a virtual address that a server has', { vip: { address: '10.0.0.11' } }, 'vip_invalid'],
    ['a virtual address in another network', { vip: { address: '10.0.9.100' } }, 'vip_other_network'],
    ['a link-local virtual address', { vip: { address: '169.254.1.1' } }, 'vip_invalid'],
    ['a virtual address with too long a prefix', { vip: { address: '10.0.0.100', prefix: 64 } }, 'vip_prefix'],
    ['a virtual address that no server could hold', { servers: three(), vip: { address: '10.0.0.100' } }, 'vip_nobody'],
    [
      'vip-manager for an address that follows HAProxy',
      { vip: { address: '10.0.0.100', manager: 'vip-manager' } },
      'vip_manager',
    ],
    [
      'a repository without a key',
      { sources: { repositories: [{ url: 'https://apt.example.org/pub' }] } },
      'repository_key_missing',
    ],
    [
      'a repository whose key is a private one',
      {
        sources: {
          repositories: [{ url: 'https://apt.example.org/pub', keyPem: '-----BEGIN PGP PRIVATE KEY BLOCK-----' }],
        },
      },
      'repository_key_private',
    ],
    [
      'a key that is unreadable',
      { sources: { repositories: [{ url: 'https://apt.example.org/pub', keyPem: 'ssh-ed25519 AAAA' }] } },
      'repository_key_unreadable',
    ],
    [
      'one repository twice',
      {
        sources: {
          repositories: [
            { url: 'https://apt.example.org/pub', keyUrl: 'https://apt.example.org/key' },
            { url: 'https://apt.example.org/pub', keyUrl: 'https://apt.example.org/key' },
          ],
        },
      },
      'repository_repeated',
    ],
    [
      'a password in the address of a repository',
      {
        sources: {
          repositories: [{ url: 'https://me:secret@apt.example.org/pub', keyUrl: 'https://apt.example.org/key' }],
        },
      },
      'source_credentials',
    ],
    [
      'a password in the address of an archive',
      {
        sources: {
          etcd: { kind: 'archive', url: 'https://me:secret@files.example.org/etcd.tar.gz', sha256: 'a'.repeat(64) },
        },
      },
      'source_credentials',
    ],
    [
      'a password in the address of an index',
      { sources: { patroni: { kind: 'pip', indexUrl: 'https://me@pip.example.org/simple' } } },
      'source_credentials',
    ],
    [
      'an index and a directory of wheels',
      {
        sources: {
          patroni: { kind: 'pip', indexUrl: 'https://pip.example.org/simple', wheelDirectory: '/srv/wheels' },
        },
      },
      'pip_two_sources',
    ],
    [
      'a relative directory of wheels',
      { sources: { patroni: { kind: 'pip', wheelDirectory: 'wheels' } } },
      'wheels_relative',
    ],
    [
      'an index that servers without a network cannot reach',
      { sources: { patroni: { kind: 'pip' }, route: { kind: 'bundle', file: '/srv/bundle.tar' } } },
      'source_not_in_bundle',
    ],
    [
      'an archive that servers without a network cannot reach',
      {
        sources: {
          etcd: { kind: 'archive', url: 'https://files.example.org/etcd.tar.gz', sha256: 'a'.repeat(64) },
          route: { kind: 'bundle', file: '/srv/bundle.tar' },
        },
      },
      'source_not_in_bundle',
    ],
  ];
  it.each(wrong)('finds %s: $2', (_, change, code) => {
    expect(errors(change)).toContain(code);
  });

  it('finds nothing wrong with sources that can be trusted and fetched', () => {
    const sources = {
      repositories: [{ url: 'https://apt.example.org/pub', keyUrl: 'https://apt.example.org/key' }],
      patroni: { kind: 'pip' as const, version: '4.0.5' },
    };
    expect(
      errors({
        sources: {
          ...sources,
          etcd: {
            kind: 'archive',
            url: 'https://files.example.org/etcd-v3.5.21-linux-amd64.tar.gz',
            sha256: 'a'.repeat(64),
          },
        },
      }),
    ).toEqual([]);
    expect(
      errors({
        sources: {
          etcd: { kind: 'archive', url: 'file:///srv/etcd-v3.5.21-linux-amd64.tar.gz', sha256: 'a'.repeat(64) },
          patroni: { kind: 'pip', wheelDirectory: '/srv/wheels' },
          route: { kind: 'bundle', file: '/srv/bundle.tar' },
        },
      }),
    ).toEqual([]);
  });

  it.each(['trixie\nTrusted: yes', 'a b', '', '-x', '$(reboot)'])(
    'refuses a suite that is more than a name: %j',
    (suite) => {
      expect(() => specFixture({ sources: { repositories: [{ url: 'https://apt.example.org/pub', suite }] } })).toThrow(
        /suite/,
      );
    },
  );

  it.each([
    'https://apt.example.org/a b',
    'https://apt.example.org/\nTrusted: yes',
    'ftp://apt.example.org',
    'file:///etc/shadow',
  ])('refuses a repository URL with spaces or another scheme: %j', (url) => {
    expect(() => specFixture({ sources: { repositories: [{ url }] } })).toThrow(/url/);
  });

  it('says of each problem where it is and what to do', () => {
    for (const [, change] of wrong) {
      for (const problem of validateSpec(specFixture(change)))
        expect(problem.sentence.length * problem.fix.length).toBeGreaterThan(0);
    }
  });
});
