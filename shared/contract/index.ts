import { app, demo, vault } from './app';
import { advice } from './advice';
import { alerts } from './alerts';
import { assessments } from './assessments';
import { backups } from './backups';
import { availability } from './availability';
import { balancers } from './balancers';
import { certificates } from './certificates';
import { clusters } from './clusters';
import { configure } from './configure';
import { deploy } from './deploy';
import { drills } from './drills';
import { logs } from './logs';
import { diagnostics } from './diagnostics';
import { etcd } from './etcd';
import { passwords } from './passwords';
import { postgres } from './postgres';
import { repair } from './repair';
import { history, jobs, operations } from './operations';
import { prompts, servers } from './servers';
import { services } from './services';
import { statistics } from './statistics';
import { terminals } from './terminals';
import { upgrades } from './upgrades';

/** The whole contract between the page and the core, as one value. Both ends are derived from it. */
export const contract = {
  app,
  vault,
  servers,
  prompts,
  clusters,
  alerts,
  advice,
  backups,
  balancers,
  certificates,
  configure,
  passwords,
  operations,
  services,
  terminals,
  logs,
  statistics,
  etcd,
  diagnostics,
  postgres,
  upgrades,
  assessments,
  repair,
  drills,
  availability,
  jobs,
  history,
  deploy,
  demo,
};

/** The type both ends share. */
export type Contract = typeof contract;
