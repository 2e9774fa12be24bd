import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readClusterFile, type WrittenClusterFile, type ReferenceCluster } from './cluster-file';
import { runCommand, runToSuccess, type CommandResult } from './run';

/** n1 to n12 are servers, j1 is the jump host. */
export type NodeName = 'j1' | `n${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12}`;
/** The Debian release of a server. */
export type Suite = 'bookworm' | 'trixie';

/** Who can log in: root and admin (sudo without a password) by key, dba (sudo with a password) by key or password. */
export type LabUser = 'root' | 'admin' | 'dba';

/** Which lab a test opens, and what it needs. */
export interface LabOptions {
  /** Lower-case letters, digits, dashes; labs with different names and networks run side by side. */
  name: string;
  /** N of 10.77.N.0/24, 1 to 254; one lab at a time may use it. */
  net: number;
  /** Servers to power on at once; default n1 n2 n3. None: [] (a cluster powers on its own). */
  nodes?: readonly NodeName[];
  suite?: Suite;
  /**
   * bare: a server as an installer leaves it (default). stack: etcd, PostgreSQL, Patroni, HAProxy, PgBouncer
   * installed, nothing running.
   */
  image?: string;
  /** available: j1 is there as well. only: this machine reaches j1 and nothing else. */
  jump?: 'none' | 'available' | 'only';
  /** false: the servers reach nothing outside the lab. */
  nat?: boolean;
}

/** How to make a reference cluster; see `npm run lab -- cluster`. */
export interface ClusterOptions {
  layout: 'plain' | 'debian-layout';
  nodes?: readonly NodeName[];
  etcd?: readonly NodeName[];
  reuseEtcd?: boolean;
  scope?: string;
  namespace?: string;
  port?: number;
  /** Another major version than the release's own; it has to be installed. */
  postgres?: number;
  restAuth?: boolean;
  restTls?: boolean;
  restClientCerts?: 'optional' | 'required';
  etcdAuth?: boolean;
  etcdTls?: boolean;
  proxy?: boolean;
  /** The release of servers that this powers on for the first time. */
  suite?: Suite;
}

/** How servers are cut off from each other. */
export type Partition =
  | { kind: 'cut' | 'iso' | 'unplug'; nodes: readonly NodeName[] }
  | { kind: 'pair'; nodes: readonly [NodeName, NodeName] }
  /** What `from` sends to `to` is lost, the other direction works; `host` is this machine. */
  | { kind: 'oneway'; from: NodeName | 'host'; to: NodeName | 'host' };

const SCRIPTS = fileURLToPath(new URL('../scripts/', import.meta.url));
const PASSWORD = 'lab-dba-password';
const PASSPHRASE = 'lab-key-passphrase';
const MINUTE = 60_000;
/** What a shell may have set for its own lab must not change a test's. */
const NOT_INHERITED = { SUITE: '', IMAGE: '', LAB_SCOPE: '' };

/** One server of the lab. */
export class LabNode {
  readonly #lab: Lab;

  constructor(
    lab: Lab,
    readonly name: NodeName,
    /** Its address on the lab's bridge. */
    readonly ip: string,
  ) {
    this.#lab = lab;
  }

  /**
   * Runs a shell command over SSH, through the jump host where there is no other route. Gives its output; rejects unless
   * it exits with 0.
   */
  exec(command: string, options: { user?: LabUser; timeoutMs?: number } = {}): Promise<string> {
    return runToSuccess('ssh', this.#sshArguments(command, options.user), { timeoutMs: options.timeoutMs ?? MINUTE });
  }

  /** As `exec`, but an exit code other than 0 is an answer (255: SSH itself failed). */
  tryExec(command: string, options: { user?: LabUser; timeoutMs?: number } = {}): Promise<CommandResult> {
    return runCommand('ssh', this.#sshArguments(command, options.user), { timeoutMs: options.timeoutMs ?? MINUTE });
  }

  /** Runs a bash script as root without the network: works on a server that is cut off or whose sshd hangs. Gives its output. */
  console(script: string, options: { timeoutMs?: number } = {}): Promise<string> {
    return this.#lab.script('shell/console', [this.name, 'bash', '-es'], {
      input: script,
      timeoutMs: options.timeoutMs ?? MINUTE,
    });
  }

