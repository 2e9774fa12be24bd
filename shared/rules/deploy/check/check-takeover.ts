import type { DeployFacts, ServerFacts } from '../../../model/deploy/facts';
import type { TakeoverResource } from '../../../model/deploy/plan';
import { leads } from './check-cluster';
import { toRun, settled, type Verdict } from './verdict';

/** A takeover is over when Patroni runs on the server, or the cluster has a leader anywhere. */
export function checkTakeover(resource: TakeoverResource, facts: DeployFacts, server: ServerFacts): Verdict {
  const led = Object.values(facts.cluster.patroni).some((member) => member !== null && leads(member, member.scope));
  if (led || server.units['patroni.service']?.active === 'active') return settled;
  return resource.part === 'roles' ? toRun() : toRun('PostgreSQL is stopped, and started again by Patroni.');
}
