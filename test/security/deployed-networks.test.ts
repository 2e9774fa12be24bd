import { describe, expect, it } from 'vitest';
import type { ClusterSpec, ClusterSpecInput } from '../../shared/model/deploy/spec/cluster-spec';
import { haproxyConfig } from '../../shared/rules/deploy/files/haproxy';
import { pgHba } from '../../shared/rules/deploy/files/hba';
import { pgbouncerConfig, pgbouncerHba } from '../../shared/rules/deploy/files/pgbouncer';
import { sameNetwork } from '../../shared/rules/deploy/network';
import { validateSpec } from '../../shared/rules/deploy/spec/validate-spec';
import { specFixture } from '../support/deploy/facts';
import { hbaVerdict } from '../support/deploy/hba';

const applications = '192.168.7.0/24';
const inside = '192.168.7.20';
const outside = '203.0.113.9';
const specOf = (change: Partial<ClusterSpecInput> = {}): ClusterSpec =>
  specFixture({ tls: 'on', clientNetworks: [applications], users: [{ name: 'shop' }], ...change });

/** The sections of HAProxy that listen, each with whether it turns an address away before anything else. */
function sections(
  spec: ClusterSpec,
): readonly { readonly name: string; readonly lets: (address: string) => boolean }[] {
  return haproxyConfig(spec)
    .split(/^listen /m)
    .slice(1)
    .map((text) => {
      const lines = text.split('\n').map((line) => line.trim());
      const judged = lines.includes('tcp-request connection reject unless allowed');
      const networks = lines.flatMap((line) => /^acl allowed src (\S+)$/.exec(line)?.[1]?.split('/') ?? []);
      const pairs = networks.flatMap((one, index) =>
        index % 2 === 0 ? [[one, Number(networks[index + 1])] as const] : [],
      );
      return {
        name: lines[0] ?? '',
        lets: (address: string) => !judged || pairs.some(([network, bits]) => sameNetwork(network, address, bits)),
      };
    });
}

describe('a client from a network that the spec does not name', () => {
  it.each(['stats', 'primary', 'replicas'])('is turned away by HAProxy on its port for %s', (name) => {
    const section = sections(specOf()).find((one) => one.name === name);
    expect({
      outside: section?.lets(outside),
      inside: section?.lets(inside),
      self: section?.lets('127.0.0.1'),
    }).toEqual({
      outside: false,
      inside: true,
      self: true,
    });
  });

  it('is turned away by PgBouncer, whoever it says it is', () => {
    const spec = specOf();
    const lines = pgbouncerHba(spec).split('\n');
    expect(pgbouncerConfig(spec, spec.servers[0] ?? never())).toContain('auth_type = hba');
    expect(hbaVerdict(lines, { user: 'shop', address: outside })).toBe('none');
    expect(hbaVerdict(lines, { user: 'shop', address: inside })).toBe('scram-sha-256');
  });

  it('is turned away by PostgreSQL', () => {
    expect(hbaVerdict(pgHba(specOf()), { user: 'shop', address: outside })).toBe('none');
  });
});

describe('the accounts of the cluster itself', () => {
  const accounts = ['postgres', 'replicator', 'rewind_user'] as const;
  const proxies = ['10.0.0.11', '10.0.0.12', '10.0.0.13'];

  it.each(accounts)(
    'do not get in as %s through HAProxy or PgBouncer, nor from the networks of applications',
    (user) => {
      for (const address of [...proxies, inside])
        expect(hbaVerdict(pgHba(specOf()), { user, address }), address).toBe('reject');
    },
  );

  it('get in from another member, which shows its certificate', () => {
    for (const [user, database] of [
      ['postgres', 'app'],
      ['rewind_user', 'app'],
      ['replicator', 'replication'],
    ] as const)
      expect(hbaVerdict(pgHba(specOf()), { user, database, address: '10.0.0.12', tls: 'certificate' })).toBe(
        'scram-sha-256',
      );
  });

  it('do not get in from servers with HAProxy alone, with or without TLS', () => {
    const servers = specFixture().servers.map((server, index) => ({
      ...server,
      roles: index === 2 ? (['etcd', 'haproxy', 'pgbouncer'] as const) : (['etcd', 'postgres'] as const),
    }));
    for (const tls of ['on', 'off'] as const) {
      const lines = pgHba(specOf({ tls, servers: servers.map((one) => ({ ...one, roles: [...one.roles] })) }));
      expect(hbaVerdict(lines, { user: 'postgres', address: '10.0.0.13' })).toBe('reject');
      expect(hbaVerdict(lines, { user: 'shop', address: '10.0.0.13' })).toBe('scram-sha-256');
      expect(hbaVerdict(lines, { user: 'pgbouncer', address: '10.0.0.13' })).toBe('scram-sha-256');
      expect(hbaVerdict(lines, { user: 'pgbouncer', address: inside })).toBe('reject');
    }
  });
});

describe('PgBouncer with TLS', () => {
  it('verifies that PostgreSQL is of the same cluster', () => {
    const spec = specOf();
    const file = pgbouncerConfig(spec, spec.servers[0] ?? never());
    expect(file).toContain('server_tls_sslmode = verify-ca\nserver_tls_ca_file = /etc/pgbouncer/tls/ca.crt');
  });
});

describe('an account with a name that means more in pg_hba.conf', () => {
  it.each(['all', '+admins', 'a,b', '@/etc/passwd', 'replication', '#x', 'with space'])(
    'is only itself: %s',
    (superuser) => {
      const lines = pgHba(specOf({ accounts: { superuser } }));
      const peer = { address: '10.0.0.12', tls: 'certificate' } as const;
      expect(hbaVerdict(lines, { ...peer, user: superuser })).toBe('scram-sha-256');
      const other = lines.slice(
        0,
        lines.findIndex((line) => line.endsWith(' all reject')),
      );
      expect(hbaVerdict(other, { ...peer, user: 'b' })).not.toBe('scram-sha-256');
    },
  );

  it.each(['a\nhost all all all trust', 'a"b', 'a\u2028b', 'a\u0000b'])(
    'is refused where it cannot be written: %j',
    (name) => {
      for (const change of [
        { accounts: { superuser: name } },
        { users: [{ name }] },
        { databases: [{ name, owner: 'postgres' }] },
      ])
        expect(validateSpec(specOf(change)).map(({ code }) => code)).toContain('name_unwritable');
    },
  );
});

function never(): never {
  throw new Error('The spec has no servers.');
}
