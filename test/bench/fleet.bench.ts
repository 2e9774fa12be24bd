import type { Browser, Page } from 'playwright-core';
import { benchRow, percentile, type Bench, type BenchRow } from '../support/bench/bench';
import { launchChromium } from '../support/browser/browser';
import { startCore, type BenchCore } from './support/core';
import { framesWhile, noteFleetLeaders, openPage, shown } from './support/page-clock';
import { delays, median, painted, pause } from './support/samples';
import { startSim, type BenchSim } from './support/sim';

const CLUSTERS = Number(process.env['BENCH_CLUSTERS'] ?? 100);
const MEMBERS = 3;
/** With these there are 500 members in all. */
const MORE = { clusters: 40, members: 5 };
/** Logins and the first asks are over, and the code is compiled. */
const SETTLE_MS = 30_000;
const WATCHED_MS = 30_000;
/** The first rows of the fleet page, all on the screen. */
const SWITCHED = Array.from({ length: 8 }, (_, index) => `a${String(index).padStart(3, '0')}`);
const SWITCHOVERS = 2;
const STARTS = 3;
const SCROLL_MS = 10_000;
const SCROLLS = 5;

/** A hundred simulated clusters, simulated in a process of their own, all watched by one core over SSH, with the fleet on the screen. */
export default (async () => {
  const starts = await untilKnown();
  const sim = await startSim();
  let core: BenchCore | null = null;
  let browser: Browser | null = null;
  try {
    const first = await sim.start('a', CLUSTERS, MEMBERS);
    const more = await sim.start('b', MORE.clusters, MORE.members);
    core = await startCore({ ...first, hosts: [...first.hosts, ...more.hosts] });
    browser = await launchChromium();
    const page = await openPage(browser, await core.child.ask('url', null));
    await allHealthy(core, CLUSTERS);
    await pause(SETTLE_MS);
    const rows = [...(await cost(core, sim)), ...(await eventToPage(page, sim))];
    await core.child.ask('servers', more.servers);
    await core.child.ask('clusters', more.clusters);
    await allHealthy(core, CLUSTERS + MORE.clusters);
    await pause(5_000);
    return [...starts, ...rows, ...(await scrolling(browser, page))];
  } finally {
    await browser?.close();
    await core?.close();
    await sim.close();
  }
}) satisfies Bench;

/** How long after its start a core knows every cluster, and how that grows with their number. */
async function untilKnown(): Promise<readonly BenchRow[]> {
  const few: number[] = [];
  const many: number[] = [];
  for (let turn = 0; turn < STARTS; turn += 1) {
    few.push(await knownAfter(CLUSTERS));
    many.push(await knownAfter(CLUSTERS * 3));
  }
  const names = [CLUSTERS, CLUSTERS * 3].map((count) => `${String(count)} clusters of 3: all known after the start`);
  return [
    benchRow(names[0] ?? '', 's', median(few), null, null),
    benchRow(names[1] ?? '', 's', median(many), null, 15),
    benchRow('the same, three times as many clusters against one', 's', median(many), median(few), 3),
  ];
}

/** Seconds from a core's first answer, with so many clusters in its inventory, until it knows all of them. */
async function knownAfter(count: number): Promise<number> {
  const sim = await startSim();
  let core: BenchCore | null = null;
  try {
    core = await startCore(await sim.start('s', count, MEMBERS));
    return await allHealthy(core, count);
  } finally {
    await core?.close();
    await sim.close();
  }
}

/** Waits until every cluster is known to be well, three minutes at most; answers how long it took, s. */
async function allHealthy(core: BenchCore, count: number): Promise<number> {
  const began = Date.now();
  let health: Readonly<Record<string, number>> = {};
  while (Date.now() - began < 180_000) {
    health = await core.child.ask('health', null);
    if (health['healthy'] === count) {
      const seconds = (Date.now() - began) / 1000;
      console.log(`${count} clusters are known after ${seconds.toFixed(1)} s.`);
      return seconds;
    }
    await pause(100);
  }
  throw new Error(`Not every cluster is healthy: ${JSON.stringify(health)}`);
}

