import { createAdvice } from '../advice/create-advice';
import { createAlerts } from '../alerts/create-alerts';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppErrorData } from '../../../shared/model/app-error';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import { otherClustersOn } from '../../../shared/rules/balancers/other-clusters';
import { createBackups } from '../backups/create-backups';
import { createCertificates } from '../certificates/create-certificates';
import type { ClusterHub } from '../clusters/hub';
import { createDiscovery } from '../clusters/discovery/add-cluster';
import { createClusterHub } from '../clusters/watch/create-hub';
import { createDeliveries } from '../deliveries/create-deliveries';
import { createDiagnostics } from '../diagnostics/create-diagnostics';
import { createEtcdAdmin } from '../etcd-admin/create-etcd-admin';
import { openInventory } from '../inventory/file-inventory';
import { overlayInventory, type OverlaidInventory } from '../inventory/overlay';
import { withReadOnlyMode } from '../inventory/read-only-mode';
import { rememberAnswer } from '../inventory/remember';
import { createJobEngine } from '../jobs/create-job-engine';
import type { JobEngine } from '../jobs/job-engine';
import { separateJobs } from '../jobs/separate-jobs';
import { createClusterLogs } from '../logs/create-logs';
import { createOperations } from '../operations/create-operations';
import { createPasswords } from '../passwords/create-passwords';
import { createPasswordStore } from '../passwords/password-record';
import { createPostgres } from '../postgres/create-postgres';
import { createMemberFiles } from '../member-files/create-member-files';
import { backupRound } from '../rounds/backup-round';
import { balancerRound } from '../rounds/balancer-round';
import { certificateRound } from '../rounds/certificate-round';
import { tellClosedServers } from '../rounds/closed-servers';
import { mayAskUnseen, mayReachUnseen } from '../rounds/may-ask-unseen';
import { slotRound } from '../rounds/slot-round';
import { proofRound } from '../rounds/proof-round';
import { startRounds } from '../rounds/start-rounds';
import { vitalsRound } from '../rounds/vitals-round';
import { createRouter, type CoreRouter } from '../rpc/handlers/router';
import type { Services } from '../rpc/services';
import { createGivenStore } from '../repair/certificates/given-material';
import { createRepair } from '../repair/create-repair';
import { createMemberServices } from '../services/create-services';
import { entrancesOfCluster } from '../standby/entrances';
import { followPairs, type Pairs } from '../standby/follow-pairs';
import { createStatistics } from '../statistics/create-statistics';
import { createTerminals } from '../terminal/create-terminals';
import { recordTerminals } from '../terminal/record-terminal';
import { createConsent } from '../platform/consent';
import { mask } from '../platform/mask';
import { openVault, type Vault } from '../vault/vault';
import { createConfigHistory } from '../config-history/create-config-history';
import { createConnections } from './connections';
import { createDemoService } from './demo-service';
import { createDeployment, forgetDemoSetups, migrateDeployment } from './deployment';
import { lockDataDirectory } from '../platform/data-lock';
import type { Host } from '../platform/host';
import { sleep } from '../platform/wait';
import { openLog, type Log } from '../platform/log';
import { createPrometheus } from '../prometheus/create-prometheus';
import { createPrompts, PROMPT_LIMIT_MS, type Prompts } from '../prompts/prompts';
import { createBackupKeeper } from './keep-backups';
import { loginWith, postgresPlaces, sqlLoginsOf } from './sql-logins';
import { createPasswordKeeper, createPasswordReader } from './keep-passwords';
import type { Undo } from '../../../shared/model/undo';
import type { RemotePool } from '../ssh/remote';
import { createCertificateKeeper } from './keep-certificates';
import { createSpecFileReader } from './spec-member-file';
import { openUpgrades } from './open-upgrades';
import { createLooks, createRehearsals } from './rehearsals';
import { createTrusted } from './trusted';

/** What a shell gives to the core. */
export interface CoreOptions {
  readonly host: Host;
  readonly dataDirectory: string;
  readonly homeDirectory: string;
  readonly version: string;
  /** Who uses the app, for the history. */
  readonly user: string;
  /** The environment's SSH_AUTH_SOCK. */
  readonly agentSocket: string | undefined;
  readonly now: () => number;
}

/** The running core: the bound contract for the shell to serve. */
export interface Core {
  readonly router: CoreRouter;
  readonly services: Services;
  readonly log: Log;
  /** Ends everything: jobs are journalled, connections closed, files written. */
  close(): Promise<void>;
}

/** What is kept on disk, and what asks the user. */
interface Stores {
  readonly inventory: OverlaidInventory;
  readonly vault: Vault;
  readonly prompts: Prompts;
  readonly log: Log;
  readonly hide: (text: string) => string;
  readonly problems: readonly AppErrorData[];
  /** Whether the inventory could be read, so that a cluster which is not in it is gone. */
  readonly knowsClusters: boolean;
  closeLog(): void;
}

