import type { Resource, ResourceOf, Step } from '../../../../shared/model/deploy/plan';
import type { ApplyContext } from '../resources/context';
import { applyConfig } from '../resources/cluster/dynamic-config';
import { applyEtcdMember } from '../resources/cluster/etcd-member';
import { applySql } from '../resources/cluster/sql';
import { awaitDcsContact } from '../resources/cluster/dcs-contact';
import { awaitTargets } from '../resources/cluster/targets';
import { probeEntryPoints } from '../resources/cluster/verify';
import { awaitLeader, awaitQuorum, awaitReplica } from '../resources/cluster/waits';
import type { Execution, Fetched, ResourceHandler, ResourceHandlers } from '../resources/resource-handler';
import type { ScriptContext } from '../resources/script-context';
import { scriptArchive } from '../resources/scripted/archive';
import { scriptCertificate } from '../resources/scripted/certificate';
import { scriptDirectory } from '../resources/scripted/directory';
import { scriptFile } from '../resources/scripted/file';
import { scriptManifest } from '../resources/scripted/manifest';
import { scriptPackages } from '../resources/scripted/packages';
import { scriptUnit } from '../resources/scripted/unit';
import { scriptValidation } from '../resources/scripted/validation';
import { scriptVirtualenv } from '../resources/scripted/virtualenv';
import { scriptWatchdog } from '../resources/scripted/watchdog';
import { makeRoles } from '../resources/takeover/standalone-roles';
import { scriptTakeover } from '../resources/takeover/takeover-script';
import { forgetScope } from '../resources/undo/forget-scope';
import { scriptRemoval, scriptStop } from '../resources/undo/undo-script';

const byScript = (write: (context: ScriptContext) => string): Execution => ({ by: 'script', write });
const byCore = (apply: (context: ApplyContext) => Promise<void>): Execution => ({ by: 'core', apply });

/** A kind that is always made by a script on its server. */
function scripted<R extends Resource>(
  write: (resource: R, context: ScriptContext) => string,
  fetches: Fetched = 'nothing',
): ResourceHandler<R> {
  return { fetches, execution: (resource) => byScript((context) => write(resource, context)) };
}

/** A kind that is always made or awaited from here, with what services answer. */
function applied<R extends Resource>(apply: (resource: R, context: ApplyContext) => Promise<void>): ResourceHandler<R> {
  return { fetches: 'nothing', execution: (resource) => byCore((context) => apply(resource, context)) };
}

/** How each kind of resource is made. A kind without an entry does not compile. */
const resourceHandlers: ResourceHandlers = {
  manifest: scripted(scriptManifest),
  packages: scripted(scriptPackages, 'packages'),
  archive: scripted(scriptArchive, 'programs'),
  virtualenv: scripted(scriptVirtualenv, 'programs'),
  file: scripted(scriptFile),
  directory: scripted(scriptDirectory),
  unit: scripted(scriptUnit),
  validate: scripted(scriptValidation),
  watchdog: scripted(scriptWatchdog),
  certificate: {
    fetches: 'nothing',
    execution: (resource, { id }) => byScript((context) => scriptCertificate(resource, id, context)),
  },
  quorum: applied(awaitQuorum),
  dcs_contact: applied(awaitDcsContact),
  leader: applied(awaitLeader),
  replica: applied(awaitReplica),
  etcd_member: applied(applyEtcdMember),
  verify: applied(probeEntryPoints),
  targets: applied(awaitTargets),
  sql: {
    fetches: 'nothing',
    execution: (resource, { scope }) => byCore((context) => applySql(resource, scope, context)),
  },
  dynamic_config: {
    fetches: 'nothing',
    execution: (resource, { scope }) => byCore((context) => applyConfig(resource, scope, context)),
  },
  adopt: {
    fetches: 'nothing',
    execution: (resource, { server }) => {
      switch (resource.part) {
        case 'roles':
          return byCore((context) => makeRoles(resource, context, server));
        case 'restart':
          return byScript(() => scriptTakeover(resource));
      }
    },
  },
  undo: {
    fetches: 'nothing',
    execution: (resource) => {
      switch (resource.part) {
        case 'stop':
          return byScript(() => scriptStop(resource));
        case 'remove':
          return byScript((context) => scriptRemoval(resource, context));
        case 'scope':
          return byCore((context) => forgetScope(resource, context));
      }
    },
  },
};

/** How a step is carried out. */
export function executionOf({ id, server, resource }: Step, scope: string): Execution {
  const find = <K extends Resource['kind']>(kind: K, typed: ResourceOf<K>): Execution =>
    resourceHandlers[kind].execution(typed, { id, server, scope });
  return find(resource.kind, resource);
}

/** What carrying out a step fetches. */
export function fetchedBy({ resource }: Step): Fetched {
  return resourceHandlers[resource.kind].fetches;
}