  /** Asks this server's own PostgreSQL as its superuser, by its socket: fields separated by |, one row a line. */
  async psql(sql: string, options: { scope?: string; timeoutMs?: number } = {}): Promise<string> {
    return (
      await this.#lab.script('shell/psql', [this.name, '-At', '-v', 'ON_ERROR_STOP=1'], scoped(options, sql))
    ).trimEnd();
  }

  /** patronictl with this server's own configuration. */
  patronictl(args: readonly string[], options: { scope?: string; timeoutMs?: number } = {}): Promise<string> {
    return this.#lab.script('shell/patronictl', [this.name, ...args], scoped(options));
  }

  /** etcdctl on this etcd member, as etcd's root; its endpoints are all members. */
  etcdctl(args: readonly string[], options: { timeoutMs?: number } = {}): Promise<string> {
    return this.#lab.script('shell/etcdctl', [this.name, ...args], scoped(options));
  }

  #sshArguments(command: string, user: LabUser = 'root'): string[] {
    const common = [
      '-i',
      this.#lab.keyPath,
      '-F',
      'none',
      '-o',
      'BatchMode=yes',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'LogLevel=ERROR',
      '-o',
      'ConnectTimeout=10',
      '-o',
      'ServerAliveInterval=5',
      '-o',
      'ServerAliveCountMax=6',
    ];
    const proxy =
      this.#lab.jumpOnly && this.name !== 'j1'
        ? ['-o', `ProxyCommand=ssh ${common.join(' ')} -W %h:%p root@${this.#lab.node('j1').ip}`]
        : [];
    return [...common, ...proxy, `${user}@${this.ip}`, command];
  }
}

/** A running lab. Every wait is bounded and says what it waited for. */
export class Lab {
  /** Where the lab keeps its disks, keys and cluster.json. */
  readonly dir: string;
  readonly keyPath: string;
  /** The same key, encrypted with `passphrase`. */
  readonly encryptedKeyPath: string;
  readonly passphrase = PASSPHRASE;
  /** Passwords by user; a user without one logs in by key alone. */
  readonly passwords: Readonly<Partial<Record<LabUser, string>>> = { dba: PASSWORD };
  /** What the names of this lab's interfaces, bridge and nft tables on this machine contain. */
  readonly tag: string;
  #jumpIsOnlyRoute = false;

  constructor(readonly options: LabOptions) {
    this.dir = join(process.env['LAB_ROOT'] ?? '/var/lib/matriarch-lab', options.name);
    this.tag =
      options.name.replaceAll('-', '').slice(0, 4) +
      createHash('sha256').update(options.name).digest('hex').slice(0, 4);
    this.keyPath = join(this.dir, 'id_ed25519');
    this.encryptedKeyPath = join(this.dir, 'id_encrypted');
  }

  /** Whether this machine reaches j1 alone. */
  get jumpOnly(): boolean {
    return this.#jumpIsOnlyRoute;
  }

  node(name: NodeName): LabNode {
    const last = name === 'j1' ? 10 : 10 + Number(name.slice(1));
    return new LabNode(this, name, `10.77.${this.options.net}.${last}`);
  }

  /** Powers on, and waits for SSH. A disk is kept; a fresh one starts from the lab's release and image, or from what is given here. */
  up(nodes: readonly NodeName[], fresh: { suite?: Suite; image?: string } = {}): Promise<string> {
    return this.script('power/up', nodes, { env: freshDisk(fresh), timeoutMs: 15 * MINUTE });
  }

