import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { startDemo } from '../../../electron/core/demo/demo';
import type { RunningDemo } from '../../../electron/core/demo/demo';
import type { ConformanceTarget } from '../../sim/conformance/target';

/** Opens a loopback port that leads to a service of a simulated server; a service that is not there closes the connection with a reset. */
export async function exposeService(
  demo: RunningDemo,
  server: string,
  address: string,
  port: number,
): Promise<{ port: number; close(): void }> {
  const listener: Server = createServer((socket) => {
    const accept = demo.connect(server, address, port);
    if (accept === null) socket.resetAndDestroy();
    else accept(socket);
  });
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
  const bound = listener.address();
  return {
    port: bound !== null && typeof bound === 'object' ? bound.port : 0,
    close: () => {
      listener.close();
    },
  };
}

/** A simulated cluster of three as the conformance suite wants it. */
export async function demoTarget(version: string, timeScale: number): Promise<ConformanceTarget> {
  const demo = await startDemo({ clusters: [{ scope: 'orders', members: 3, version }], timeScale, seed: 7 });
  const [cluster] = demo.clusters;
  const members = cluster?.members ?? [];
  const rest = await Promise.all(members.map((member) => exposeService(demo, member.server, member.address, 8008)));
  const etcd = await Promise.all(members.map((member) => exposeService(demo, member.server, member.address, 2379)));
  const dead = new Set<string>();
  return {
    scope: 'orders',
    namespace: '/service/',
    version,
    timeScale,
    restUrls: Object.fromEntries(
      members.map((member, index) => [member.name, `http://127.0.0.1:${String(rest[index]?.port ?? 0)}`]),
    ),
    etcdAddress: `127.0.0.1:${String(etcd[0]?.port ?? 0)}`,
    killMember: async (name) => {
      dead.add(name);
      await demo.inject('crash', 'orders', name);
    },
    reviveMember: async (name) => {
      dead.delete(name);
      await demo.inject('power_on', 'orders', name);
    },
    close: async () => {
      for (const listener of [...rest, ...etcd]) listener.close();
      await demo.close();
    },
  };
}
