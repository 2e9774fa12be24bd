import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import ssh2 from 'ssh2';
import { appError } from '../../../shared/model/app-error';
import { COORDINATOR_GROUP } from '../../../shared/rules/citus/citus-names';
import { issue, makeAuthority } from '../deploy/tls/authority';
import { BareServers } from './bare/bare-servers';
import { Driver } from './network/driver';
import { demoKey, makeBalancerServer, makeCluster } from './model/cluster';
import { activeFaults, defaultTarget, faults, healFaults, injectFault } from './model/faults';
import type { Fault, FaultId } from './model/faults';
import type { DemoClusterSpec } from './model/types';
import { DemoNetwork } from './network/network';
import type { DemoHost } from './network/network';
import { handleExec } from './ssh/handle-exec';
import type { ExecHandler } from './ssh/handle-exec';
import { DemoSsh } from './ssh/server';

/** What a demo is made of. `timeScale` 3 lets 30 seconds of a cluster pass in 10; the default is real time. */
export interface DemoOptions {
  readonly clusters: readonly DemoClusterSpec[];
  /** How many servers there are on which nothing is set up. */
  readonly bare?: number;
  readonly seed?: number;
  readonly timeScale?: number;
  /** ms; the default is the machine's clock. */
  readonly now?: () => number;
  readonly user?: string;
  readonly authorizedKeys?: readonly string[];
  /** Answers commands on the servers; the default knows what the app asks. */
  readonly handleExec?: ExecHandler;
}

/**
 * A simulated server as the inventory names it: host and port of its SSH, and its address among the simulated servers. A bare one has no
 * scope.
 */
export interface DemoServer {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly address: string;
  readonly scope: string;
}

/** A simulated cluster and where its services are, as seen from its servers. */
export interface DemoCluster {
  /** Names it among the clusters of the demo: its scope, and the group where it is one of Citus. */
  readonly key: string;
  readonly scope: string;
  readonly namespace: string;
  readonly citusGroup?: number;
  readonly version: string;
  readonly members: readonly {
    readonly name: string;
    readonly server: string;
    readonly address: string;
    readonly apiUrl: string;
  }[];
  readonly etcd: readonly { readonly server: string; readonly host: string; readonly port: number }[];
}

/** A running demo. */
export interface RunningDemo {
  readonly sshHost: string;
  readonly user: string;
  readonly password: string;
  /** The servers' public host key as SSH sends it. */
  readonly hostKey: Buffer;
  /** `SHA256:...` as OpenSSH prints it. */
  readonly hostKeyFingerprint: string;
  readonly servers: readonly DemoServer[];
  readonly clusters: readonly DemoCluster[];
  faults(): readonly Fault[];
  /** Lets a fault happen to a cluster by its key; without a member it strikes the one that fits. Throws `demo.unknown_*`. */
  inject(fault: string, cluster: string, member?: string | null): Promise<void>;
  /** The faults that are at work on a cluster now. */
  active(cluster: string): readonly { readonly id: string; readonly member: string | null }[];
  /** Takes every fault of a cluster away. */
  heal(cluster: string): Promise<void>;
  /** Connects to a service as a server would, without SSH: for tests. Null when it is not reached. */
  connect(server: string, address: string, port: number): ((stream: Duplex) => void) | null;
  close(): Promise<void>;
}

/**
 * Starts a fleet of simulated clusters that speak Patroni's, etcd's and SSH's own protocols. Nothing but loopback
 * ports for SSH is opened.
 */
export async function startDemo(options: DemoOptions): Promise<RunningDemo> {
  const now = options.now ?? Date.now;
  const drivers: Driver[] = [];
  for (const [index, spec] of options.clusters.entries()) {
    const sim = makeCluster(spec, {
      index,
      seed: (options.seed ?? 1) + index * 101,
      timeScale: options.timeScale ?? 1,
      now: now(),
      fleet: () => drivers.map((driver) => driver.sim),
      dcs: drivers.find((driver) => isCoordinatorOf(driver.sim.spec, spec))?.sim.dcs,
    });
    drivers.push(new Driver(sim, now));
  }
  const bare = new BareServers(options.bare ?? 0, { now, timeScale: options.timeScale ?? 1 });
  const hosts = [
    ...(await Promise.all(drivers.map((driver) => membersOf(driver, now())))).flat(),
    ...drivers.flatMap((driver, index): readonly DemoHost[] => {
      const { spec } = driver.sim;
      if (spec.balancer !== true) return [];
      return [{ driver, member: makeBalancerServer(spec, index, now()), listeners: () => [], files: () => ({}) }];
    }),
    ...bare.hosts,
  ];
  const network = new DemoNetwork(hosts, now);
  const { privateKey, blob } = makeHostKey();
  const user = options.user ?? 'demo';
  const password = randomBytes(12).toString('base64url');
  const ssh = new DemoSsh({
    hostKey: privateKey,
    user,
    password,
    network,
    authorizedKeys: options.authorizedKeys ?? [],
    handleExec: options.handleExec ?? bare.handler(network, handleExec),
  });
  await Promise.all(hosts.map((host) => ssh.listen(host)));
  return new Fleet({ drivers, bare, hosts, network, ssh }, { user, password, blob });
}

