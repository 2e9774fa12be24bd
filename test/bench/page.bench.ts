import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import type { Browser } from 'playwright-core';
import { repositoryRoot } from '../support/app/app';
import { benchRow, type Bench } from '../support/bench/bench';
import { launchChromium } from '../support/browser/browser';
import { startCore, type BenchCore } from './support/core';
import { median, pause } from './support/samples';

const TURNS = 9;
const LIMIT_BYTES = 450_000;

/**
 * The first load of the page: how much JavaScript comes, and when it is ready, beside an empty React page from the
 * same build tool and server.
 */
export default (async () => {
  const nothing = { servers: [], clusters: [], hosts: [] };
  const [ours, empty, browser] = [
    await startCore(nothing),
    await startCore(nothing, await emptyPage()),
    await launchChromium(),
  ];
  try {
    const samples: { readonly ours: Load; readonly empty: Load }[] = [];
    await load(browser, ours);
    await load(browser, empty);
    for (let turn = 0; turn < TURNS; turn += 1)
      samples.push({ empty: await load(browser, empty), ours: await load(browser, ours) });
    const of = (side: 'ours' | 'empty', pick: (one: Load) => number): number =>
      median(samples.map((sample) => pick(sample[side])));
    return [
      benchRow(
        'JavaScript of the first load, gzip',
        'bytes',
        of('ours', ({ gzip }) => gzip),
        null,
        LIMIT_BYTES,
      ),
      benchRow(
        'JavaScript of an empty React page, gzip',
        'bytes',
        of('empty', ({ gzip }) => gzip),
        null,
        null,
      ),
      benchRow(
        'first load until ready, against an empty React page',
        'ms',
        of('ours', ({ ready }) => ready),
        of('empty', ({ ready }) => ready),
        1.6,
      ),
      benchRow(
        'first load until the first paint, against an empty React page',
        'ms',
        of('ours', ({ paint }) => paint),
        of('empty', ({ paint }) => paint),
        null,
      ),
    ];
  } finally {
    await browser.close();
    await Promise.all([ours.close(), empty.close()]);
  }
}) satisfies Bench;

/** One load: bytes of JavaScript, and ms from the navigation until the first heading is there and until anything was painted. */
interface Load {
  readonly gzip: number;
  readonly ready: number;
  readonly paint: number;
}

async function load(browser: Browser, core: BenchCore): Promise<Load> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addInitScript(`globalThis.__name = (value) => value; new MutationObserver((_, observer) => {
    if (document.querySelector('h1') === null) return;
    observer.disconnect();
    window.benchReady = performance.now();
  }).observe(document, { subtree: true, childList: true });`);
  const page = await context.newPage();
  const scripts: Promise<number>[] = [];
  page.on('response', (response) => {
    if (/javascript/.test(response.headers()['content-type'] ?? ''))
      scripts.push(
        response.body().then(
          (body) => gzipSync(body, { level: 9 }).length,
          () => 0,
        ),
      );
  });
  await page.goto(await core.child.ask('url', null));
  const { ready, paint } = await page.evaluate(readyAndPaint);
  // What the page loads on its own soon after counts too.
  await pause(1_000);
  const gzip = (await Promise.all(scripts)).reduce((sum, bytes) => sum + bytes, 0);
  await context.close();
  return { gzip, ready, paint };
}

/** Runs in the page: waits until both are known, ten seconds at most. */
function readyAndPaint(): Promise<Omit<Load, 'gzip'>> {
  return new Promise((resolve) => {
    const look = (): void => {
      const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN;
      const ready = window.benchReady ?? Number.NaN;
      if (ready + paint > 0 || performance.now() > 10_000) resolve({ ready, paint });
      else setTimeout(look, 20);
    };
    look();
  });
}

/** An empty page: React, one heading, the same build settings. */
async function emptyPage(): Promise<string> {
  const folder = join(repositoryRoot, 'test', 'results', 'bench', 'empty');
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><html lang="en"><head><meta ' +
      'charset="utf-8"><title>Empty</title></head><body><div id="page"></div><script type="module" ' +
      'src="./main.jsx"></script></body></html>',
  );
  await writeFile(
    join(folder, 'main.jsx'),
    `import { createElement } from 'react';\nimport { createRoot } from ` +
      `'react-dom/client';\ncreateRoot(document.getElementById('page')).render(createElement('h1', ` +
      `null, 'Empty'));\n`,
  );
  const outDir = join(folder, 'built');
  await build({
    root: folder,
    mode: 'production',
    configFile: join(repositoryRoot, 'renderer', 'vite.config.ts'),
    base: './',
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
  });
  return outDir;
}
