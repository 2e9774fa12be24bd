import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { appError } from '../../../shared/model/app-error';
import type { ClusterEntry } from '../../../shared/model/cluster-entry';
import type { ClusterSpec } from '../../../shared/model/spec/cluster-spec';
import type { ServerSpec } from '../../../shared/model/spec/server-spec';
import { hostText, layoutOf, namespaceText, serversWith } from '../../../shared/rules/deploy/layout';
import { createDeploy } from '../deploy/create-deploy';
import { openDrafts } from '../deploy/drafts';
import { vaultSecretBook, type SecretBook } from '../deploy/secret-book';
import type { Inventory } from '../inventory/inventory';
import type { JobEngine } from '../jobs/job-engine';
import type { Deployment } from '../rpc/services';
import type { Remote, RemotePool } from '../ssh/remote';
import type { Secrets } from '../vault/secrets';

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
    remoteOf, secrets, jobs: deps.jobs, directory, now: deps.now,
    onComplete: (spec) => openCluster(spec, deps, secrets),
  });
  return { deploy, drafts: openDrafts(directory, deps.now), secrets, remoteOf };
}

function serverId(inventory: Inventory, server: ServerSpec): string {
  const { ssh } = server;
  const found = inventory.servers().find((entry) => ('server' in ssh ? entry.id === ssh.server || entry.name === ssh.server : entry.host === ssh.host && entry.port === ssh.port && entry.user === ssh.user));
  if (found !== undefined) return found.id;
  throw appError('deploy.server_unknown', `The inventory has no server for ${server.name}.`, { target: server.name, hint: 'Add it under Servers, or choose one that is there.' });
}

/** Puts the finished cluster into the inventory, or brings its entry up to date. */
async function openCluster(spec: ClusterSpec, deps: DeploymentDeps, secrets: SecretBook): Promise<string> {
  const { inventory, vault } = deps;
  const old = inventory.clusters().find((entry) => entry.origin === 'deployed' && entry.scope === spec.scope && entry.namespace === namespaceText(spec.namespace));
  const password = await secrets.read(spec.scope, 'rest');
  const passwordSecret = old?.rest.auth?.passwordSecret ?? (password === undefined ? null : await vault.put(`REST API of ${spec.scope}`, password));
  const entry = clusterEntry(spec, (server) => serverId(inventory, server), old?.id ?? randomUUID(), passwordSecret);
  await inventory.saveCluster(old === undefined ? entry : { ...entry, title: old.title, tags: old.tags, production: old.production, readOnly: old.readOnly });
  return entry.id;
}

function clusterEntry(spec: ClusterSpec, idOf: (server: ServerSpec) => string, id: string, passwordSecret: string | null): ClusterEntry {
  const scheme = spec.tls === 'on' ? 'https' : 'http';
  return {
    id, title: spec.title ?? spec.scope, scope: spec.scope, namespace: namespaceText(spec.namespace), tags: [], production: false, readOnly: false,
    members: serversWith(spec, 'postgres').map((server) => ({
      name: server.name, serverId: idOf(server), apiUrl: `${scheme}://${hostText(server.address)}:${spec.patroni.restPort}/patroni`,
      postgresHost: server.address, postgresPort: spec.postgres.port,
    })),
    etcd: {
      endpoints: serversWith(spec, 'etcd').map((server) => ({ host: server.address, port: spec.etcd.clientPort, serverId: idOf(server) })),
      tls: null, auth: null,
    },
    rest: { tls: null, auth: passwordSecret === null ? null : { username: spec.patroni.restUser, passwordSecret } },
    configPath: layoutOf(spec).patroniConfig,
    origin: 'deployed',
  };
}
