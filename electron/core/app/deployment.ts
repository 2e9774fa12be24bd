import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { appError } from '../../../shared/model/app-error';
import type { ClusterEntry, TlsMaterial } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import { hostText, layoutOf, namespaceText, serversWith } from '../../../shared/rules/deploy/layout';
import { createDeploy } from '../deploy/create-deploy';
import { openDrafts } from '../deploy/drafts';
import { createBundler } from '../deploy/bundle/make-bundle';
import { knownSecrets } from '../deploy/cluster-secrets';
import { vaultSecretBook, type SecretBook } from '../deploy/secret-book';
import { issue } from '../deploy/tls/authority';
import { authorityOf } from '../deploy/tls/material';
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
    remoteOf,
    secrets,
    jobs: deps.jobs,
    directory,
    now: deps.now,
    onComplete: (spec) => openCluster(spec, deps, secrets),
  });
  const bundler = createBundler({
    jobs: deps.jobs,
    now: deps.now,
    remoteOf,
    serverNamed: (name, spec) => remoteNamed(name, spec, deps, remoteOf),
  });
  return { deploy, drafts: openDrafts(directory, deps.now), bundler, secrets, remoteOf };
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

function serverId(inventory: Inventory, server: ServerSpec): string {
  const { ssh } = server;
  const found = inventory
    .servers()
    .find((entry) =>
      'server' in ssh
        ? entry.id === ssh.server || entry.name === ssh.server
        : entry.host === ssh.host && entry.port === ssh.port && entry.user === ssh.user,
    );
  if (found !== undefined) return found.id;
  throw appError('deploy.server_unknown', `The inventory has no server for ${server.name}.`, {
    target: server.name,
    hint: 'Add it under Servers, or choose one that is there.',
  });
}

/** A cluster set up by others keeps its entry as it is: only its members follow the spec. Null where the inventory has none. */
async function followAdopted(spec: ClusterSpec, { inventory }: DeploymentDeps): Promise<string | null> {
  const entry = inventory
    .clusters()
    .find(
      (one) =>
        one.origin !== 'demo' &&
        one.scope === spec.scope &&
        namespaceText(one.namespace) === namespaceText(spec.namespace),
    );
  if (entry === undefined) return null;
  const { members } = clusterEntry(spec, (server) => serverId(inventory, server), {
    id: entry.id,
    passwordSecret: null,
    tls: null,
  });
  await inventory.saveCluster({
    ...entry,
    members: members.map((member) => entry.members.find((old) => old.name === member.name) ?? member),
  });
  return entry.id;
}

/** Puts the finished cluster into the inventory, or brings its entry up to date. */
async function openCluster(spec: ClusterSpec, deps: DeploymentDeps, secrets: SecretBook): Promise<string | null> {
  const { inventory, vault } = deps;
  if (spec.adopted.length > 0) return followAdopted(spec, deps);
  const old = inventory
    .clusters()
    .find(
      (entry) =>
        entry.origin === 'deployed' && entry.scope === spec.scope && entry.namespace === namespaceText(spec.namespace),
    );
  const password = await secrets.read(spec.scope, 'rest');
  const passwordSecret =
    old?.rest.auth?.passwordSecret ??
    (password === undefined ? null : await vault.put(`REST API of ${spec.scope}`, password));
  const tls = await tlsMaterial(spec, deps, secrets, old);
  const entry = clusterEntry(spec, (server) => serverId(inventory, server), {
    id: old?.id ?? randomUUID(),
    passwordSecret,
    tls,
  });
  await inventory.saveCluster(
    old === undefined
      ? entry
      : { ...entry, title: old.title, tags: old.tags, production: old.production, readOnly: old.readOnly },
  );
  return entry.id;
}

/** The app's own certificate for etcd and the REST API, a little over a year; each set-up and rotation makes a new one. */
async function tlsMaterial(
  spec: ClusterSpec,
  deps: DeploymentDeps,
  secrets: SecretBook,
  old: ClusterEntry | undefined,
): Promise<TlsMaterial | null> {
  const authority = authorityOf(spec, await knownSecrets(secrets, spec));
  if (authority === null) return null;
  const own = await issue(authority, { commonName: 'matriarch', names: ['matriarch'], addresses: [] }, deps.now());
  const known = old?.rest.tls?.keySecret;
  if (known !== undefined) await deps.vault.replace(known, own.key);
  return {
    ca: own.ca,
    cert: own.cert,
    keySecret: known ?? (await deps.vault.put(`client key of ${spec.scope}`, own.key)),
  };
}

function clusterEntry(
  spec: ClusterSpec,
  idOf: (server: ServerSpec) => string,
  made: { readonly id: string; readonly passwordSecret: string | null; readonly tls: TlsMaterial | null },
): ClusterEntry {
  const { id, passwordSecret, tls } = made;
  const scheme = spec.tls === 'on' ? 'https' : 'http';
  return {
    id,
    title: spec.title ?? spec.scope,
    scope: spec.scope,
    namespace: namespaceText(spec.namespace),
    tags: [],
    production: false,
    readOnly: false,
    members: serversWith(spec, 'postgres').map((server) => ({
      name: server.name,
      serverId: idOf(server),
      apiUrl: `${scheme}://${hostText(server.address)}:${spec.patroni.restPort}/patroni`,
      postgresHost: server.address,
      postgresPort: spec.postgres.port,
    })),
    etcd: {
      endpoints: serversWith(spec, 'etcd').map((server) => ({
        host: server.address,
        port: spec.etcd.clientPort,
        serverId: idOf(server),
      })),
      tls,
      auth: null,
    },
    rest: { tls, auth: passwordSecret === null ? null : { username: spec.patroni.restUser, passwordSecret } },
    configPath: layoutOf(spec).patroniConfig,
    origin: 'deployed',
  };
}
