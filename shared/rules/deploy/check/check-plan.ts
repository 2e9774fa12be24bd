import type { DeployFacts, ServerFacts } from '../../../model/deploy/facts';
import type { DeployPlan, Resource, Step } from '../../../model/deploy/plan';
import { checkTakeover } from './check-takeover';
import { checkEtcdMember } from './check-etcd-member';
import { checkDynamicConfig } from './check-config';
import { checkLeader, checkQuorum, checkReplica, checkSql } from './check-cluster';
import { checkCertificate } from './check-certificate';
import { checkArchive, checkVirtualenv } from './check-programs';
import { checkDirectory, checkFile, checkManifest, checkPackages, checkUnit, checkWatchdog } from './check-server';
import { refuse, run, settled, type Verdict } from './verdict';

/** What each step of a plan would do, by step id. */
export type Verdicts = ReadonlyMap<string, Verdict>;

/**
 * Compares the whole plan with what is. A unit is touched when a file it reads changes, and the look through
 * every door is made only when something else was done.
 */
export function checkPlan(plan: DeployPlan, facts: DeployFacts): Verdicts {
  const verdicts = new Map<string, Verdict>();
  const changed = (server: string, paths: readonly string[]): boolean =>
    plan.steps.some(
      (step) => step.server === server && touches(step.resource, paths) && verdicts.get(step.id)?.action !== 'none',
    );
  for (const step of plan.steps) verdicts.set(step.id, checkStep(step, facts, changed, verdicts));
  return verdicts;
}

/** Whether a step writes one of these files. */
function touches(resource: Resource, paths: readonly string[]): boolean {
  if (resource.kind === 'file') return paths.includes(resource.path);
  return resource.kind === 'certificate' && paths.includes(resource.cert);
}

type Changed = (server: string, paths: readonly string[]) => boolean;

function checkStep(step: Step, facts: DeployFacts, changed: Changed, before: Verdicts): Verdict {
  const { resource } = step;
  const server = facts.servers[step.server];
  if (server === undefined) return refuse('This server was not looked at.');
  return (
    checkOnServer(resource, server, facts, (paths) => changed(step.server, paths)) ??
    checkInCluster(resource, facts, before)
  );
}

function checkOnServer(
  resource: Resource,
  facts: ServerFacts,
  all: DeployFacts,
  changed: (paths: readonly string[]) => boolean,
): Verdict | null {
  switch (resource.kind) {
    case 'manifest':
      return checkManifest(resource, facts);
    case 'packages':
      return checkPackages(resource, facts);
    case 'archive':
      return checkArchive(resource, facts);
    case 'virtualenv':
      return checkVirtualenv(resource, facts);
    case 'file':
      return checkFile(resource, facts);
    case 'directory':
      return checkDirectory(resource, facts);
    case 'certificate':
      return checkCertificate(resource, facts, all);
    case 'watchdog':
      return checkWatchdog(resource, facts);
    case 'etcd_member':
      return checkEtcdMember(resource, all.cluster, facts);
    case 'adopt':
      return checkTakeover(resource, all, facts);
    case 'unit':
      return checkUnit(resource, facts, changed(resource.configuration));
    case 'validate':
      return changed([resource.path]) || facts.units['patroni.service']?.active !== 'active' ? run() : settled;
    default:
      return null;
  }
}

function checkInCluster(resource: Resource, facts: DeployFacts, before: Verdicts): Verdict {
  switch (resource.kind) {
    case 'quorum':
      return checkQuorum(resource, facts.cluster);
    case 'leader':
      return checkLeader(resource, facts.cluster);
    case 'replica':
      return checkReplica(resource, facts.cluster);
    case 'dynamic_config':
      return checkDynamicConfig(resource, facts.cluster.config);
    case 'sql':
      return checkSql(resource, facts.cluster);
    case 'verify':
      return [...before.values()].every((verdict) => verdict.action === 'none') ? settled : run();
    default:
      return settled;
  }
}
