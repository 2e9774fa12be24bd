import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2 from 'ssh2';
import type { Connection } from 'ssh2';
import { createClusterHub } from '../../../electron/core/clusters/watch/create-hub';
import type { ClusterHub } from '../../../electron/core/clusters/hub';
import { Driver } from '../../../electron/core/demo/network/driver';
import { EtcdServer } from '../../../electron/core/demo/etcd/server';
import { etcdNodeOf } from '../../../electron/core/demo/etcd/sim-node';
import { makeCluster } from '../../../electron/core/demo/model/cluster';
import { injectFault, type FaultId } from '../../../electron/core/demo/model/faults';
import type { Sim } from '../../../electron/core/demo/model/sim';
import type { DemoClusterSpec, MemberState } from '../../../electron/core/demo/model/types';
import type { HttpOnStreams } from '../../../electron/core/demo/http/http-on-streams';
import { createRestServer, type SimRestTarget } from '../../../electron/core/demo/rest/server';
import type { Inventory } from '../../../electron/core/inventory/inventory';
import { createJobEngine } from '../../../electron/core/jobs/create-job-engine';
import type { JobEngine } from '../../../electron/core/jobs/job-engine';
import { createOperations, type OperationService } from '../../../electron/core/operations/create-operations';
import type { Timing } from '../../../electron/core/operations/run';
import { clusterEntrySchema, type ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Job } from '../../../shared/model/operate/job';
import type { Operation, OperationPreview } from '../../../shared/model/operate/operation';
import { settingsSchema } from '../../../shared/model/app/settings';
import { startFaultProxy, type FaultProxy } from '../../support/network/fault-proxy';
import { makePool, poolServer, type TestPool } from '../../support/ssh/ssh-pool';
import { makeKey } from '../../support/ssh/ssh-server';
import { tempDirectory } from '../../support/temp';

/** What a scene may be told. `entry` changes the cluster's entry in the inventory. */
export interface SceneOptions extends Partial<DemoClusterSpec> {
  readonly timeScale?: number;
  readonly timing?: Partial<Timing>;
  readonly entry?: Partial<ClusterEntry>;
  readonly prepare?: (sim: Sim) => void;
}

/** A simulated cluster behind real SSH, with the hub, the job engine and the operations as the app has them. */
export interface OperationScene {
  readonly sim: Sim;
  readonly hub: ClusterHub;
  readonly jobs: JobEngine;
  readonly operations: OperationService;
  readonly networks: readonly FaultProxy[];
  /** Every writing request that reached a member, e.g. `db1 POST /switchover`. */
  readonly writes: readonly string[];
  /** While true, a member that gets a writing request closes the connection instead of answering it. */
  loseAnswers: boolean;
  state(): ClusterState;
  fault(id: FaultId, member?: string): void;
  member(name: string): MemberState;
  /** Waits until the app sees what `seen` wants; fails after `limitMs`. */
  until(what: string, seen: (state: ClusterState) => boolean, limitMs?: number): Promise<ClusterState>;
  preview(operation: Operation): Promise<OperationPreview>;
  /** Confirms as a user would, typing what is asked. */
  start(operation: Operation, requestId?: string): Promise<Job>;
  end(job: Job, limitMs?: number): Promise<Job>;
  run(operation: Operation): Promise<Job>;
  close(): Promise<void>;
}

const CLUSTER = 'demo';

/** Waits short enough for tests; what Patroni itself needs is shortened by the simulator's time scale. */
const QUICK: Partial<Timing> = {
  refreshMs: 200,
  probeMs: 60,
  rejoinMs: 15_000,
  patienceMs: 10_000,
  takeUpMs: 3000,
  settleMs: 3000,
};

/** One server of the cluster: SSH in front of the member's REST API and etcd. */
function sshFor(
  sim: Sim,
  driver: Driver,
  rest: HttpOnStreams<SimRestTarget>,
  etcd: ReadonlyMap<string, EtcdServer>,
  seen: (member: MemberState, stream: Duplex) => void,
): ssh2.Server {
  const serve = (connection: Connection): void => {
    connection.on('tcpip', (accept, reject, info) => {
      const member = sim.members.find((one) => one.ip === info.destIP);
      if (!member?.power || (info.destPort === 8008 && !member.agent)) return void reject();
      const stream = accept();
      stream.on('error', () => undefined);
      const node = etcd.get(member.name);
      if (info.destPort === 2379 && node) return node.accept(stream);
      if (info.destPort !== 8008) return void stream.destroy();
      seen(member, stream);
      rest.accept(stream, { sim, member, catchUp: () => driver.catchUp() });
    });
    connection.on('session', (accept) => {
      accept().on('exec', (ready) => {
        const channel = ready();
        channel.exit(0);
        channel.end();
      });
    });
  };
  return new ssh2.Server({ hostKeys: [makeKey().private] }, (connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => {
      context.accept();
    });
    connection.on('ready', () => {
      serve(connection);
    });
  });
}

