import { appError } from '../../../shared/model/app-error';
import { namespaceSchema } from '../../../shared/model/cluster/namespace';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Server } from '../../../shared/model/connect/server';
import { startDemo, type DemoCluster, type DemoServer, type RunningDemo } from '../demo/demo';
import { demoKey } from '../demo/model/cluster';
import { faults } from '../demo/model/faults';
import type { DemoClusterSpec } from '../demo/model/types';
import { COORDINATOR_GROUP } from '../../../shared/rules/citus/citus-names';
import type { OverlaidInventory } from '../inventory/overlay';
import type { Demo } from '../rpc/services';
import type { RemotePool } from '../ssh/remote';
import type { Trusted } from './trusted';

/** What the demo is joined to. */
export interface DemoServiceDeps {
  readonly inventory: OverlaidInventory;
  readonly trusted: Trusted;
  readonly pool: RemotePool;
  readonly now: () => number;
  /** Deletes what was kept of set-ups on the servers of the demo. */
  readonly forget: () => Promise<void>;
}

/** Each cluster runs another Patroni, so that the differences between them are seen. */
const VERSIONS = ['4.0.5', '3.3.2', '3.0.2'];

/** Both sites of a pair run the same: WAL is read by the same major version of PostgreSQL alone. */
function versionAt(clusters: readonly Wish[], { standbyOf }: Wish, index: number): string {
  const source = clusters.findIndex(({ scope }) => scope === standbyOf);
  return VERSIONS[(source < 0 ? index : source) % VERSIONS.length] ?? '';
}

/** A worker group of Citus in the demo has a leader and a replica. */
const CITUS_WORKER_MEMBERS = 2;

/** As many as a cluster needs to survive the loss of one: the guided set-up can be tried on them. */
const BARE_SERVERS = 3;

/** The vault's name for the password of all simulated servers; it is in memory only. */
const PASSWORD_ID = 'demo-password';

/** The demo for the page: its servers and clusters are in the inventory while it runs, and never on disk. */
export function createDemoService(deps: DemoServiceDeps): Demo {
  let fleet: RunningDemo | null = null;
  let changing: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = changing.then(work);
    changing = done.catch(() => undefined);
    return done;
  };
  const stop = async (): Promise<void> => {
    const running = fleet;
    fleet = null;
    if (running !== null) await leave(deps, running);
  };
  const strike = async (
    clusterId: string,
    act: (running: RunningDemo, key: string) => Promise<void>,
  ): Promise<void> => {
    const key = keyOf(fleet, clusterId);
    if (fleet === null || key === null)
      throw appError('demo.unknown_cluster', 'This cluster is not one of the demo.', {
        target: clusterId,
        hint: 'Faults can be tried on the clusters of a running demo only.',
      });
    await act(fleet, key);
  };
  return {
    running: () => fleet !== null,
    start: (clusters) =>
      inTurn(async () => {
        refuseTwins(clusters);
        await stop();
        const { timeScale } = deps.inventory.settings();
        fleet = await startDemo({
          timeScale,
          bare: BARE_SERVERS,
          clusters: clusters.flatMap((one, index) => specsOf(one, versionAt(clusters, one, index))),
          now: deps.now,
        });
        enter(deps, fleet, timeScale);
        for (const one of clusters)
          if (one.fault !== undefined) await fleet.inject(one.fault, demoKey(specsOf(one, '')[0] ?? one));
        return fleet.clusters.map((cluster) => clusterId(cluster.key));
      }),
    stop: () => inTurn(stop),
    faults: () =>
      faults.map(({ id, label, description, targets }) => ({
        id,
        label,
        description,
        target: targets === 'cluster' ? 'cluster' : 'member',
      })),
    inject: (id, faultId, member) => strike(id, (running, key) => running.inject(faultId, key, member)),
    active: (id) => {
      const key = keyOf(fleet, id);
      const words = new Map<string, string>(faults.map((fault) => [fault.id, fault.label]));
      if (fleet === null || key === null) return [];
      return fleet.active(key).map((one) => ({ ...one, label: words.get(one.id) ?? one.id }));
    },
    heal: (id) => strike(id, (running, key) => running.heal(key)),
  };
}

/**
 * Puts a started demo into the inventory; a tag says how fast its time passes. Its host key and password are known before
 * anything connects.
 */