/** How the holder of the data directory is named to a program that comes second. */
const programs: Readonly<Record<Host['shell'], string>> = {
  electron: 'the desktop app of Matriarch',
  headless: 'Matriarch in a browser',
};

/** Builds the core. Rejects with `app.data_in_use`, and when the data directory cannot be used at all. */
export async function createCore(options: CoreOptions): Promise<Core> {
  const lock = await lockDataDirectory(options.dataDirectory, programs[options.host.shell]);
  try {
    const core = await buildCore(options);
    return { ...core, close: once(() => core.close().finally(() => lock.release())) };
  } catch (thrown) {
    await lock.release();
    throw thrown;
  }
}

async function buildCore(options: CoreOptions): Promise<Core> {
  const stores = await openStores(options);
  const { inventory, vault, prompts, log, dataDirectory, now, user } = { ...stores, ...options };
  const trusted = createTrusted();
  const { pool, connections } = createConnections({ ...options, inventory, vault, prompts, trusted });
  const { jobs, demoJobs } = await openJobs(options, stores);
  const guarded = withReadOnlyMode(inventory);
  const hub = createClusterHub({ inventory: guarded, secrets: trusted.secrets(vault), remotes: pool, now });
  const isTemporary = (id: string): boolean => inventory.isTemporary(id);
  const deployment = createDeployment({ dataDirectory, inventory, vault, pool, jobs, demoJobs, isTemporary, now });
  const demo = createDemoService({
    inventory,
    trusted,
    pool,
    now,
    forget: () => forgetDemoSetups(deployment, { dataDirectory, inventory, vault }),
  });
  const { postgresFacts, balancers } = createLooks(hub, pool, now);
  const etcdAdmin = createEtcdAdmin({
    hub,
    jobs,
    clusters: () => guarded.clusters(),
    now,
    directory: join(dataDirectory, 'snapshots'),
  });
  const pairs = followPairs({
    hub,
    clusters: () => inventory.clusters(),
    entrances: (entry) =>
      entrancesOfCluster(entry, deployment.deploy.latestSpec(entry.id), (id) => inventory.server(id)),
    now,
  });
  const parts: Omit<Services, 'diagnostics'> = {
    info: () => ({
      version: options.version,
      shell: options.host.shell,
      platform: process.platform,
      user,
      demo: demo.running(),
      dataDirectory,
      sshAgent: hasAgent(options.agentSocket),
      problems: stores.problems,
    }),
    now,
    inventory,
    vault,
    prompts,
    consent: createConsent(options.host),
    connections,
    hub,
    jobs,
    ...(await openAlerts(options, stores, hub)),
    advice: await createAdvice({
      hub,
      remotes: pool,
      now,
      postgresFacts,
      readBackups: (clusterId) => services.backups.read(clusterId),
      hasRoot: (serverId) => hasRoot(inventory, serverId),
      user,
      path: join(dataDirectory, 'advice.json'),
      isTemporary,
    }),
    demo,
    terminals: createTerminals({ inventory: guarded, hub, remotes: pool, record: recordTerminals(jobs) }),
    discovery: createDiscovery({
      inventory,
      secrets: { ...trusted.secrets(vault), put: (purpose, value) => vault.put(purpose, value) },
      remotes: pool,
      now,
    }),
    deployment,
    logs: createClusterLogs({ hub, remotes: pool, now }),
    prometheus: createPrometheus({
      hub,
      remotes: pool,
      entry: (clusterId) => inventory.cluster(clusterId) ?? null,
      save: (entry) => inventory.saveCluster(entry),
    }),
    statistics: await createStatistics(
      { hub, remotes: pool, now, root: join(dataDirectory, 'statistics'), isTemporary },
      stores.knowsClusters ? inventory.clusters().map(({ id }) => id) : null,
    ),
    operations: createOperations({ hub, jobs, now, user, refreshPair: (id) => pairs.refresh(id) }),
    backups: createBackups({
      ...createBackupKeeper(inventory, vault),
      hub,
      remotes: pool,
      jobs,
      hasRoot: (serverId) => (inventory.server(serverId)?.sudo.kind ?? 'none') !== 'none',
      now,
      limitHours: (clusterId) => services.alerts.thresholdOf(clusterId, 'backup_old'),
      proofLimitDays: (clusterId) => services.alerts.thresholdOf(clusterId, 'backup_proof_old'),
    }),
    balancers,
    ...createRehearsals({ hub, inventory, jobs, balancers, deployment, now, pool, user, dataDirectory, log }),
    certificates: createCertificates({
      hub,
      remotes: pool,
      now,
      hasRoot: (serverId) => hasRoot(inventory, serverId),
      isRotatable: (clusterId) => deployment.deploy.latestSpec(clusterId)?.tls === 'on',
    }),
    etcdAdmin,
    configHistory: createConfigHistory({
      hub,
      jobs,
      now,
      user,
      directory: (id) => (inventory.isTemporary(id) ? null : join(dataDirectory, 'configurations')),
    }),
    postgres: createPostgres({
      hub,
      remotes: pool,
      jobs,
      now,
      logins: sqlLoginsOf({ inventory, vault, deployment }),
    }),
    ...openUpgrades({
      ...{ hub, pool, jobs, inventory, balancers, dataDirectory, now },
      logins: sqlLoginsOf({ inventory, vault, deployment }),
    }),
    postgresFacts,
    memberFiles: createMemberFiles({
      hub,
      remotes: pool,
      jobs,
      now,
      postgresFacts,
      hasRoot: (serverId) => hasRoot(inventory, serverId),
    }),
    passwords: createPasswords({
      hub,
      remotes: pool,
      jobs,
      now,
      hasRoot: (serverId) => hasRoot(inventory, serverId),
      otherClustersOn: (serverId, clusterId) => otherClustersOn(inventory.clusters(), serverId, clusterId),
      store: createPasswordStore({ directory: join(dataDirectory, 'passwords'), vault, isTemporary }),
      keepPasswords: createPasswordKeeper({ inventory, vault, book: deployment.secrets }),
      knownPasswords: createPasswordReader({ inventory, vault, book: deployment.secrets }),
    }),
    repair: createRepair({
      hub,
      remotes: pool,
      jobs,
      etcdAdmin,
      clusters: () => guarded.clusters(),
      specFile: createSpecFileReader({ deploy: deployment.deploy, book: deployment.secrets }),
      now,
      hasRoot: (serverId) => hasRoot(inventory, serverId),
      directory: join(dataDirectory, 'repairs'),
      snapshots: join(dataDirectory, 'snapshots'),
      certificates: createCertificateKeeper({
        deploy: deployment.deploy,
        book: deployment.secrets,
        inventory,
        vault,
        now,
      }),
      given: createGivenStore(now),
      postgresPlace: postgresPlaces(hub, pool, loginWith({ inventory, vault, deployment })),
      pause: sleep,
    }),
    memberServices: createMemberServices({
      hub,
      remotes: pool,
      jobs,
      now,
      asksPassword: (serverId) => inventory.server(serverId)?.sudo.kind === 'password',
    }),
  };
  const services: Services = {
    ...parts,
    diagnostics: diagnosticsOf(parts, { options, pool, known: () => vault.known() }),
  };
  const router = createRouter(services, {
    mask: stores.hide,
    unexpected: (procedure, thrown) => {
      log.error({ procedure, err: thrown }, 'unexpected');
    },
  });
  log.info({ version: options.version, shell: options.host.shell }, 'core started');
  return {
    router,
    services,
    log,
    close: closing({ services, stores, pool, endRounds: beginRounds(services, pool, pairs) }),
  };
}

