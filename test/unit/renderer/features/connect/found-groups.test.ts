import { describe, expect, it } from 'vitest';
import type { DiscoveredCluster } from '../../../../../shared/model/cluster/discovery';
import { clustersToAdd } from '../../../../../renderer/features/connect/found-groups';

const member = {
  name: 'db1',
  apiUrl: 'http://10.0.0.1:8008/patroni',
  role: 'leader',
  state: 'running',
  reach: 'own' as const,
  serverId: 's1',
  proposedHost: null,
};

function found(scope: string, change: Partial<DiscoveredCluster> = {}): DiscoveredCluster {
  return {
    key: `service/${scope}/${change.citusGroup ?? ''}`,
    scope,
    namespace: 'service',
    configPath: '',
    layout: 'etcd-only',
    dcs: 'etcd3',
    dcsHosts: [],
    restAuth: false,
    restTls: false,
    etcdAuth: false,
    etcdTls: false,
    members: [member],
    patroniVersion: null,
    existingClusterId: null,
    problems: [],
    ...change,
  };
}

describe('what a discovery found', () => {
  it('shows the groups of a Citus cluster as one, and asks for the group of the server that was searched', () => {
    const [shop, orders, ...others] = clustersToAdd([
      found('shop', { citusGroup: 1, configPath: '/etc/patroni/config.yml' }),
      found('orders'),
      found('shop', { citusGroup: 0 }),
      found('shop', { citusGroup: 2 }),
    ]);
    expect(shop?.asked.citusGroup).toBe(1);
    expect(shop?.groups.map((one) => one.citusGroup)).toEqual([0, 1, 2]);
    expect(shop).toMatchObject({ missing: [], existingClusterId: null });
    expect(orders).toMatchObject({ asked: { scope: 'orders' }, groups: [] });
    expect(others).toEqual([]);
  });

  it('asks for a group that is new in a known Citus cluster', () => {
    const [shop] = clustersToAdd([
      found('shop', { citusGroup: 0, existingClusterId: 'c0' }),
      found('shop', { citusGroup: 2 }),
      found('shop', { citusGroup: 1, existingClusterId: 'c1' }),
    ]);
    expect(shop).toMatchObject({ asked: { citusGroup: 2 }, missing: [2], existingClusterId: 'c0' });
  });

  it('offers no group of which only old keys are left', () => {
    const [shop] = clustersToAdd([
      found('shop', { citusGroup: 0, existingClusterId: 'c0' }),
      found('shop', { citusGroup: 1, members: [] }),
    ]);
    expect(shop).toMatchObject({ missing: [], existingClusterId: 'c0' });
  });

  it('takes clusters of one scope in two namespaces for two', () => {
    expect(
      clustersToAdd([found('shop', { citusGroup: 0 }), found('shop', { citusGroup: 1, namespace: 'db' })]),
    ).toHaveLength(2);
  });
});
