import { appHandlers } from './app';
import { adviceHandlers } from './advice';
import { alertHandlers } from './alerts';
import { assessmentHandlers } from './assessments';
import { backupHandlers } from './backups';
import { availabilityHandlers } from './availability';
import { balancerHandlers } from './balancers';
import { certificateHandlers } from './certificates';
import { clusterHandlers } from './clusters';
import { configureHandlers } from './configure';
import { demoHandlers } from './demo';
import { deployHandlers } from './deploy';
import { drillHandlers } from './drills';
import { logHandlers } from './logs';
import { diagnosticsHandlers } from './diagnostics';
import { etcdHandlers } from './etcd';
import { historyHandlers, jobHandlers, operationHandlers } from './operations';
import { passwordHandlers } from './passwords';
import { postgresHandlers } from './postgres';
import { promptHandlers, serverHandlers } from './servers';
import { repairHandlers } from './repair';
import { serviceHandlers } from './services';
import { statisticsHandlers } from './statistics';
import { terminalHandlers } from './terminals';
import { upgradeHandlers } from './upgrades';
import { vaultHandlers } from './vault';
import { implementContract } from '../implementer';
import { createProductionGuard } from '../production-guard';
import { createReadOnlyGuard } from '../read-only-guard';
import type { Services } from '../services';
import type { CallContext } from '../wrapper';

/** Binds every procedure of the contract to the services; a missing one does not compile. */
export function createRouter(services: Services, context: CallContext) {
  const { inventory, deployment, prompts } = services;
  const touched = {
    clusters: () => inventory.clusters(),
    servers: () => inventory.servers(),
    specOf: (runId: string) => deployment.deploy.specOf(runId),
  };
  const rpc = implementContract(context, {
    refuseReadOnly: createReadOnlyGuard({ ...touched, isReadOnly: () => inventory.settings().readOnly }),
    askForProduction: createProductionGuard({
      ...touched,
      askName: (title, signal) => prompts.askName(title, signal),
    }),
  });
  return rpc.router({
    app: appHandlers(rpc.app, services),
    vault: vaultHandlers(rpc.vault, services),
    servers: serverHandlers(rpc.servers, services),
    prompts: promptHandlers(rpc.prompts, services),
    clusters: clusterHandlers(rpc.clusters, services),
    alerts: alertHandlers(rpc.alerts, services),
    advice: adviceHandlers(rpc.advice, services),
    backups: backupHandlers(rpc.backups, services),
    balancers: balancerHandlers(rpc.balancers, services),
    certificates: certificateHandlers(rpc.certificates, services),
    configure: configureHandlers(rpc.configure, services),
    passwords: passwordHandlers(rpc.passwords, services),
    operations: operationHandlers(rpc.operations, services),
    services: serviceHandlers(rpc.services, services),
    terminals: terminalHandlers(rpc.terminals, services),
    logs: logHandlers(rpc.logs, services),
    statistics: statisticsHandlers(rpc.statistics, services),
    etcd: etcdHandlers(rpc.etcd, services),
    diagnostics: diagnosticsHandlers(rpc.diagnostics, services),
    postgres: postgresHandlers(rpc.postgres, services),
    upgrades: upgradeHandlers(rpc.upgrades, services),
    assessments: assessmentHandlers(rpc.assessments, services),
    repair: repairHandlers(rpc.repair, services),
    availability: availabilityHandlers(rpc.availability, services),
    drills: drillHandlers(rpc.drills, services),
    jobs: jobHandlers(rpc.jobs, services),
    history: historyHandlers(rpc.history, services),
    deploy: deployHandlers(rpc.deploy, services),
    demo: demoHandlers(rpc.demo, services),
  });
}

/** The bound contract, as the shells serve it. */
export type CoreRouter = ReturnType<typeof createRouter>;
