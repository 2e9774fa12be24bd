import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import {
  monitoredCluster,
  monitoredName,
  usualMonitoring,
} from '../../../../shared/rules/monitoring/monitored-cluster';
import { Facts } from '../../../support/cluster/cluster-facts';

const state = (): ClusterState => {
  const folded = new Facts().fold();
  const member = (name: string, url: string) => ({
    name,
    clientUrls: [url],
    leader: null,
    reachable: true,
    seesLeader: true,
    version: null,
    dbSize: null,
    quota: null,
    alarms: [],
  });
  return {
    ...folded,
    dcs: {
      kind: 'live',
      etcdVersion: null,
      members: [member('e1', 'https://10.0.0.1:2379'), member('e9', 'https://[fd00::9]:2379')],
    },
  };
};

describe('a cluster as a Prometheus reaches it', () => {
  it('has the addresses that Patroni and etcd tell, and the ports of the exporters', () => {
    const cluster = monitoredCluster(state(), usualMonitoring);
    expect(cluster.patroni).toMatchObject({ version: '4.0.7', tls: false });
    expect(cluster.patroni.targets[1]).toEqual({ member: 'db2', address: '10.0.0.2:8008' });
    expect(cluster.etcd?.targets).toEqual([
      { member: 'db1', address: '10.0.0.1:2379' },
      { member: 'e9', address: '[fd00::9]:2379' },
    ]);
    expect(cluster.etcd).toMatchObject({ tls: true, certificate: true });
    expect(cluster.node?.targets[0]).toEqual({ member: 'db1', address: '10.0.0.1:9100' });
    expect(cluster.haproxy).toBeNull();
  });

  it('has no version of Patroni as long as one member does not tell it', () => {
    const before = state();
    const members = before.members.map((member, index) => (index === 2 ? { ...member, patroniVersion: null } : member));
    expect(monitoredCluster({ ...before, members }, usualMonitoring).patroni.version).toBeNull();
  });

  it('has no etcd where none is seen', () => {
    expect(monitoredCluster({ ...state(), dcs: { kind: 'connecting' } }, usualMonitoring).etcd).toBeNull();
  });

  it('that is a group of Citus has a name of its own', () => {
    expect(monitoredName({ scope: 'shop', citusGroup: 2 })).toBe('shop/2');
    expect(monitoredName({ scope: 'shop' })).toBe('shop');
  });
});
