import { z } from 'zod';
import type { BalancersView } from '../model/balancers/balancers';
import { call, of } from './procedures';

/** The load balancers on the servers of a cluster's members. */
export const balancers = {
  /** What HAProxy and PgBouncer see, beside what Patroni answers on each health endpoint; reads only. */
  read: call(z.object({ clusterId: z.string() }), of<BalancersView>()),
};
