import { namespaceSchema } from '../../shared/model/cluster/namespace';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import ssh2 from 'ssh2';
import type { Browser, Page } from 'playwright-core';
import type { ClusterEntry } from '../../shared/model/cluster/cluster-entry';
import type { Server } from '../../shared/model/connect/server';
import type { WrittenClusterFile, ReferenceCluster } from '../lab/support/cluster-file';
import { openLab, type Lab } from '../lab/support/lab';
import { waitFor, runToSuccess } from '../lab/support/run';
import { benchRow, percentile, type Bench, type BenchRow } from '../support/bench/bench';
import { launchChromium } from '../support/browser/browser';
import { startCore, type BenchCore, type BenchInventory, type KnownHost } from './support/core';
import { observeLeader, type LeaderChange } from './support/leader-observer';
import { noteLeader, openClusterPage, openPage, shown } from './support/page-clock';
import { delays, median, painted, pause } from './support/samples';

const OPENINGS = 7;
const REFRESHES = 100;
const LISTS = 5;
const SWITCHOVERS = Number(process.env['BENCH_SWITCHOVERS'] ?? 10);

/** A real cluster of three behind SSH: opened, refreshed, and its leader changed. */
export default (async () => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    console.log('Not measured here: the lab needs root on Linux.');
    return [];
  }
  const lab = await openLab({
    name: process.env['LAB_NAME'] ?? 'bench',
    net: Number(process.env['LAB_NET']?.split('.')[2] ?? 60),
    nodes: [],
    suite: 'trixie',
  });
  try {
    const cluster = await lab.cluster({ layout: 'plain', nodes: ['n1', 'n2', 'n3'] });
    return await measure(lab, await lab.clusterFile(), cluster);
  } finally {
    await lab.down();
  }
}) satisfies Bench;

interface Stage {
  readonly lab: Lab;
  readonly cluster: ReferenceCluster;
  readonly file: WrittenClusterFile;
  readonly entry: ClusterEntry;
  readonly core: BenchCore;
  readonly page: Page;
}

async function measure(lab: Lab, file: WrittenClusterFile, cluster: ReferenceCluster): Promise<readonly BenchRow[]> {
  const inventory = await inventoryOf(lab, file, cluster);
  const [entry] = inventory.clusters;
  if (entry === undefined) throw new Error('The lab made no cluster.');
  const core = await startCore({ ...inventory, clusters: [] });
  let browser: Browser | null = null;
  try {
    browser = await launchChromium();
    const page = await openPage(browser, await core.child.ask('url', null));
    const stage: Stage = { lab, cluster, file, entry, core, page };
    return [...(await openings(stage)), ...(await refreshes(stage)), ...(await leaderChanges(stage))];
  } finally {
    await browser?.close();
    await core.close();
  }
}

/** SSH connect to the complete page, beside `ssh server true` and `ssh server patronictl list`, in turns. */
async function openings({ lab, cluster, entry, core, page }: Stage): Promise<readonly BenchRow[]> {
  const serverIds = entry.members.flatMap(({ serverId }) => (serverId === null ? [] : [serverId]));
  const samples: { readonly ours: number; readonly list: number; readonly login: number }[] = [];
  for (let turn = 0; turn <= OPENINGS; turn += 1) {
    const login = await timed(() => lab.node('n1').exec('true'));
    await pause(500);
    const list = await timed(() => lab.node('n1').exec(`patronictl -c ${cluster.config} list`));
    await pause(500);
    const began = await core.child.ask('clusters', [entry]);
    const ours = (await openClusterPage(page, entry.id, entry.members.length)) - began;
    await page.evaluate(() => {
      window.location.hash = '#/';
    });
    await core.child.ask('forget', { clusterId: entry.id, serverIds });
    await pause(500);
    if (turn > 0) samples.push({ ours, list, login });
  }
  const ours = median(samples.map((one) => one.ours));
  const list = median(samples.map((one) => one.list));
  const login = median(samples.map((one) => one.login));
  return [
    benchRow(
      'open a known cluster until its page is complete, against ssh server patronictl list',
      'ms',
      ours,
      list,
      0.5,
    ),
    benchRow('open a known cluster, against a bare SSH login', 'ms', ours, login, 1.2),
  ];
}

/** CPU of the core for asking every source once, beside the CPU of `patronictl list` on the server. */
async function refreshes({ lab, cluster, entry, core, page }: Stage): Promise<readonly BenchRow[]> {
  await core.child.ask('clusters', [entry]);
  await openClusterPage(page, entry.id, entry.members.length);
  await page.evaluate(() => {
    window.location.hash = '#/';
  });
  await core.child.ask('refresh', { clusterId: entry.id, times: 20 });
  const ours: number[] = [];
  const lists: number[] = [];
  for (let turn = 0; turn < LISTS; turn += 1) {
    lists.push(await cpuOfList(lab, cluster));
    const { cpuMs } = await core.child.ask('refresh', { clusterId: entry.id, times: REFRESHES });
    ours.push(cpuMs / REFRESHES);
  }
  return [
    benchRow(
      'CPU of one refresh of every source, against patronictl list on the server',
      'ms',
      median(ours),
      median(lists),
      0.02,
    ),
  ];
}

