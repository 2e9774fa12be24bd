import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Server } from '../../../shared/model/connect/server';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import type { ClusterEntrance } from '../../../shared/rules/standby/pair-clusters';

/**
 * The addresses by which a cluster is reached beside those that its members report: how its servers are called in the inventory, the
 * servers of its load balancers, and for a cluster that was set up here its virtual address and HAProxy. Pure.
 */
export function entrancesOfCluster(
  entry: ClusterEntry,
  spec: ClusterSpec | null,
  server: (id: string) => Server | undefined,
): readonly ClusterEntrance[] {
  const ofMembers = entry.members.flatMap(({ serverId, postgresPort }): ClusterEntrance[] => {
    const found = serverId === null ? undefined : server(serverId);
    if (found === undefined || postgresPort === undefined) return [];
    return [found.host, found.name].map((host) => ({ host, port: postgresPort, by: 'member' }));
  });
  const ofBalancers = (entry.balancerServers ?? []).flatMap((id): ClusterEntrance[] => {
    const found = server(id);
    return found === undefined
      ? []
      : [found.host, found.name].map((host) => ({ host, port: null, by: 'load_balancer' }));
  });
  return [...ofMembers, ...ofBalancers, ...(spec === null ? [] : entrancesOfSpec(spec))];
}

function entrancesOfSpec({ vip, haproxy, servers }: ClusterSpec): readonly ClusterEntrance[] {
  const address: readonly ClusterEntrance[] =
    vip === undefined ? [] : [{ host: vip.address, port: null, by: 'virtual_address' }];
  const balancers = servers
    .filter(({ roles }) => roles.includes('haproxy'))
    .map((one): ClusterEntrance => ({ host: one.address, port: haproxy.primaryPort, by: 'load_balancer' }));
  return [...address, ...balancers];
}