/** Alerts, and the ways by which they leave this computer. */
async function openAlerts(
  { dataDirectory, now, user, version, host }: CoreOptions,
  { inventory, vault, log }: Stores,
  hub: ClusterHub,
): Promise<Pick<Services, 'alerts' | 'deliveries'>> {
  const deliveries = await createDeliveries({
    path: join(dataDirectory, 'deliveries.json'),
    secrets: vault,
    now,
    version,
  });
  const alerts = await createAlerts({
    hub,
    clusterIds: () => inventory.clusters().map(({ id }) => id),
    now,
    user,
    path: join(dataDirectory, 'alerts.json'),
    isTemporary: (id) => inventory.isTemporary(id),
    notify: ({ title, body }, clusterId) => host.notify(title, body, clusterId),
    deliver: (event) => deliveries.deliver(event),
    onUnwritten: (thrown) => log.error({ err: thrown }, 'alerts could not be written'),
  });
  return { alerts, deliveries };
}

/** Bundles are gathered by the services that the pages ask. */
function diagnosticsOf(
  parts: Omit<Services, 'diagnostics'>,
  {
    options,
    pool,
    known,
  }: { readonly options: CoreOptions; readonly pool: RemotePool; readonly known: () => readonly string[] },
): Services['diagnostics'] {
  const { version, dataDirectory } = options;
  return createDiagnostics({
    ...parts,
    remotes: pool,
    hasRoot: (serverId) => hasRoot(parts.inventory, serverId),
    version,
    known,
    directory: join(dataDirectory, 'diagnostics'),
  });
}