  /** Fresh disks, booted again, with the address and SSH host keys they had. */
  reset(nodes: readonly NodeName[], fresh: { suite?: Suite; image?: string } = {}): Promise<string> {
    return this.script('power/reset', nodes, { env: freshDisk(fresh), timeoutMs: 5 * MINUTE });
  }

  /** Power cut: no FIN, no RST, the disk stays. `up` powers on again. */
  kill(...nodes: NodeName[]): Promise<string> {
    return this.script('power/kill', nodes);
  }

  /** Clean shutdown, disks kept. */
  off(...nodes: NodeName[]): Promise<string> {
    return this.script('power/off', nodes, { timeoutMs: 3 * MINUTE });
  }

  /** Restart as an administrator would; resolves when SSH answers again. */
  reboot(...nodes: NodeName[]): Promise<string> {
    return this.script('power/reboot', nodes, { timeoutMs: 4 * MINUTE });
  }

  /** kill -9 of Patroni and PostgreSQL at one moment; they stay down until `uncrash`. */
  crash(...nodes: NodeName[]): Promise<string> {
    return this.script('power/crash', nodes);
  }

  uncrash(...nodes: NodeName[]): Promise<string> {
    return this.script('power/crash', ['--undo', ...nodes]);
  }

  /** PostgreSQL of a server gets so much memory, in MB; the kernel kills a process of it that wants more. null: no limit. */
  limitMemory(node: NodeName, megabytes: number | null): Promise<string> {
    return this.script('power/limit-memory', [node, megabytes === null ? 'off' : String(megabytes)]);
  }

  /** sshd freezes (the kernel still accepts connections, SSH says nothing) until `thawSsh`. */
  hangSsh(...nodes: NodeName[]): Promise<string> {
    return this.script('network/hang-ssh', ['stop', ...nodes]);
  }

  thawSsh(...nodes: NodeName[]): Promise<string> {
    return this.script('network/hang-ssh', ['cont', ...nodes]);
  }

  partition(partition: Partition): Promise<string> {
    const ends = partition.kind === 'oneway' ? [partition.from, partition.to] : partition.nodes;
    return this.script('network/partition', [partition.kind, ...ends]);
  }

  /** Removes every partition. */
  heal(): Promise<string> {
    return this.script('network/partition', ['heal']);
  }

  /** on: this machine reaches j1 and nothing else; j1 reaches them all. */
  async setJumpOnly(on: boolean): Promise<void> {
    await this.script('network/jump-only', [on ? 'on' : 'off']);
    this.#jumpIsOnlyRoute = on;
  }

  /** Makes a reference cluster and resolves when all its replicas stream. Servers without a disk come up from the image stack. */
  async cluster(options: ClusterOptions): Promise<ReferenceCluster> {
    await this.script('cluster/cluster', clusterArguments(options), {
      env: { IMAGE: 'stack', SUITE: options.suite ?? this.options.suite ?? 'bookworm' },
      timeoutMs: 15 * MINUTE,
    });
    const cluster = (await this.clusterFile()).clusters.at(-1);
    if (cluster === undefined) throw new Error('The lab made a cluster and did not record it in cluster.json.');
    return cluster;
  }

  /** All that `cluster` made so far: etcd, clusters, ports, passwords, keys. */
  clusterFile(): Promise<WrittenClusterFile> {
    return readClusterFile(join(this.dir, 'cluster.json'));
  }

  /** The servers whose PostgreSQL reports that it is writable; a server that does not answer is none of them. */
  async primaries(cluster: ReferenceCluster): Promise<NodeName[]> {
    const answers = await Promise.all(
      cluster.members.map(async (member) => {
        const node = this.node(toNodeName(member.name));
        const writable = await node
          .psql('select not pg_is_in_recovery()', { scope: cluster.scope, timeoutMs: 10_000 })
          .catch(() => 'f');
        return writable === 't' ? [node.name] : [];
      }),
    );
    return answers.flat();
  }

