import { join } from 'node:path';
import type { AppErrorData } from '../../../shared/model/app-error';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import { requireServer, wantedBySpec } from '../../../shared/rules/connect/find-server';
import { createDeploy } from '../deploy/create-deploy';
import { openDrafts } from '../deploy/drafts';
import { createBundler } from '../deploy/bundle/make-bundle';
import { machineOf } from '../deploy/identity/machine';
import { migrateDeployments } from '../deploy/migrate/migrate-deployments';
import { sharedSecretProblems } from '../deploy/migrate/shared-secrets';
import { withPassingSecrets } from '../deploy/secrets/passing-secrets';
import { forgetSecrets, vaultSecretBook } from '../deploy/secrets/secret-book';
import { markRemoved } from '../inventory/cluster-edits';
import type { Inventory } from '../inventory/inventory';
import type { OverlaidInventory } from '../inventory/overlay';
import type { JobEngine } from '../jobs/job-engine';
import type { Deployment } from '../rpc/services';
import type { Remote, RemotePool } from '../ssh/remote';
import type { Secrets } from '../vault/secrets';
import { openCluster } from './open-cluster';

/** What the deployment needs of the core. */
export interface DeploymentDeps {
  readonly dataDirectory: string;
  readonly inventory: Inventory;
  readonly vault: Secrets;
  readonly pool: RemotePool;
  readonly jobs: JobEngine;
  /** The jobs on servers of the demo, and whether a server is one of them. */
  readonly demoJobs: JobEngine;
  readonly isTemporary: (serverId: string) => boolean;
  readonly now: () => number;
}

/** Joins the deployment to inventory, vault and connections: a finished cluster opens by itself. */
export function createDeployment(deps: DeploymentDeps): Deployment {
  const directory = join(deps.dataDirectory, 'deploy');
  const isOfTheDemo = (id: string): boolean => deps.inventory.cluster(id)?.origin === 'demo';
  const secrets = withPassingSecrets(vaultSecretBook(deps.vault, directory), isOfTheDemo);
  const connectServer = (server: ServerSpec): Remote => connectToSpecServer(deps, server);
  const deploy = createDeploy({
    connectServer,
    secrets,
    jobs: deps.jobs,
    passing: {
      includes: ({ servers }) => servers.every(({ ssh }) => 'server' in ssh && deps.isTemporary(ssh.server)),
      directory: join(deps.dataDirectory, 'demo', 'runs'),
      jobs: deps.demoJobs,
    },
    directory,
    now: deps.now,
    machineOf: (server) => machineOf(server, deps.inventory.servers()),
    onComplete: (spec, leaving) => openCluster(spec, { ...deps, secrets }, leaving),
    onRemoved: (spec) => removed(spec, deps),
  });
  const bundler = createBundler({
    jobs: deps.jobs,
    now: deps.now,
    connectServer,
    connectNamed: (name, spec) => connectNamed(name, spec, deps),
  });
  return { deploy, drafts: openDrafts(directory, deps.now), bundler, secrets, connectServer };
}

/**
 * Deletes what was kept of clusters of the demo, and of set-ups on its servers: their records, and their secrets in memory
 * and in the vault.
 */
export async function forgetDemoSetups(
  { deploy, secrets }: Pick<Deployment, 'deploy' | 'secrets'>,
  {
    dataDirectory,
    inventory,
    vault,
  }: Pick<DeploymentDeps, 'dataDirectory' | 'vault'> & { readonly inventory: OverlaidInventory },
): Promise<void> {
  const passing = inventory.clusters().filter(({ id, origin }) => origin === 'deployed' && inventory.isTemporary(id));
  for (const { rest } of passing)
    for (const id of [rest.auth?.passwordSecret, rest.tls?.keySecret]) if (id !== undefined) await vault.remove(id);
  secrets.forgetPassing();
  for (const id of deploy.forgetPassing()) await forgetSecrets(vault, join(dataDirectory, 'deploy'), id);
}

/** What others set up is never taken away, so such a cluster goes on. */
async function removed(spec: ClusterSpec, { inventory, now }: DeploymentDeps): Promise<void> {
  if (spec.adopted.length === 0) await markRemoved(inventory, spec.id, now());
}

/** Brings what an earlier version kept of deployments to the present form; answers what the user should know of it. */
export async function migrateDeployment(
  dataDirectory: string,
  inventory: Pick<Inventory, 'servers' | 'clusters'>,
): Promise<readonly AppErrorData[]> {
  const directory = join(dataDirectory, 'deploy');
  await migrateDeployments(directory, { servers: inventory.servers(), clusters: inventory.clusters() });
  return sharedSecretProblems(directory);
}

/** The connection to a server of a spec. Throws `deploy.server_unknown` or `deploy.server_ambiguous`. */
export function connectToSpecServer(
  { inventory, pool }: { readonly inventory: Pick<Inventory, 'servers'>; readonly pool: Pick<RemotePool, 'remote'> },
  server: ServerSpec,
): Remote {
  return pool.remote(requireServer(inventory.servers(), wantedBySpec(server), server.name).id);
}

/** A server of the spec by its name there, or any of the inventory. */
function connectNamed(name: string, spec: ClusterSpec, { inventory, pool }: DeploymentDeps): Remote {
  const own = spec.servers.find((server) => server.name === name);
  const wanted = own === undefined ? ({ by: 'reference', reference: name } as const) : wantedBySpec(own);
  return pool.remote(requireServer(inventory.servers(), wanted, name).id);
}
