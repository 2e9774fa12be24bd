import type { DeployFacts, ServerFacts } from '../../../model/deploy/facts';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import { leads } from './check-cluster';
import { refuse, run, settled, type Verdict } from './verdict';
import type { Verdicts } from './check-plan';
import type { DeployPlan, Step, StopResource } from '../../../model/deploy/plan';

/** Verdicts on what only a change does: stopping units of a server that leaves, and taking away what was made there. */
export function checkLeaving(plan: DeployPlan, facts: DeployFacts, spec: ClusterSpec, verdicts: Verdicts): Verdicts {
  const all = new Map(verdicts);
  for (const step of plan.steps) {
    const server = facts.servers[step.server];
    if (step.resource.kind !== 'undo' || server === undefined) continue;
    all.set(step.id, step.resource.part === 'stop' ? checkStop(step, step.resource, server, facts, spec) : run());
  }
  return all;
}

/** The leader does not go: a planned switchover costs seconds, its loss costs a failover. */
function checkStop(
  step: Step,
  resource: StopResource,
  server: ServerFacts,
  facts: DeployFacts,
  spec: ClusterSpec,
): Verdict {
  if (resource.units.includes('patroni.service') && leads(facts.cluster.patroni[step.server], spec.scope)) {
    return refuse(`${step.server} leads the cluster. Switch over to another member first.`);
  }
  const off = resource.units.every((unit) => {
    const found = server.units[unit];
    return (
      found === undefined || found.load === 'not-found' || (found.enabled !== 'enabled' && found.active !== 'active')
    );
  });
  return off ? settled : run();
}
