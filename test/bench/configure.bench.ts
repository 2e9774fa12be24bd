import { rm } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { benchRow, type Bench } from '../support/bench/bench';
import { startAppInBrowser } from '../support/app/app-in-browser';
import { openDemoCluster, openDemoPage } from '../support/browser/demo-page';
import { tempDirectory } from '../support/temp';
import { buildPageScript } from './support/page-script';
import { median } from './support/samples';

const TURNS = 7;
const LIMIT_MS = 1_000;
/** Fewer would mean that the list is not complete. */
const LEAST_SETTINGS = 300;

/**
 * The configuration of a cluster with all parameters of PostgreSQL, on a page that has just been loaded: from the click on its tab
 * until the first rows are painted, and until the servers have said what they run with. The baseline is a table of as many rows that React
 * alone draws in the same browser.
 */
export default (async () => {
  const started = await startAppInBrowser({ demo: true });
  const table = await emptyTable(started.browser);
  try {
    const samples: (Shown & { readonly table: number })[] = [];
    for (let turn = 0; turn < TURNS; turn += 1) {
      const { page, close } = await openDemoPage(started);
      await openDemoCluster(page, 'orders');
      const shown = await msUntilShown(page);
      samples.push({ ...shown, table: await table.measure(await countOf(page)) });
      await close();
    }
    const of = (side: keyof (typeof samples)[number]): number => median(samples.map((sample) => sample[side]));
    return [
      benchRow('configuration with all parameters: first rows', 'ms', of('rows'), null, LIMIT_MS),
      benchRow('configuration with all parameters: values of the servers', 'ms', of('values'), null, LIMIT_MS),
      benchRow('configuration: first rows, against a React table of all rows', 'ms', of('rows'), of('table'), null),
    ];
  } finally {
    await table.close();
    await started.close();
  }
}) satisfies Bench;

/** From the click, ms: until the first rows were painted, and until the answer of the servers was. */
interface Shown {
  readonly rows: number;
  readonly values: number;
}

async function msUntilShown(page: Page): Promise<Shown> {
  // Functions that are sent to the page carry a helper of the TypeScript loader that only Node has.
  await page.evaluate('globalThis.__name = (value) => value');
  return page.evaluate(
    () =>
      new Promise<Shown>((resolve, reject) => {
        const link = [...document.querySelectorAll('a')].find(({ textContent }) => textContent === 'Configuration');
        if (link === undefined) return reject(new Error('The page has no tab for the configuration.'));
        setTimeout(() => reject(new Error('The servers did not answer.')), 30_000);
        const seen = { rows: 0, values: 0 };
        const from = performance.now();
        requestAnimationFrame(function look() {
          const [row] = document.querySelectorAll('[data-testid^="setting-"]');
          const isAnswered = [...document.querySelectorAll('.m-panel-body')].some(({ textContent }) =>
            textContent?.startsWith('Asked the servers '),
          );
          setTimeout(() => {
            if (row !== undefined && seen.rows === 0) seen.rows = performance.now() - from;
            if (!isAnswered) return void requestAnimationFrame(look);
            resolve({ ...seen, values: performance.now() - from });
          }, 0);
        });
        link.click();
      }),
  );
}

/** How many settings the page lists, as it says itself. */
async function countOf(page: Page): Promise<number> {
  const note = await page.getByText(/^\d+ of \d+$/).innerText();
  const count = Number(note.split(' of ')[1]);
  if (!(count >= LEAST_SETTINGS)) throw new Error(`The page lists only ${note} settings.`);
  return count;
}

async function emptyTable(browser: Browser) {
  const directory = await tempDirectory();
  const page = await browser.newPage();
  await page.addScriptTag({ content: await buildPageScript('configure/react-table.ts', directory.path) });
  return {
    measure: (rows: number): Promise<number> => page.evaluate((count) => window.measureReactTable(count), rows),
    close: async () => {
      await page.close();
      await rm(directory.path, { recursive: true, force: true });
    },
  };
}
