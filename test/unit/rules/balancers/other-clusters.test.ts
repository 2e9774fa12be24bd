import { expect, it } from 'vitest';
import { otherClustersOn } from '../../../../shared/rules/balancers/other-clusters';

const cluster = (id: string, members: readonly string[], balancerServers?: readonly string[]) => ({
  id,
  title: id,
  members: members.map((serverId) => ({ name: serverId, serverId, apiUrl: 'http://10.0.0.1:8008' })),
  ...(balancerServers === undefined ? {} : { balancerServers: [...balancerServers] }),
});

it('every other cluster with a member or a named load balancer on a server is told, and none that was removed', () => {
  const clusters = [
    cluster('orders', ['n1'], ['lb1']),
    cluster('ledger', ['n2'], ['lb1', 'lb2']),
    { ...cluster('shop', ['lb1']), citusGroup: 1 },
    { ...cluster('gone', ['n3'], ['lb1']), removedAt: 1 },
  ];
  expect(otherClustersOn(clusters, 'lb1', 'orders')).toEqual(['ledger', 'shop group 1']);
  expect(otherClustersOn(clusters, 'lb2', 'ledger')).toEqual([]);
});
