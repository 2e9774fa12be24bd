import { z } from 'zod';
import type { BalancerSearch, BalancersView } from '../model/balancers/balancers';
import { call, of } from './procedures';

/** The load balancers of a cluster: on the servers of its members, and on others that were named. */
export const balancers = {
  /** What HAProxy and PgBouncer see, beside what Patroni answers on each health endpoint; reads only. */
  read: call(z.object({ clusterId: z.string() }), of<BalancersView>()),
  /** Looks for a load balancer of this cluster on a server of the inventory; reads only. */
  search: call(z.object({ clusterId: z.string(), serverId: z.string() }), of<BalancerSearch>()),
  /** Names the servers that are looked at beside those of the members; nothing on the servers changes. */
  setServers: call(z.object({ clusterId: z.string(), serverIds: z.array(z.string()).max(32) }), of<null>()),
};