/** An inventory that holds one cluster. */
function inventoryOf(entry: ClusterEntry): Inventory {
  const settings = settingsSchema.parse({});
  const no = (): Promise<void> => Promise.reject(new Error('not part of this test'));
  return {
    servers: () => [],
    server: () => undefined,
    saveServer: no,
    removeServer: no,
    clusters: () => [entry],
    cluster: (id) => (id === entry.id ? entry : undefined),
    saveCluster: no,
    removeCluster: no,
    settings: () => settings,
    saveSettings: no,
    onChange: () => () => undefined,
  };
}

function entryOf(sim: Sim, change: Partial<ClusterEntry>): ClusterEntry {
  return clusterEntrySchema.parse({
    id: CLUSTER,
    title: 'Orders',
    scope: sim.spec.scope,
    namespace: '/service/',
    members: sim.members.map((member) => ({
      name: member.name,
      serverId: `server-${member.name}`,
      apiUrl: `http://${member.ip}:8008/patroni`,
    })),
    etcd: {
      endpoints: sim.members
        .filter((member) => member.hasEtcd)
        .map((member) => ({ host: member.ip, port: 2379, serverId: `server-${member.name}` })),
      tls: null,
      auth: null,
    },
    rest: { tls: null, auth: null },
    ...change,
  });
}

async function openNetworks(servers: ssh2.Server[]): Promise<FaultProxy[]> {
  const listening = servers.map(
    (server) =>
      new Promise<number>((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
      }),
  );
  return Promise.all((await Promise.all(listening)).map((port) => startFaultProxy(port)));
}

/** Sets a scene: three members db1, db2, db3 of Patroni 4.0.7 unless told otherwise; db1 leads. */
export async function setScene(options: SceneOptions = {}): Promise<OperationScene> {
  const { timeScale = 8, timing = {}, entry = {}, prepare, ...spec } = options;
  const sim = makeCluster(
    { scope: 'orders', members: 3, version: '4.0.7', names: ['db1', 'db2', 'db3', 'db4', 'db5'], ...spec },
    { index: 0, seed: 7, timeScale, now: Date.now() },
  );
  prepare?.(sim);
  const driver = new Driver(sim, Date.now);
  const rest = createRestServer();
  const etcd = new Map(
    sim.members.filter((one) => one.hasEtcd).map((one) => [one.name, new EtcdServer(etcdNodeOf(sim, one, Date.now))]),
  );
  const writes: string[] = [];
  const flags = { loseAnswers: false };
  const listen = (member: MemberState, stream: Duplex): void => {
    stream.on('data', (chunk: Buffer) => {
      const line = /^(POST|PATCH|DELETE|PUT) \/\w+/.exec(chunk.toString('latin1', 0, 40))?.[0];
      if (line === undefined) return;
      writes.push(`${member.name} ${line}`);
      if (flags.loseAnswers) setTimeout(() => stream.destroy(), 20);
    });
  };
  const servers = sim.members.map(() => sshFor(sim, driver, rest, etcd, listen));
  const networks = await openNetworks(servers);
  const pool = await makePool({
    servers: sim.members.map((member, index) =>
      poolServer(networks[index]?.port ?? 0, { id: `server-${member.name}`, name: member.name }),
    ),
    secrets: { login: 'any' },
    timing: { keepaliveIntervalMs: 300, keepaliveCount: 3 },
  });
  const temp = await tempDirectory();
  const hub = createClusterHub({
    inventory: inventoryOf(entryOf(sim, entry)),
    secrets: { read: () => Promise.resolve(undefined) },
    remotes: pool.pool,
    now: Date.now,
  });
  const jobs = await createJobEngine({
    directory: temp.path,
    now: Date.now,
    secrets: { known: () => [] },
    user: 'ann',
  });
  const operations = createOperations({ hub, jobs, now: Date.now, user: 'ann', timing: { ...QUICK, ...timing } });
  const parts: Parts = {
    sim,
    driver,
    rest,
    etcd,
    servers,
    networks,
    pool,
    hub,
    jobs,
    operations,
    writes,
    flags,
    remove: () => temp.remove(),
  };
  const scene = sceneOf(parts);
  await scene.until(
    'a healthy cluster',
    (state) =>
      (state.leader.known || state.dcs.kind === 'not_configured') &&
      state.leader.holder !== null &&
      state.members.length === sim.members.length &&
      state.members.every((one) => one.restAsOf !== null) &&
      state.config !== null,
  );
  return scene;
}

