import type { BalancerHost } from '../../model/balancers/balancers';

/** Whether a load balancer, or what moves a virtual address, was found on a server. */
export function hasBalancer({ haproxy, pgbouncer, vip, vipManager }: BalancerHost): boolean {
  return haproxy !== null || pgbouncer !== null || vip !== null || vipManager !== undefined;
}
