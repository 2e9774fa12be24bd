import type { MonitoredCluster, MonitoredProgram } from '../../../shared/model/monitoring/monitored-cluster';

const MEMBERS = ['db1', 'db2', 'db3'];

/** A program on a port of three servers. */
export function programFixture(port: number, changes: Partial<MonitoredProgram> = {}): MonitoredProgram {
  const targets = MEMBERS.map((member, index) => ({ member, address: `10.0.0.${index + 1}:${port}` }));
  return { version: null, targets, tls: false, certificate: false, ...changes };
}

/** A cluster of which everything is collected, with the newest Patroni. */
export function monitoredFixture(changes: Partial<MonitoredCluster> = {}): MonitoredCluster {
  return {
    name: 'orders',
    patroni: programFixture(8008, { version: '4.1.4' }),
    etcd: programFixture(2379),
    postgres: programFixture(9187),
    node: programFixture(9100),
    haproxy: programFixture(8405),
    synchronous: true,
    ...changes,
  };
}