interface Parts {
  readonly sim: Sim;
  readonly driver: Driver;
  readonly rest: HttpOnStreams<SimRestTarget>;
  readonly etcd: ReadonlyMap<string, EtcdServer>;
  readonly servers: readonly ssh2.Server[];
  readonly networks: readonly FaultProxy[];
  readonly pool: TestPool;
  readonly hub: ClusterHub;
  readonly jobs: JobEngine;
  readonly operations: OperationService;
  readonly writes: string[];
  readonly flags: { loseAnswers: boolean };
  readonly remove: () => Promise<void>;
}

function sceneOf(parts: Parts): OperationScene {
  const { sim, driver, hub, jobs, operations, flags } = parts;
  const state = (): ClusterState => {
    const now = hub.state(CLUSTER);
    if (!now) throw new Error('no cluster');
    return now;
  };
  const member = (name: string): MemberState => {
    const found = sim.member(name);
    if (!found) throw new Error(`no member ${name}`);
    return found;
  };
  let requests = 0;
  const scene: OperationScene = {
    sim,
    hub,
    jobs,
    operations,
    networks: parts.networks,
    writes: parts.writes,
    state,
    member,
    get loseAnswers() {
      return flags.loseAnswers;
    },
    set loseAnswers(on) {
      flags.loseAnswers = on;
    },
    fault: (id, name) => {
      driver.catchUp();
      injectFault(sim, id, name === undefined ? undefined : member(name));
    },
    until: (what, seen, limitMs = 30_000) => until(hub, what, seen, limitMs),
    preview: (operation) => operations.preview(CLUSTER, operation),
    start: async (operation, requestId) => {
      const preview = await operations.preview(CLUSTER, operation);
      requests += 1;
      return operations.start({
        clusterId: CLUSTER,
        operation,
        fingerprint: preview.fingerprint,
        typed: preview.typeToConfirm,
        requestId: requestId ?? `request-${requests}`,
      });
    },
    end: (job, limitMs = 80_000) => jobEnded(jobs, job, limitMs),
    run: async (operation) => scene.end(await scene.start(operation)),
    close: () => closeAll(parts),
  };
  return scene;
}

function until(
  hub: ClusterHub,
  what: string,
  seen: (state: ClusterState) => boolean,
  limitMs: number,
): Promise<ClusterState> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(limit);
      clearInterval(again);
      undo();
    };
    const look = (state: ClusterState | null): void => {
      if (state && seen(state)) {
        setTimeout(end, 0);
        resolve(state);
      }
    };
    const limit = setTimeout(() => {
      end();
      reject(
        new Error(
          `The app did not see ${what} within ${limitMs} ms: ${JSON.stringify(hub.state(CLUSTER), null, 1).slice(0, 6000)}`,
        ),
      );
    }, limitMs);
    const again = setInterval(() => {
      void hub.refresh(CLUSTER).then(look, () => undefined);
    }, 500);
    const undo = hub.follow(CLUSTER, look);
  });
}

/** The end of a job; fails when it has not come after `limitMs`. */
export function jobEnded(jobs: JobEngine, job: Job, limitMs: number): Promise<Job> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      undo();
      reject(new Error(`The job did not end within ${limitMs} ms: ${JSON.stringify(jobs.get(job.id), null, 1)}`));
    }, limitMs);
    const undo = jobs.watch((update) => {
      const now = update.kind === 'job' ? update.job : update.jobs.find((one) => one.id === job.id);
      if (now?.id !== job.id || now.endedAt === null) return;
      clearTimeout(limit);
      setTimeout(() => undo(), 0);
      resolve(now);
    });
  });
}

async function closeAll({ jobs, hub, pool, driver, rest, etcd, networks, servers, remove }: Parts): Promise<void> {
  await jobs.close();
  await hub.close();
  await pool.close();
  driver.close();
  rest.close();
  for (const node of etcd.values()) node.close();
  await Promise.all(networks.map((network) => network.close()));
  for (const server of servers) server.close();
  await remove();
}
