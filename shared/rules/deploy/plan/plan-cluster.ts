import type { DeployManifest } from '../../../model/deploy/manifest';
import type { DeployPlan, Step } from '../../../model/deploy/plan';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { adoptedSteps } from './adopted-steps';
import { leaveSteps } from './leave-steps';
import { startManifest } from '../manifest';
import type { PlanInput } from '../steps/plan-input';
import { accessSteps } from '../steps/access-steps';
import { clusterSteps } from './cluster-steps';
import { etcdSteps } from '../steps/etcd-steps';
import { memberSteps } from '../steps/member-steps';
import { monitoringSteps, targetsStep } from '../steps/monitoring-steps';
import { createClusterStep, packagesStep, servicePackages, trustPackages } from '../steps/package-steps';
import { archiveSteps, repositorySteps } from '../steps/source-steps';

/**
 * The graph of everything that makes the servers what the spec says. A pure function: the same plan is the dry
 * run, the first run, the resume after a failure, the repeat that changes nothing, and the drift report.
 * Steps depend on what they need and on nothing else: the first leader starts as soon as etcd has a majority.
 */
export function planCluster(input: PlanInput): DeployPlan {
  const steps = [
    ...input.spec.servers.flatMap((server) => serverSteps(input, server)),
    ...clusterSteps(input),
    ...targetsStep(input),
    ...leaveSteps(input),
  ];
  const withManifests = input.spec.servers.flatMap((server) => manifestSteps(input, server, steps));
  return {
    scope: input.spec.scope,
    postgresVersion: input.postgresVersion,
    steps: inOrder([...withManifests, ...steps]),
  };
}

function serverSteps(input: PlanInput, server: ServerSpec): Step[] {
  if (input.spec.adopted.includes(server.name)) return adoptedSteps(input, server);
  return [
    ...createClusterStep(server),
    ...packagesStep(input, server, 'trust', trustPackages(input.spec)),
    ...repositorySteps(input, server),
    ...archiveSteps(input, server),
    ...packagesStep(input, server, 'services', servicePackages(input.spec, server, input.postgresVersion)),
    ...etcdSteps(input, server),
    ...memberSteps(input, server),
    ...accessSteps(input, server),
    ...monitoringSteps(input, server),
  ];
}

/** The manifest says what the other steps of its server will make, and what was there before. */
function manifestSteps(input: PlanInput, server: ServerSpec, steps: readonly Step[]): Step[] {
  const facts = input.facts.servers[server.name];
  if (facts === undefined || input.spec.adopted.includes(server.name)) return [];
  const own = steps.filter((step) => step.server === server.name).map((step) => step.resource);
  const manifest: DeployManifest = startManifest(input.spec, server.name, input.token, own, facts);
  return [
    {
      id: manifestId(server.name),
      server: server.name,
      label: 'Note on the server what this deployment makes',
      dependsOn: [],
      resource: { kind: 'manifest', manifest },
    },
  ];
}

/** The id of a server's first step, which everything else on it depends on. */
function manifestId(server: string): string {
  return `${server}/manifest`;
}

/** A stable order in which each step stands after what it depends on. A dependency that is not in the plan is left out. */
function inOrder(steps: readonly Step[]): readonly Step[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const placed = new Set<string>();
  const ordered: Step[] = [];
  const place = (step: Step): void => {
    if (placed.has(step.id)) return;
    placed.add(step.id);
    const present = step.dependsOn.filter((id) => byId.has(id));
    for (const id of present) {
      const before = byId.get(id);
      if (before !== undefined) place(before);
    }
    ordered.push({ ...step, dependsOn: present });
  };
  steps.forEach(place);
  return ordered;
}
