import { bracketHost } from '../../../shared/model/connect/host-port';
import type { ClusterEntry, TlsMaterial } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import type { Leaving } from '../../../shared/model/deploy/day2';
import type { ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import { findServer, requireServer, wantedBySpec } from '../../../shared/rules/connect/find-server';
import { layoutOf, serversWith } from '../../../shared/rules/deploy/layout';
import { prometheusServer } from '../../../shared/rules/deploy/monitoring';
import { knownSecrets } from '../deploy/secrets/cluster-secrets';
import type { SecretBook } from '../deploy/secrets/secret-book';
import { issue } from '../deploy/tls/authority';
import { authorityOf } from '../deploy/tls/material';
import type { Inventory } from '../inventory/inventory';
import type { Secrets } from '../vault/secrets';

/** What putting a finished cluster into the inventory works with. */
export interface OpenClusterDeps {
  readonly inventory: Inventory;
  readonly vault: Secrets;
  readonly secrets: SecretBook;
  readonly now: () => number;
}

function serverId(inventory: Inventory, server: ServerSpec): string {
  return requireServer(inventory.servers(), wantedBySpec(server), server.name).id;
}

/** A cluster set up by others keeps its entry as it is: only its members follow the spec. */
async function followAdopted(
  spec: ClusterSpec,
  entry: ClusterEntry,
  inventory: Inventory,
  leaving: readonly Leaving[],
): Promise<string> {
  const { members, balancerServers } = clusterEntry(spec, (server) => serverId(inventory, server), {
    passwordSecret: null,
    tls: null,
  });
  await inventory.saveCluster({
    ...entry,
    members: members.map((member) => entry.members.find((old) => old.name === member.name) ?? member),
    ...namedBalancers(inventory, withoutLeaving(inventory, entry, leaving), balancerServers),
  });
  return entry.id;
}

/**
 * Puts the finished cluster into the inventory under its id, or brings its entry up to date; answers the id. Null for a
 * cluster that was set up by others and was removed from the inventory since. `leaving`: servers that gave roles up; they are no longer
 * looked at for load balancers, unless the spec still has some there.
 */
export async function openCluster(
  spec: ClusterSpec,
  deps: OpenClusterDeps,
  leaving: readonly Leaving[] = [],
): Promise<string | null> {
  const { inventory, vault, secrets } = deps;
  const old = inventory.cluster(spec.id);
  if (old !== undefined && old.origin !== 'deployed') return followAdopted(spec, old, inventory, leaving);
  if (spec.adopted.length > 0) return null;
  const password = await secrets.read(spec.id, 'rest');
  const passwordSecret =
    old?.rest.auth?.passwordSecret ??
    (password === undefined ? null : await vault.put(`REST API of ${spec.scope}`, password));
  const tls = await tlsMaterial(spec, deps, old);
  const entry = clusterEntry(spec, (server) => serverId(inventory, server), {
    passwordSecret,
    tls,
  });
  await inventory.saveCluster(
    old === undefined
      ? entry
      : {
          ...entry,
          title: old.title,
          tags: old.tags,
          production: old.production,
          readOnly: old.readOnly,
          ...keptBeside(old, inventory, leaving),
          ...namedBalancers(inventory, withoutLeaving(inventory, old, leaving), entry.balancerServers),
        },
  );
  return entry.id;
}

/** What is named without the servers whose load balancers were taken away. */
function withoutLeaving(
  inventory: Inventory,
  { balancerServers = [] }: ClusterEntry,
  leaving: readonly Leaving[],
): Pick<ClusterEntry, 'balancerServers'> {
  const gone = leaving
    .filter(({ roles }) => roles.includes('haproxy') || roles.includes('pgbouncer'))
    .map(({ server }) => findServer(inventory.servers(), wantedBySpec(server))?.id);
  return { balancerServers: balancerServers.filter((id) => !gone.includes(id)) };
}

/** The servers with load balancers that the spec has, and those that the user named beside them. */
function namedBalancers(
  inventory: Inventory,
  { balancerServers: named = [] }: Pick<ClusterEntry, 'balancerServers'>,
  ofSpec: readonly string[] = [],
): Pick<ClusterEntry, 'balancerServers'> {
  const servers = [...new Set([...ofSpec, ...named.filter((id) => inventory.server(id) !== undefined)])];
  return servers.length === 0 ? {} : { balancerServers: servers };
}

/** The app's own certificate for etcd and the REST API, a little over a year; each set-up and rotation makes a new one. */
async function tlsMaterial(
  spec: ClusterSpec,
  deps: OpenClusterDeps,
  old: ClusterEntry | undefined,
): Promise<TlsMaterial | null> {
  const authority = authorityOf(spec, await knownSecrets(deps.secrets, spec));
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
  made: { readonly passwordSecret: string | null; readonly tls: TlsMaterial | null },
): ClusterEntry {
  const { passwordSecret, tls } = made;
  const scheme = spec.tls === 'on' ? 'https' : 'http';
  return {
    id: spec.id,
    title: spec.title ?? spec.scope,
    scope: spec.scope,
    namespace: spec.namespace,
    tags: [],
    production: false,
    readOnly: false,
    members: serversWith(spec, 'postgres').map((server) => ({
      name: server.name,
      serverId: idOf(server),
      apiUrl: `${scheme}://${bracketHost(server.address)}:${spec.patroni.restPort}/patroni`,
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
    ...balancersOf(spec, idOf),
    ...prometheusOf(spec, idOf),
    configPath: layoutOf(spec).patroniConfig,
    origin: 'deployed',
  };
}

/** The Prometheus of the spec, as its own server reaches it. */
function prometheusOf(spec: ClusterSpec, idOf: (server: ServerSpec) => string): Pick<ClusterEntry, 'prometheus'> {
  const server = prometheusServer(spec);
  return server === undefined
    ? {}
    : { prometheus: { serverId: idOf(server), host: '127.0.0.1', port: spec.prometheus.port } };
}

/** What the user set for a cluster beside its set-up, which a new run leaves as it is; not a Prometheus whose server gave it up. */
function keptBeside(old: ClusterEntry, inventory: Inventory, leaving: readonly Leaving[]): Partial<ClusterEntry> {
  const { postgres, prometheus, backups, formerBackups, backupProof, proofSchedule } = old;
  const gone = leaving
    .filter(({ roles }) => roles.includes('prometheus'))
    .map(({ server }) => findServer(inventory.servers(), wantedBySpec(server))?.id);
  const isThere =
    prometheus !== undefined &&
    inventory.server(prometheus.serverId) !== undefined &&
    !gone.includes(prometheus.serverId);
  return {
    ...(postgres === undefined ? {} : { postgres }),
    ...(isThere ? { prometheus } : {}),
    ...(backups === undefined ? {} : { backups }),
    ...(formerBackups === undefined ? {} : { formerBackups }),
    ...(backupProof === undefined ? {} : { backupProof }),
    ...(proofSchedule === undefined ? {} : { proofSchedule }),
  };
}

/** Servers of a spec that run load balancers and no PostgreSQL. */
function balancersOf(spec: ClusterSpec, idOf: (server: ServerSpec) => string): Pick<ClusterEntry, 'balancerServers'> {
  const alone = spec.servers.filter(
    ({ roles }) => !roles.includes('postgres') && (roles.includes('haproxy') || roles.includes('pgbouncer')),
  );
  return alone.length === 0 ? {} : { balancerServers: alone.map(idOf) };
}