/** What is asked of all clusters in the background. */
function beginRounds(
  { hub, inventory, postgres, backups, alerts, balancers, certificates, drills, upgrades, now }: Services,
  pool: RemotePool,
  pairs: Pick<Pairs, 'end'>,
): Undo {
  const mayAsk = (serverId: string): boolean => mayAskUnseen(inventory, pool, serverId);
  const mayReach = (serverId: string): boolean => mayReachUnseen(inventory, pool, serverId, now());
  const clusters = (): readonly ClusterEntry[] => inventory.clusters();
  const nameOf = (serverId: string): string => inventory.server(serverId)?.name ?? serverId;
  const rounds = [
    slotRound({ hub, postgres, mayAsk }),
    balancerRound({ hub, balancers, mayAsk, mayReach, nameOf, now }),
    backupRound({ hub, backups, mayAsk }),
    proofRound({ backups, mayAsk, now, limitDays: (id) => alerts.thresholdOf(id, 'backup_proof_old') }),
    certificateRound({ hub, certificates, mayAsk, now }),
    vitalsRound({ hub, remotes: pool, postgres, mayAsk, hasRoot: (id) => hasRoot(inventory, id), now }),
  ];
  const undo = [
    startRounds({ hub, clusters, now, rounds }),
    tellClosedServers({ hub, inventory, clusters, now }),
    () => pairs.end(),
    drills.recover(),
    upgrades.recover(),
  ];
  return () => {
    for (const one of undo) one();
  };
}

/** Whether there is a way to become root on a server. */
function hasRoot(inventory: Pick<OverlaidInventory, 'server'>, serverId: string): boolean {
  return (inventory.server(serverId)?.sudo.kind ?? 'none') !== 'none';
}

interface Open {
  readonly services: Services;
  readonly stores: Stores;
  readonly pool: RemotePool;
  readonly endRounds: Undo;
}

function closing({ services, stores, pool, endRounds }: Open): () => Promise<void> {
  return async () => {
    endRounds();
    stores.prompts.close();
    services.terminals.closeAll();
    services.configHistory.close();
    await services.alerts.close();
    await services.availability.close();
    services.deliveries.close();
    await services.statistics.close();
    await services.jobs.close();
    await services.demo.stop();
    await services.hub.close();
    await pool.close();
    stores.log.info('core closed');
    stores.closeLog();
  };
}

/** Whether an agent listens there, as far as its socket says. */
function hasAgent(socket: string | undefined): boolean {
  return socket !== undefined && socket !== '' && existsSync(socket);
}

/** The jobs, those on the demo's clusters in a directory of their own that begins empty. */
async function openJobs(
  { dataDirectory, now, user }: CoreOptions,
  { inventory, vault }: Stores,
): Promise<{ readonly jobs: JobEngine; readonly demoJobs: JobEngine }> {
  const demo = join(dataDirectory, 'demo');
  await rm(demo, { recursive: true, force: true });
  const open = (directory: string): Promise<JobEngine> => createJobEngine({ directory, now, secrets: vault, user });
  const isDemo = (clusterId: string): boolean => inventory.isTemporary(clusterId);
  const demoJobs = await open(join(demo, 'jobs'));
  return { jobs: separateJobs(await open(join(dataDirectory, 'jobs')), demoJobs, isDemo), demoJobs };
}

async function openStores(options: CoreOptions): Promise<Stores> {
  const { dataDirectory, now } = options;
  const file = await openInventory(join(dataDirectory, 'inventory.json'), now);
  const inventory = overlayInventory(file);
  const plainKeychainAllowed = () => inventory.settings().plainKeychainAllowed;
  const vault = await openVault({
    path: join(dataDirectory, 'vault.json'),
    keychain: options.host.keychain,
    plainKeychainAllowed,
    now,
  });
  const answered = new Set<string>();
  const hide = (text: string): string => mask(text, [...vault.known(), ...answered]);
  const prompts = createPrompts({
    limitMs: PROMPT_LIMIT_MS,
    onSecret: (secret) => {
      answered.add(secret);
    },
    remember: async (question, value) => {
      if (question.kind === 'host_key' || question.kind === 'prompts') return;
      await rememberAnswer(inventory, vault, question.serverId, question.kind, value);
    },
  });
  const { log, close } = openLog({ path: join(dataDirectory, 'matriarch.log'), mask: hide });
  const problems = [file.problem, vault.problem, ...(await migrateDeployment(dataDirectory, file))].filter(
    (problem) => problem !== null,
  );
  const knowsClusters = file.problem === null;
  return { inventory, vault, prompts, log, hide, problems, knowsClusters, closeLog: close };
}

/** A second close waits for the first. */
function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | null = null;
  return () => (closing ??= close());
}