function enter({ inventory, trusted }: DemoServiceDeps, fleet: RunningDemo, timeScale: number): void {
  trusted.addSecret(PASSWORD_ID, fleet.password);
  for (const server of fleet.servers) trusted.trustHost(server.host, server.port, fleet.hostKey);
  const tags = timeScale === 1 ? [] : [`time × ${timeScale}`];
  inventory.addTemporary(
    fleet.servers.map(serverEntry),
    fleet.clusters.map((cluster) => ({ ...clusterEntry(cluster), tags })),
  );
}

/** The clusters go first, so that nobody watches what is being taken away. */
async function leave({ inventory, trusted, pool, forget }: DemoServiceDeps, fleet: RunningDemo): Promise<void> {
  await forget().catch(() => undefined);
  inventory.removeTemporary();
  await Promise.all(fleet.servers.map((server) => pool.drop(serverId(server.name))));
  trusted.clear();
  await fleet.close();
}

function serverEntry(server: DemoServer): Server {
  return {
    id: serverId(server.name),
    name: server.name,
    host: server.host,
    port: server.port,
    user: server.user,
    auth: { kind: 'password', passwordSecret: PASSWORD_ID },
    sudo: { kind: 'passwordless' },
    jump: [],
    tags: server.scope === '' ? ['demo', 'bare'] : ['demo'],
  };
}

function clusterEntry(cluster: DemoCluster): ClusterEntry {
  return {
    id: clusterId(cluster.key),
    title: cluster.scope,
    scope: cluster.scope,
    namespace: namespaceSchema.parse(cluster.namespace),
    ...(cluster.citusGroup === undefined
      ? {}
      : { citusGroup: cluster.citusGroup, citusCluster: clusterId(cluster.scope) }),
    tags: [],
    production: false,
    readOnly: false,
    origin: 'demo',
    members: cluster.members.map((member) => ({
      name: member.name,
      serverId: serverId(member.server),
      apiUrl: member.apiUrl,
    })),
    etcd: {
      endpoints: cluster.etcd.map((one) => ({ host: one.host, port: one.port, serverId: serverId(one.server) })),
      tls: null,
      auth: null,
    },
    rest: { tls: null, auth: null },
  };
}

/** A cluster as the page asks for it. */
type Wish = Parameters<Demo['start']>[0][number];

/** Rules of pg_hba in the dynamic configuration, as a cluster has them that was set up for an application. */
const DEMO_RULES = [
  'local all all peer',
  'host replication replicator 10.0.0.0/8 scram-sha-256',
  'hostssl all app 10.0.8.0/24 scram-sha-256 # the shop',
  'host all all 10.0.0.0/8 scram-sha-256',
];

/** What a wish is made of: one cluster, or the groups of a Citus cluster, the coordinator first. */
function specsOf(
  { scope, members, citusWorkers, balancer, standbyOf }: Wish,
  version: string,
): readonly DemoClusterSpec[] {
  const config = { postgresql: { pg_hba: DEMO_RULES } };
  const site = standbyOf === undefined ? {} : { standbyOf };
  if (citusWorkers === undefined) return [{ scope, members, version, config, balancer: balancer === true, ...site }];
  const workers = Array.from({ length: citusWorkers }, (_, index) => index + 1);
  return [COORDINATOR_GROUP, ...workers].map((citusGroup) => ({
    scope,
    version,
    citusGroup,
    members: citusGroup === COORDINATOR_GROUP ? members : CITUS_WORKER_MEMBERS,
  }));
}

function refuseTwins(clusters: readonly { readonly scope: string }[]): void {
  const twin = clusters.find((one, index) => clusters.findIndex((other) => other.scope === one.scope) !== index);
  if (twin !== undefined)
    throw appError('demo.scope_twice', `The demo cannot have two clusters named ${twin.scope}.`, {
      target: twin.scope,
      hint: 'Give each a name of its own.',
    });
}

function keyOf(fleet: RunningDemo | null, id: string): string | null {
  return fleet?.clusters.find((cluster) => clusterId(cluster.key) === id)?.key ?? null;
}

const clusterId = (key: string): string => `demo-cluster-${key}`;
const serverId = (name: string): string => `demo-server-${name}`;
