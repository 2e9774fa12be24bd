import { describe, expect, it } from 'vitest';
import { clientNetworks, pgHba } from '../../../../shared/rules/deploy/files/hba';
import { haproxyConfig } from '../../../../shared/rules/deploy/files/haproxy';
import { patroniConfig } from '../../../../shared/rules/deploy/files/patroni';
import { poolerTarget } from '../../../../shared/rules/deploy/files/pgbouncer';
import { etcdDefaults, newEtcdCluster } from '../../../../shared/rules/deploy/files/etcd';
import { networkAround, sameNetwork } from '../../../../shared/rules/deploy/network';
import { specFixture } from '../../../support/deploy/facts';

describe('the network around an address', () => {
  it.each([
    ['10.0.0.11', 24, '10.0.0.0/24'],
    ['10.1.2.131', 25, '10.1.2.128/25'],
    ['10.1.2.3', 0, '0.0.0.0/0'],
    ['fd00:1::11', 64, 'fd00:1::/64'],
    ['fd00:1:2:3:4:5:6:7', 64, 'fd00:1:2:3::/64'],
    ['fd00:1:2:3:4:5:6:7', 128, 'fd00:1:2:3:4:5:6:7/128'],
    ['::1', 64, '::/64'],
    ['2001:DB8::1:2', 48, '2001:db8::/48'],
  ])('of %s with %i bits is %s, and the address is in it', (address, prefix, network) => {
    expect(networkAround(address, prefix)).toBe(network);
    expect(sameNetwork(network.slice(0, network.indexOf('/')), address, prefix)).toBe(true);
  });
  it('is none for what is no address', () => {
    expect(networkAround('db1.example', 24)).toBeNull();
  });
});

describe('a cluster whose servers are named by IPv6 addresses', () => {
  const servers = ['n1', 'n2', 'n3'].map((name, index) => ({
    name,
    address: `fd00:1::${11 + index}`,
    ssh: { server: name },
    roles: ['etcd' as const, 'postgres' as const, 'haproxy' as const, 'pgbouncer' as const],
  }));
  const spec = specFixture({ servers });
  const [server] = spec.servers;
  if (server === undefined) throw new Error('The spec has no servers.');

  it('listens there: PostgreSQL, HAProxy, the REST API and etcd', () => {
    const patroni = patroniConfig({ spec, server, postgresVersion: 17, secret: () => 'x' });
    expect(patroni).toContain('listen: 0.0.0.0,[::]:5432');
    expect(patroni).toContain('listen: "[fd00:1::11]:8008"');
    for (const port of [5000, 5001, 7000]) expect(haproxyConfig(spec)).toContain(`  bind :::${port} v6only`);
    expect(etcdDefaults(spec, server, newEtcdCluster(spec))).toContain('http://[fd00:1::11]:2379');
  });
  it('lets its own network and its own loopback in', () => {
    expect(clientNetworks(spec)).toEqual(['fd00:1::/64']);
    expect(pgHba(spec)).toEqual(
      expect.arrayContaining([
        'host all all ::1/128 scram-sha-256',
        'host all all fd00:1::11/128 scram-sha-256',
        'host all all fd00:1::/64 scram-sha-256',
      ]),
    );
  });
  it('is reached by a PgBouncer without HAProxy by bare addresses, as PgBouncer reads them', () => {
    const apart = specFixture({
      servers: servers.map((one, index) => ({
        ...one,
        roles: index === 0 ? ['etcd', 'pgbouncer'] : ['etcd', 'postgres', 'haproxy'],
      })),
    });
    const [pooler] = apart.servers;
    if (pooler === undefined) throw new Error('The spec has no servers.');
    expect(poolerTarget(apart, pooler).host).toBe('fd00:1::12,fd00:1::13');
  });
});