/** The members of a cluster as servers; an authority of the cluster signed what their PostgreSQL shows. */
async function membersOf(driver: Driver, now: number): Promise<readonly DemoHost[]> {
  const { members, spec } = driver.sim;
  const made = await makeAuthority(`${spec.scope} demo authority`, now);
  const authority = { ...made, trusted: made.cert };
  return Promise.all(
    members.map(async (member): Promise<DemoHost> => {
      const wish = { commonName: member.name, names: [member.name], addresses: [member.ip] };
      const { cert, key } = await issue(authority, wish, now);
      return { driver, member, postgresTls: { cert, key, ca: '', strict: false } };
    }),
  );
}

/** The groups of a Citus cluster keep their keys in one etcd, which runs on the servers of the coordinator here. */
function isCoordinatorOf(one: DemoClusterSpec, worker: DemoClusterSpec): boolean {
  return (
    one.citusGroup === COORDINATOR_GROUP &&
    worker.citusGroup !== undefined &&
    one.scope === worker.scope &&
    one.namespace === worker.namespace
  );
}

/** A host key of its own for each run; the caller trusts it for as long as the demo runs. */
function makeHostKey(): { privateKey: string; blob: Buffer } {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  return { privateKey, blob: parsed.getPublicSSH() };
}

interface FleetParts {
  readonly drivers: readonly Driver[];
  readonly bare: BareServers;
  readonly hosts: readonly DemoHost[];
  readonly network: DemoNetwork;
  readonly ssh: DemoSsh;
}

class Fleet implements RunningDemo {
  readonly sshHost = '127.0.0.1';
  readonly user: string;
  readonly password: string;
  readonly hostKey: Buffer;
  readonly hostKeyFingerprint: string;
  readonly servers: readonly DemoServer[];
  readonly clusters: readonly DemoCluster[];
  readonly #drivers: readonly Driver[];
  readonly #bare: BareServers;
  readonly #hosts: readonly DemoHost[];
  readonly #network: DemoNetwork;
  readonly #ssh: DemoSsh;

  constructor(
    { drivers, bare, hosts, network, ssh }: FleetParts,
    login: { user: string; password: string; blob: Buffer },
  ) {
    this.#drivers = drivers;
    this.#bare = bare;
    this.#hosts = hosts;
    this.#network = network;
    this.#ssh = ssh;
    this.user = login.user;
    this.password = login.password;
    this.hostKey = login.blob;
    this.hostKeyFingerprint = `SHA256:${createHash('sha256').update(login.blob).digest('base64').replace(/=+$/, '')}`;
    this.servers = hosts.map((host) => ({
      name: host.member.name,
      host: this.sshHost,
      port: ssh.port(host),
      user: login.user,
      address: host.member.ip,
      scope: bare.isBare(host) ? '' : host.driver.sim.spec.scope,
    }));
    this.clusters = drivers.map(describe);
  }

  faults(): readonly Fault[] {
    return faults;
  }

  async inject(id: string, key: string, member: string | null = null): Promise<void> {
    const fault = faults.find((known) => known.id === id);
    if (fault === undefined) throw appError('demo.unknown_fault', `The demo has no fault "${id}".`);
    const driver = this.#driver(key);
    driver.catchUp();
    await this.#strike(driver, fault.id, fault, member);
  }

  active(key: string): readonly { readonly id: string; readonly member: string | null }[] {
    const driver = this.#driver(key);
    driver.catchUp();
    return activeFaults(driver.sim);
  }

  async heal(key: string): Promise<void> {
    const driver = this.#driver(key);
    driver.catchUp();
    healFaults(driver.sim);
    await this.#afterFault(driver);
  }

  connect(server: string, address: string, port: number): ((stream: Duplex) => void) | null {
    const host = this.#hosts.find(({ member }) => member.name === server);
    const service = host === undefined ? null : this.#network.find(host, address, port);
    return typeof service === 'function' ? service : null;
  }

  async close(): Promise<void> {
    for (const driver of this.#drivers) driver.close();
    this.#bare.close();
    this.#network.close();
    this.#ssh.close();
    await Promise.resolve();
  }

  async #strike(driver: Driver, id: FaultId, fault: Fault, name: string | null): Promise<void> {
    const { sim } = driver;
    const member = name === null ? defaultTarget(sim, fault.targets) : sim.member(name);
    if (name !== null && member === undefined)
      throw appError('demo.unknown_member', `${sim.spec.scope} has no member "${name}".`, { target: name });
    injectFault(sim, id, member);
    await this.#afterFault(driver);
  }

  async #afterFault(driver: Driver): Promise<void> {
    driver.catchUp();
    this.#network.sever();
    for (const host of this.#hosts.filter((one) => one.driver === driver)) {
      if (host.member.power) await this.#ssh.listen(host);
      else this.#ssh.cut(host);
    }
  }

  #driver(key: string): Driver {
    const found = this.#drivers.find(({ sim }) => demoKey(sim.spec) === key);
    if (found === undefined)
      throw appError('demo.unknown_cluster', `The demo has no cluster "${key}".`, { target: key });
    return found;
  }
}

function describe({ sim }: Driver): DemoCluster {
  return {
    key: demoKey(sim.spec),
    scope: sim.spec.scope,
    ...(sim.spec.citusGroup === undefined ? {} : { citusGroup: sim.spec.citusGroup }),
    namespace: sim.spec.namespace ?? '/service/',
    version: sim.spec.version,
    members: sim.members.map((member) => ({
      name: member.name,
      server: member.name,
      address: member.ip,
      apiUrl: `http://${member.ip}:8008/patroni`,
    })),
    etcd: sim.dcs.hosts.map((member) => ({ server: member.name, host: member.ip, port: 2379 })),
  };
}