async function cost(core: BenchCore, sim: BenchSim): Promise<readonly BenchRow[]> {
  const windows: { readonly share: number; readonly rss: number; readonly simShare: number }[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    const [before, simBefore] = [await core.child.ask('usage', null), await sim.child.ask('cpuMs', null)];
    await pause(WATCHED_MS / 5);
    const [after, simAfter] = [await core.child.ask('usage', null), await sim.child.ask('cpuMs', null)];
    const wall = after.at - before.at;
    windows.push({
      share: ((after.cpuMs - before.cpuMs) / wall) * 100,
      rss: Math.max(before.rss, after.rss),
      simShare: ((simAfter - simBefore) / wall) * 100,
    });
  }
  console.log(
    `The core took ${windows.map(({ share }) => share.toFixed(1)).join(', ')} % of one core, the ` +
      `simulator ${windows.map(({ simShare }) => simShare.toFixed(1)).join(', ')} %.`,
  );
  const mean = windows.reduce((sum, { share }) => sum + share, 0) / windows.length;
  return [
    benchRow('100 clusters of 3 watched: CPU of the core over 30 s', '% of one core', mean, null, 10),
    benchRow(
      '100 clusters of 3 watched: memory of the core (RSS)',
      'MB',
      Math.max(...windows.map(({ rss }) => rss)) / 1_000_000,
      null,
      350,
    ),
  ];
}

/** Switchovers of clusters on the screen: from the simulated etcd's own word to the words in the fleet's row. */
async function eventToPage(page: Page, sim: BenchSim): Promise<readonly BenchRow[]> {
  await sim.child.ask('observe', SWITCHED);
  await noteFleetLeaders(page, SWITCHED);
  for (let turn = 0; turn < SWITCHOVERS; turn += 1) {
    for (const scope of SWITCHED) {
      const answer = await sim.child.ask('switchover', scope);
      if (!answer.startsWith('200')) console.log(`${scope}: ${answer}`);
    }
    await pause(8_000);
  }
  const changes = await sim.child.ask('changes', null);
  const samples = delays(changes, painted(await shown(page)));
  console.log(`${changes.length} changes in etcd, ${samples.length} seen on the page one by one: ${samples.join(' ')}`);
  return [
    benchRow(
      '100 clusters of 3 watched: leader change in etcd until it is painted in the fleet, p95',
      'ms',
      percentile(samples, 0.95),
      null,
      250,
    ),
    benchRow(
      '100 clusters of 3 watched: leader change in etcd until it is painted in the fleet, median',
      'ms',
      median(samples),
      null,
      null,
    ),
  ];
}

/**
 * Frames while the fleet is scrolled, beside a plain table of as many rows that is scrolled the same way on the same
 * machine in the same minute.
 */
async function scrolling(browser: Browser, page: Page): Promise<readonly BenchRow[]> {
  const plain = await openPage(browser, 'about:blank');
  const row = `<tr>${'<td style="padding:14px">cell</td>'.repeat(7)}</tr>`;
  await plain.setContent(
    `<div class="m-fleet-list" style="height:700px;overflow:auto"><table>${row.repeat(CLUSTERS + MORE.clusters)}</table></div>`,
  );
  const ours: (readonly number[])[] = [];
  const theirs: (readonly number[])[] = [];
  for (let turn = 0; turn < SCROLLS; turn += 1) {
    await plain.bringToFront();
    theirs.push(await framesWhile(plain, SCROLL_MS / SCROLLS));
    await page.bringToFront();
    ours.push(await framesWhile(page, SCROLL_MS / SCROLLS));
  }
  const [all, table] = [ours.flat(), theirs.flat()];
  console.log(
    `${all.length} frames of the fleet, ${all.filter((one) => one > 50).length} over 50 ms; ` +
      `${table.length} of the plain table, ${table.filter((one) => one > 50).length} over 50 ms.`,
  );
  return [
    benchRow('500 members in the fleet: longest frame while scrolling', 'ms', Math.max(...all), null, 50),
    benchRow(
      '500 members in the fleet: longest frame while scrolling, against a plain table',
      'ms',
      Math.max(...all),
      Math.max(...table),
      null,
    ),
    benchRow(
      '500 members in the fleet: p95 of the frames while scrolling, against a plain table',
      'ms',
      percentile(all, 0.95),
      percentile(table, 0.95),
      null,
    ),
  ];
}
