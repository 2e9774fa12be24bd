import { createServer, type AddressInfo, type Server as NetServer } from 'node:net';
import { startDemo, type DemoServer, type DemoCluster, type RunningDemo } from '../../../electron/core/demo/demo';
import { answerCalls } from './child-calls';
import { observeLeader, type LeaderChange, type LeaderObserver } from './leader-observer';

/** A simulated fleet as the bench puts it into an inventory. `hostKey` is base64. */
export interface SimFleet {
  readonly user: string;
  readonly hostKey: string;
  readonly servers: readonly DemoServer[];
  readonly clusters: readonly DemoCluster[];
}

/** What the bench asks of the simulator in a process of its own. */
export type SimCalls = {
  readonly start: {
    readonly send: {
      readonly prefix: string;
      readonly clusters: number;
      readonly members: number;
      readonly seed: number;
      readonly authorizedKey: string;
    };
    readonly answer: SimFleet;
  };
  /** Opens an own watch on the leader keys of these scopes. */
  readonly observe: { readonly send: readonly string[]; readonly answer: null };
  /** Asks Patroni for a switchover to any candidate; answers its words. */
  readonly switchover: { readonly send: string; readonly answer: string };
  readonly changes: { readonly send: null; readonly answer: readonly LeaderChange[] };
  readonly cpuMs: { readonly send: null; readonly answer: number };
};

const demos: RunningDemo[] = [];
const observers = new Map<string, LeaderObserver>();
const taps: NetServer[] = [];

/** A loopback port that leads to a service of a simulated server, without SSH. */
async function tap(demo: RunningDemo, server: string, port: number): Promise<number> {
  const made = createServer((socket) => {
    const accept = demo.connect(server, '127.0.0.1', port);
    if (accept === null) socket.destroy();
    else accept(socket);
  });
  taps.push(made);
  await new Promise<void>((resolve) => {
    made.listen(0, '127.0.0.1', resolve);
  });
  return (made.address() as AddressInfo).port;
}

function find(scope: string): { readonly demo: RunningDemo; readonly cluster: DemoCluster } {
  for (const demo of demos) {
    const cluster = demo.clusters.find((one) => one.scope === scope);
    if (cluster !== undefined) return { demo, cluster };
  }
  throw new Error(`There is no simulated cluster ${scope}.`);
}

async function observe(scope: string): Promise<void> {
  const { demo, cluster } = find(scope);
  const port = await tap(demo, cluster.etcd[0]?.server ?? '', 2379);
  observers.set(scope, await observeLeader(scope, [`http://127.0.0.1:${port}`], `${cluster.namespace}${scope}/leader`));
}

async function switchover(scope: string): Promise<string> {
  const { demo, cluster } = find(scope);
  const leader = observers.get(scope)?.holder() ?? '';
  const port = await tap(demo, cluster.members[0]?.server ?? '', 8008);
  const answer = await fetch(`http://127.0.0.1:${port}/switchover`, {
    method: 'POST',
    body: JSON.stringify({ leader }),
    headers: { connection: 'close' },
  });
  return `${answer.status} ${await answer.text()}`;
}

answerCalls<SimCalls>({
  start: async ({ prefix, clusters, members, seed, authorizedKey }) => {
    const specs = Array.from({ length: clusters }, (_, index) => ({
      scope: `${prefix}${String(index).padStart(3, '0')}`,
      members,
      version: '4.0.7',
    }));
    const demo = await startDemo({ clusters: specs, seed, authorizedKeys: [authorizedKey] });
    demos.push(demo);
    return {
      user: demo.user,
      hostKey: demo.hostKey.toString('base64'),
      servers: demo.servers,
      clusters: demo.clusters,
    };
  },
  observe: async (scopes) => {
    await Promise.all(scopes.map(observe));
    return null;
  },
  switchover,
  changes: () => [...observers.values()].flatMap((observer) => observer.changes),
  cpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
});
