import { join } from 'node:path';
import { appError, type AppErrorData } from '../../../shared/model/app-error';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import { createDeploy } from '../deploy/create-deploy';
import { openDrafts } from '../deploy/drafts';
import { createBundler } from '../deploy/bundle/make-bundle';
import { machineOf } from '../deploy/identity/machine';
import { migrateDeployments } from '../deploy/migrate/migrate-deployments';
import { sharedSecretProblems } from '../deploy/migrate/shared-secrets';
import { vaultSecretBook } from '../deploy/secrets/secret-book';
import type { Inventory } from '../inventory/inventory';
import type { JobEngine } from '../jobs/job-engine';
import type { Deployment } from '../rpc/services';
import type { Remote, RemotePool } from '../ssh/remote';
import type { Secrets } from '../vault/secrets';

import { openCluster, serverId } from './open-cluster';

/** What the deployment needs of the core. */
export interface DeploymentDeps {
  readonly dataDirectory: string;
  readonly inventory: Inventory;
  readonly vault: Secrets;
  readonly pool: RemotePool;
  readonly jobs: JobEngine;
  readonly now: () => number;
}

/** Joins the deployment to inventory, vault and connections: a finished cluster opens by itself. */
export function createDeployment(deps: DeploymentDeps): Deployment {
  const directory = join(deps.dataDirectory, 'deploy');
  const secrets = vaultSecretBook(deps.vault, directory);
  const remoteOf = (server: ServerSpec): Remote => deps.pool.remote(serverId(deps.inventory, server));
  const deploy = createDeploy({
    remoteOf,
    secrets,
    jobs: deps.jobs,
    directory,
    now: deps.now,
    machineOf: (server) => machineOf(server, deps.inventory.servers()),
    onComplete: (spec) => openCluster(spec, { ...deps, secrets }),
  });
  const bundler = createBundler({
    jobs: deps.jobs,
    now: deps.now,
    remoteOf,
    serverNamed: (name, spec) => remoteNamed(name, spec, deps, remoteOf),
  });
  return { deploy, drafts: openDrafts(directory, deps.now), bundler, secrets, remoteOf };
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

/** A server of the spec by its name there, or any of the inventory. */
function remoteNamed(
  name: string,
  spec: ClusterSpec,
  { inventory, pool }: DeploymentDeps,
  remoteOf: (server: ServerSpec) => Remote,
): Remote {
  const own = spec.servers.find((server) => server.name === name);
  if (own !== undefined) return remoteOf(own);
  const found = inventory.servers().find((entry) => entry.id === name || entry.name === name);
  if (found === undefined)
    throw appError('deploy.server_unknown', `There is no server ${name}.`, {
      target: name,
      hint: 'Add it under Servers.',
    });
  return pool.remote(found.id);
}