/** User and system time of `patronictl list`, ms, as the server's own shell measures it. */
async function cpuOfList(lab: Lab, cluster: ReferenceCluster): Promise<number> {
  const words = await lab
    .node('n1')
    .exec(`bash -c 'TIMEFORMAT="%3U %3S"; time patronictl -c ${cluster.config} list >/dev/null' 2>&1`);
  const [user = Number.NaN, system = Number.NaN] = (words.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return (user + system) * 1000;
}

/** Switchovers: from etcd's own word to the words on the page, and to what `patronictl list -w 1` prints. */
async function leaderChanges({ lab, cluster, file, entry, core, page }: Stage): Promise<readonly BenchRow[]> {
  await openClusterPage(page, entry.id, entry.members.length);
  await noteLeader(page);
  await core.child.ask('followLeader', entry.id);
  const hosts = file.etcd.members.map(({ ip }) => `${file.etcd.scheme}://${ip}:${file.etcd.clientPort}`);
  const observer = await observeLeader('leader', hosts.slice(0, 1), `/${entry.namespace}/${entry.scope}/leader`);
  const list = watchList(lab, cluster);
  try {
    for (let turn = 0; turn < SWITCHOVERS; turn += 1) await switchOver(cluster, observer.holder());
    await pause(3_000);
    const seen = await shown(page);
    const ours = delays(observer.changes, painted(seen));
    const known = delays(
      observer.changes,
      (await core.child.ask('leaders', null)).map(({ what, holder, at }) => ({ what, text: holder, at })),
    );
    const theirs = list.delays(observer.changes);
    console.log(
      `${observer.changes.length} changes in etcd, ${ours.length} seen on the page one by one: ` +
        `painted after ${ours.join(' ')} ms, in the document after ` +
        `${delays(observer.changes, seen).join(' ')}, known to the core after ${known.join(' ')}; ` +
        `printed by patronictl list after ${theirs.join(' ')}`,
    );
    return [
      benchRow('leader change in etcd until it is painted on the page, p95', 'ms', percentile(ours, 0.95), null, 60),
      benchRow('leader change in etcd until the core knows it, median', 'ms', median(known), null, null),
      benchRow(
        'leader change in etcd until it is painted on the page, median, against patronictl list -w 1',
        'ms',
        median(ours),
        median(theirs),
        null,
      ),
    ];
  } finally {
    list.end();
    await observer.close();
  }
}

/** Hands the lead over, asked of Patroni directly, and waits until both others stream again. */
async function switchOver(cluster: ReferenceCluster, leader: string): Promise<void> {
  const candidate = cluster.members.find(({ name }) => name !== leader)?.name;
  const base = `${cluster.rest.scheme}://${cluster.members.find(({ name }) => name === leader)?.ip ?? ''}:${cluster.rest.port}`;
  await waitFor('Patroni accepts the switchover', 60_000, async () => {
    const answer = await fetch(`${base}/switchover`, { method: 'POST', body: JSON.stringify({ leader, candidate }) });
    if (answer.status !== 200) throw new Error(await answer.text());
    return true;
  });
  await waitFor('the replicas stream', 60_000, async () => {
    const answer: unknown = await (await fetch(`${base}/cluster`)).json();
    return (JSON.stringify(answer).match(/"streaming"/g) ?? []).length === cluster.members.length - 1;
  });
  await pause(1_500);
}

/** `patronictl list -w 1` over SSH: which leader it printed when. */
function watchList(
  lab: Lab,
  cluster: ReferenceCluster,
): { delays(changes: readonly LeaderChange[]): readonly number[]; end(): void } {
  const printed: { readonly leader: string; readonly at: number }[] = [];
  const child: ChildProcess = spawn(
    'ssh',
    [
      '-i',
      lab.keyPath,
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
      `root@${lab.node('n1').ip}`,
      `patronictl -c ${cluster.config} list -w 1`,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const leader = /^\|\s*(\S+)\s*\|.*\|\s*Leader\s*\|/.exec(line)?.[1];
      if (leader !== undefined) printed.push({ leader, at: Date.now() });
    }
  });
  return {
    delays: (changes) =>
      changes
        .filter(({ holder }) => holder !== '')
        .flatMap((change) => {
          const seen = printed.find(({ leader, at }) => leader === change.holder && at >= change.at);
          return seen === undefined || seen.at - change.at > 10_000 ? [] : [seen.at - change.at];
        }),
    end: () => {
      child.kill();
    },
  };
}

async function inventoryOf(lab: Lab, file: WrittenClusterFile, cluster: ReferenceCluster): Promise<BenchInventory> {
  const servers = cluster.members.map(({ name, ip }): Server => ({
    id: `server-${name}`,
    name,
    host: ip,
    port: 22,
    user: 'root',
    auth: { kind: 'key', keyPath: lab.keyPath },
    sudo: { kind: 'root' },
    jump: [],
    tags: [],
  }));
  const entry: ClusterEntry = {
    id: randomUUID(),
    title: cluster.scope,
    scope: cluster.scope,
    namespace: namespaceSchema.parse(cluster.namespace),
    tags: [],
    production: false,
    readOnly: false,
    origin: 'user',
    members: cluster.members.map(({ name, ip }) => ({
      name,
      serverId: `server-${name}`,
      apiUrl: `${cluster.rest.scheme}://${ip}:${cluster.rest.port}/patroni`,
    })),
    etcd: {
      endpoints: file.etcd.members.map(({ name, ip }) => ({
        host: ip,
        port: file.etcd.clientPort,
        serverId: `server-${name}`,
      })),
      tls: null,
      auth: null,
    },
    rest: { tls: null, auth: null },
  };
  return { servers, clusters: [entry], hosts: await Promise.all(servers.map(({ host }) => hostKey(host))) };
}

async function hostKey(host: string): Promise<KnownHost> {
  const line =
    (await runToSuccess('ssh-keyscan', ['-T', '10', '-t', 'ed25519', host]))
      .split('\n')
      .find((one) => one.includes('ssh-ed25519')) ?? '';
  const parsed = ssh2.utils.parseKey(line.split(' ').slice(1).join(' '));
  if (parsed instanceof Error) throw parsed;
  return { host, port: 22, key: parsed.getPublicSSH() };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
