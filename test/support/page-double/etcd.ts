import type { EtcdView } from '../../../shared/model/etcd/etcd-view';

/** etcd with two members and an alarm, as the tab of etcd shows it. */
export function etcdView(now: number): EtcdView {
  const member = (id: string, name: string, leader: boolean): EtcdView['members'][number] => ({
    id,
    name,
    clientUrls: [`http://${name}:2379`],
    peerUrls: [`http://${name}:2380`],
    learner: false,
    leader,
    status: {
      version: '3.5.16',
      dbSize: 1_900_000_000,
      dbInUse: 400_000_000,
      quota: 2_147_483_648,
      raftTerm: 5,
      raftIndex: 9_120,
      raftApplied: leader ? 9_120 : 9_118,
      revision: 4_211,
      errors: [],
      latencyMs: 3.4,
    },
    error: null,
  });
  return {
    clusterId: 'cdf818194e3a8c32',
    asOf: now,
    members: [member('8e9e05c52164694d', 'db1', true), member('91bc3c398fb3c146', 'db2', false)],
    alarms: [{ memberId: '8e9e05c52164694d', kind: 'nospace' }],
    scopes: [{ namespace: 'service', scope: 'orders-prod', clusterId: 'orders' }],
  };
}
