import type { DeployFacts, ServerFacts } from '../../../model/deploy/facts';
import type { StopResource } from '../../../model/deploy/plan';
import { leads } from './check-cluster';
import { refuse, toRun, settled, type Verdict } from './verdict';

/**
 * Units that shall stop, against systemd. The leader of the scope is not stopped: a planned switchover costs seconds, its loss costs a
 * failover.
 */
export function checkStop(resource: StopResource, server: ServerFacts, facts: DeployFacts, scope: string): Verdict {
  if (resource.units.includes('patroni.service') && leads(facts.cluster.patroni[server.server], scope))
    return refuse(`${server.server} leads the cluster. Switch over to another member first.`);
  const off = resource.units.every((unit) => {
    const found = server.units[unit];
    return (
      found === undefined || found.load === 'not-found' || (found.enabled !== 'enabled' && found.active !== 'active')
    );
  });
  return off ? settled : toRun();
}
