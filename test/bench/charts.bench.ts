import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMemberHistory, type MemberHistory } from '../../electron/core/statistics/member-history';
import { figureMetrics } from '../../shared/model/statistics/metrics';
import { chartGrid, onGrid } from '../../shared/rules/statistics/chart-grid';
import { benchRow, type Bench, type BenchRow } from '../support/bench/bench';
import { launchChromium } from '../support/browser/browser';
import { buildPageScript } from './support/page-script';
import { median } from './support/samples';

const MEMBERS = 8;
const STEP_MS = 10_000;
const STEPS = 8_640;
const PLACES = 600;
const TURNS = 9;
const NOW = 1_800_000_000_000;

/** A day of eight members: read for the page, and eight lines of it drawn. */
export default (async () => [await readADay(), await drawADay()]) satisfies Bench;

/** All charts of the page beside what it costs to write the same answer as JSON, which sending it takes. */
async function readADay(): Promise<BenchRow> {
  const histories = await Promise.all(Array.from({ length: MEMBERS }, (_, index) => aDay(`db${index}`)));
  const range = { from: NOW - STEPS * STEP_MS, to: NOW };
  const view = (): unknown => {
    const grid = chartGrid(range, STEP_MS, PLACES);
    return histories.flatMap((history) =>
      figureMetrics.map((metric) => onGrid(grid, history.read(metric, range, STEP_MS))),
    );
  };
  const held = view();
  const samples = Array.from({ length: TURNS }, () => ({
    ours: timed(view),
    json: timed(() => JSON.stringify(held)),
  }));
  return benchRow(
    `charts: a day of ${MEMBERS} members read, against writing it as JSON`,
    'ms',
    median(samples.map(({ ours }) => ours)),
    median(samples.map(({ json }) => json)),
    null,
  );
}

async function aDay(member: string): Promise<MemberHistory> {
  const history = await openMemberHistory(null, member, NOW);
  for (let step = 0; step < STEPS; step += 1)
    history.put(
      NOW - (STEPS - step) * STEP_MS,
      Object.fromEntries(figureMetrics.map((metric, index) => [metric, Math.sin(step / 50) + index])),
    );
  return history;
}

function timed(work: () => unknown): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

async function drawADay(): Promise<BenchRow> {
  const directory = await mkdtemp(join(tmpdir(), 'matriarch-bench-'));
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: await buildPageScript('charts/draw.ts', directory) });
    const samples: { readonly ours: number; readonly baseline: number }[] = [];
    for (let turn = 0; turn < TURNS; turn += 1) samples.push(await page.evaluate(() => window.measureCharts()));
    return {
      ...benchRow(
        'charts: 8 lines of a day (8,640 places) drawn, against lines by the canvas alone',
        'ms',
        median(samples.map(({ ours }) => ours)),
        median(samples.map(({ baseline }) => baseline)),
        null,
      ),
      ok: median(samples.map(({ ours }) => ours)) <= 100,
    };
  } finally {
    await browser.close();
    await rm(directory, { recursive: true, force: true });
  }
}