  /** Freezes a server's disk (it is shut down) as an image of this lab, for `up` and `reset`. */
  snapshot(node: NodeName, image: string): Promise<string> {
    return this.script('images/snapshot', [node, image], { timeoutMs: 5 * MINUTE });
  }

  /** The end: power cut for all; disks, keys, network and rules are gone. */
  async down(): Promise<void> {
    await this.script('power/down', [], { timeoutMs: 2 * MINUTE });
  }

  /** Runs one of test/lab/scripts for this lab; `name` is its room and its command, as in "power/up". */
  script(
    name: string,
    args: readonly string[],
    options: { env?: Record<string, string>; input?: string; timeoutMs?: number } = {},
  ): Promise<string> {
    const env = {
      LAB_NAME: this.options.name,
      LAB_NET: `10.77.${this.options.net}`,
      LAB_NAT: this.options.nat === false ? 'no' : 'yes',
      LAB_DIR: this.dir,
      ...NOT_INHERITED,
      ...options.env,
    };
    return runToSuccess('bash', [join(SCRIPTS, `${name}.sh`), ...args], { ...options, env });
  }
}

/** Brings a fresh lab up; what an earlier run of the same name left is taken down first. Call `down` at the end, whatever happens. */
export async function openLab(options: LabOptions): Promise<Lab> {
  const lab = new Lab(options);
  await lab.down();
  const jump: readonly NodeName[] = (options.jump ?? 'none') === 'none' ? [] : ['j1'];
  const nodes = [...(options.nodes ?? (['n1', 'n2', 'n3'] as const)), ...jump];
  const fresh = { suite: options.suite ?? 'bookworm', image: options.image ?? 'bare' };
  if (nodes.length > 0) await lab.up(nodes, fresh);
  if (options.jump === 'only') await lab.setJumpOnly(true);
  return lab;
}

function scoped(
  options: { scope?: string; timeoutMs?: number },
  input?: string,
): { env: Record<string, string>; timeoutMs: number; input?: string } {
  const env: Record<string, string> = options.scope === undefined ? {} : { LAB_SCOPE: options.scope };
  return { env, timeoutMs: options.timeoutMs ?? MINUTE, ...(input === undefined ? {} : { input }) };
}

function freshDisk(fresh: { suite?: Suite; image?: string }): Record<string, string> {
  return {
    ...(fresh.suite === undefined ? {} : { SUITE: fresh.suite }),
    ...(fresh.image === undefined ? {} : { IMAGE: fresh.image }),
  };
}

function clusterArguments(options: ClusterOptions): string[] {
  const value = (flag: string, given: string | undefined): string[] => (given === undefined ? [] : [flag, given]);
  const flag = (name: string, on: boolean | undefined): string[] => (on === true ? [name] : []);
  return [
    options.layout,
    ...value('--nodes', options.nodes?.join(',')),
    ...value('--etcd', options.etcd?.join(',')),
    ...flag('--reuse-etcd', options.reuseEtcd),
    ...value('--scope', options.scope),
    ...value('--namespace', options.namespace),
    ...value('--port', options.port?.toString()),
    ...value('--postgres', options.postgres?.toString()),
    ...flag('--rest-auth', options.restAuth),
    ...flag('--rest-tls', options.restTls),
    ...value('--rest-client-certs', options.restClientCerts),
    ...flag('--etcd-auth', options.etcdAuth),
    ...flag('--etcd-tls', options.etcdTls),
    ...flag('--proxy', options.proxy),
  ];
}

/** The server of a cluster's member: the lab names both alike. Throws for a name that the lab does not have. */
export function toNodeName(name: string): NodeName {
  const known: readonly NodeName[] = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8', 'n9', 'n10', 'n11', 'n12'];
  const found = known.find((candidate) => candidate === name);
  if (found === undefined) throw new Error(`"${name}" is no server of the lab.`);
  return found;
}
