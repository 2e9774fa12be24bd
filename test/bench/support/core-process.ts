import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Server } from '../../../shared/model/connect/server';
import { keepHeapSmall } from '../../../electron/core/platform/heap';
import { runHeadless } from '../../../electron/headless/run';
import { answerCalls } from './child-calls';
import type { LeaderChange } from './leader-observer';

/** What the core cost so far: CPU in ms (user and system, all threads), memory in bytes. */
export interface Usage {
  readonly cpuMs: number;
  readonly rss: number;
  readonly at: number;
}

/** What the bench asks of a core in a process of its own. Times are ms since the epoch. */
export type CoreCalls = {
  readonly usage: { readonly send: null; readonly answer: Usage };
  readonly url: { readonly send: null; readonly answer: string };
  readonly servers: { readonly send: readonly Server[]; readonly answer: null };
  /** Adds clusters; answers when it began. */
  readonly clusters: { readonly send: readonly ClusterEntry[]; readonly answer: number };
  /** Takes a cluster out and closes the connections to its servers. */
  readonly forget: {
    readonly send: { readonly clusterId: string; readonly serverIds: readonly string[] };
    readonly answer: null;
  };
  /** Asks every source of a cluster so many times in a row; answers what that cost. */
  readonly refresh: {
    readonly send: { readonly clusterId: string; readonly times: number };
    readonly answer: { readonly cpuMs: number; readonly wallMs: number };
  };
  /** Begins to note when the core knows of another holder of the leader lock. */
  readonly followLeader: { readonly send: string; readonly answer: null };
  /** What was noted. */
  readonly leaders: { readonly send: null; readonly answer: readonly LeaderChange[] };
  /** How many clusters are in which state of health. */
  readonly health: { readonly send: null; readonly answer: Readonly<Record<string, number>> };
  readonly close: { readonly send: null; readonly answer: null };
};

/** BENCH_PROFILE names a file for a CPU profile of the whole run, to be opened in a browser's developer tools. */
const profilePath = process.env['BENCH_PROFILE'];
const profiler = new Session();
if (profilePath !== undefined) {
  profiler.connect();
  await profiler.post('Profiler.enable');
  await profiler.post('Profiler.setSamplingInterval', { interval: 2_000 });
  await profiler.post('Profiler.start');
}

// As the app's own programs do.
keepHeapSmall();
const [dataDirectory = '', pageRoot = ''] = process.argv.slice(2);
const app = await runHeadless(
  { port: 0, bind: '127.0.0.1', demo: false, files: [] },
  {
    dataDirectory,
    homeDirectory: dataDirectory,
    pageRoot,
    version: 'bench',
    user: 'bench',
    agentSocket: undefined,
    ask: () => Promise.resolve(true),
  },
);
const { inventory, hub, connections } = app.core.services;
const leaders: LeaderChange[] = [];

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

answerCalls<CoreCalls>({
  usage: () => ({ cpuMs: cpuMs(), rss: process.memoryUsage().rss, at: Date.now() }),
  url: () => app.server.newUrl(),
  servers: async (servers) => {
    for (const server of servers) await inventory.saveServer(server);
    return null;
  },
  clusters: async (clusters) => {
    const began = Date.now();
    for (const cluster of clusters) await inventory.saveCluster(cluster);
    return began;
  },
  forget: async ({ clusterId, serverIds }) => {
    await inventory.removeCluster(clusterId);
    for (const id of serverIds) await connections.drop(id);
    return null;
  },
  refresh: async ({ clusterId, times }) => {
    const [began, before] = [performance.now(), cpuMs()];
    for (let turn = 0; turn < times; turn += 1) await hub.refresh(clusterId);
    return { cpuMs: cpuMs() - before, wallMs: performance.now() - began };
  },
  followLeader: (clusterId) => {
    let holder: string | null = null;
    hub.follow(clusterId, ({ leader }) => {
      const next = leader.holder ?? '';
      if (leader.known && holder !== null && next !== holder)
        leaders.push({ what: 'leader', holder: next, at: Date.now() });
      if (leader.known) holder = next;
    });
    return null;
  },
  leaders: () => leaders,
  health: () => {
    const counts: Record<string, number> = {};
    for (const { id } of inventory.clusters()) {
      const level = hub.state(id)?.health.level ?? 'connecting';
      counts[level] = (counts[level] ?? 0) + 1;
    }
    return counts;
  },
  close: async () => {
    if (profilePath !== undefined)
      await writeFile(profilePath, JSON.stringify((await profiler.post('Profiler.stop')).profile));
    await app.close();
    return null;
  },
});
