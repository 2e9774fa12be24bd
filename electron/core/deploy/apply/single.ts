import type { Step } from '../../../../shared/model/deploy/plan';
import type { ApplyContext } from '../resources/context';
import { applyEtcdMember } from '../day2/etcd-member';
import { makeRoles } from '../day2/standalone-roles';
import { applyConfig } from '../resources/dynamic-config';
import { forgetScope } from '../resources/forget-scope';
import { applySql } from '../resources/sql';
import { verifyDoors } from '../resources/verify';
import { awaitLeader, awaitQuorum, awaitReplica } from '../resources/waits';

/** Makes a step so that needs more than a script on its server. */
export async function runSingle(step: Step, scope: string, context: ApplyContext): Promise<void> {
  const { resource } = step;
  switch (resource.kind) {
    case 'quorum':
      return awaitQuorum(resource, context);
    case 'leader':
      return awaitLeader(resource, context);
    case 'replica':
      return awaitReplica(resource, context);
    case 'etcd_member':
      return applyEtcdMember(resource, context);
    case 'adopt':
      return resource.part === 'roles' ? makeRoles(resource, context, step.server) : Promise.resolve();
    case 'dynamic_config':
      return applyConfig(resource, scope, context);
    case 'sql':
      return applySql(resource, scope, context);
    case 'verify':
      return verifyDoors(resource, context);
    case 'undo':
      return resource.part === 'scope' ? forgetScope(resource, context) : Promise.resolve();
    case 'manifest':
    case 'file':
    case 'directory':
    case 'unit':
    case 'packages':
    case 'archive':
    case 'virtualenv':
    case 'validate':
    case 'certificate':
    case 'watchdog':
      return Promise.resolve();
  }
}
