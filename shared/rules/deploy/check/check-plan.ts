import type { DeployFacts, ServerFacts } from '../../../model/deploy/facts';
import type { DeployPlan, Resource, ResourceOf, Step } from '../../../model/deploy/plan';
import { checkStop } from './check-stop';
import { checkTakeover } from './check-takeover';
import { checkEtcdMember } from './check-etcd-member';
import { checkDynamicConfig } from './check-config';
import { checkLeader, checkQuorum, checkReplica, checkSql } from './check-cluster';
import { checkCertificate } from './check-certificate';
import { checkArchive, checkVirtualenv } from './check-programs';
import { checkDirectory, checkFile, checkManifest, checkPackages, checkUnit, checkWatchdog } from './check-server';
import { refuse, toRun, settled, type Verdict } from './verdict';

/** What each step of a plan would do, by step id. */
export type Verdicts = ReadonlyMap<string, Verdict>;

/** What a step is judged by: the facts of its server and of all servers, and what the plan does before it. */
interface CheckContext {
  readonly server: ServerFacts;
  readonly facts: DeployFacts;
  readonly scope: string;
  /** Whether a step of this server that stands before writes one of these files. */
  readonly writes: (paths: readonly string[]) => boolean;
  /** Whether this step, which stands before, has something to do. */
  readonly hasWork: (stepId: string) => boolean;
  /** Whether no step that stands before has anything to do. */
  readonly nothingDoneBefore: () => boolean;
}

type Check<R extends Resource> = (resource: R, context: CheckContext) => Verdict;

/** When each kind of resource is settled. A kind without an entry does not compile. */
const checks: { readonly [K in Resource['kind']]: Check<ResourceOf<K>> } = {
  manifest: (resource, { server }) => checkManifest(resource, server),
  packages: (resource, { server }) => checkPackages(resource, server),
  archive: (resource, { server }) => checkArchive(resource, server),
  virtualenv: (resource, { server }) => checkVirtualenv(resource, server),
  file: (resource, { server }) => checkFile(resource, server),
  directory: (resource, { server }) => checkDirectory(resource, server),
  certificate: (resource, { server, facts }) => checkCertificate(resource, server, facts),
  watchdog: (resource, { server }) => checkWatchdog(resource, server),
  unit: (resource, { server, writes }) => checkUnit(resource, server, writes(resource.configuration)),
  validate: (resource, { server, writes }) =>
    writes([resource.path]) || server.units['patroni.service']?.active !== 'active' ? toRun() : settled,
  etcd_member: (resource, { server, facts }) => checkEtcdMember(resource, facts.cluster, server),
  adopt: (resource, { server, facts }) => checkTakeover(resource, facts, server),
  quorum: (resource, { facts }) => checkQuorum(resource, facts.cluster),
  dcs_contact: ({ after }, { hasWork }) => (hasWork(after) ? toRun() : settled),
  leader: (resource, { facts }) => checkLeader(resource, facts.cluster),
  replica: (resource, { facts }) => checkReplica(resource, facts.cluster),
  dynamic_config: (resource, { facts }) => checkDynamicConfig(resource, facts.cluster.config),
  sql: (resource, { facts }) => checkSql(resource, facts.cluster),
  // The entry points are probed only when something else was done.
  verify: (_resource, { nothingDoneBefore }) => (nothingDoneBefore() ? settled : toRun()),
  targets: (_resource, { nothingDoneBefore }) => (nothingDoneBefore() ? settled : toRun()),
  undo: (resource, { server, facts, scope }) =>
    resource.part === 'stop' ? checkStop(resource, server, facts, scope) : toRun(),
};

/** Compares the whole plan with what is. A unit is touched when a file it reads changes. */
export function checkPlan(plan: DeployPlan, facts: DeployFacts): Verdicts {
  const verdicts = new Map<string, Verdict>();
  for (const step of plan.steps) verdicts.set(step.id, checkStep(step, plan, facts, verdicts));
  return verdicts;
}

function checkStep(step: Step, plan: DeployPlan, facts: DeployFacts, before: Verdicts): Verdict {
  const server = facts.servers[step.server];
  if (server === undefined) return refuse('The facts of this server were not collected.');
  const writes = (paths: readonly string[]): boolean =>
    plan.steps.some(
      ({ id, server: name, resource }) =>
        name === step.server && writesOne(resource, paths) && before.get(id)?.action !== 'none',
    );
  const hasWork = (stepId: string): boolean => (before.get(stepId) ?? settled).action !== 'none';
  const nothingDoneBefore = (): boolean => [...before.values()].every((verdict) => verdict.action === 'none');
  return checkResource(step.resource.kind, step.resource, {
    server,
    facts,
    scope: plan.scope,
    writes,
    hasWork,
    nothingDoneBefore,
  });
}

function checkResource<K extends Resource['kind']>(kind: K, resource: ResourceOf<K>, context: CheckContext): Verdict {
  return checks[kind](resource, context);
}

/** Whether a resource writes one of these files. */
function writesOne(resource: Resource, paths: readonly string[]): boolean {
  if (resource.kind === 'file') return paths.includes(resource.path);
  return resource.kind === 'certificate' && paths.includes(resource.cert);
}
