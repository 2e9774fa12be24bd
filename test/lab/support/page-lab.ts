import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { TestApp } from '../../support/app/app';
import { startAppInBrowser } from '../../support/app/app-in-browser';
import { openLab, type Lab, type LabOptions } from './lab';

/** The directory for screenshots of failures. */
const PICTURES = 'test/results';

/** A test that has ended, as vitest reports it. */
interface EndedTest {
  readonly name: string;
  readonly result?: { readonly state: string } | undefined;
}

/** Real servers, and the app in a browser with a home and data of its own. */
export interface PageLab {
  readonly lab: Lab;
  readonly app: TestApp;
  readonly page: Page;
  /** Errors of the page. */
  readonly problems: readonly string[];
  /** The user's home; the app's data is below it. */
  readonly directory: string;
  /** Takes a screenshot of the page when a test has failed. */
  pictureOf(test: EndedTest): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts all of it; when a part does not start, the others are closed again. `patienceMs`: how long to wait for text on
 * the page, ms.
 */
export async function openPageLab(
  options: LabOptions,
  { patienceMs, ...context }: BrowserContextOptions & { readonly patienceMs: number },
): Promise<PageLab> {
  const undo: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of undo.splice(0).reverse()) await one();
  };
  try {
    const directory = await mkdtemp(join(tmpdir(), 'matriarch-lab-'));
    undo.push(() => rm(directory, { recursive: true, force: true }));
    await mkdir(PICTURES, { recursive: true });
    const lab = await openLab(options);
    undo.push(() => lab.down());
    const opened = await startAppInBrowser({ dataDirectory: join(directory, 'data'), homeDirectory: directory });
    undo.push(() => opened.close());
    const { page, problems } = await opened.app.openPage(opened.browser, context);
    page.setDefaultTimeout(patienceMs);
    return {
      lab,
      app: opened.app,
      page,
      problems,
      directory,
      close,
      pictureOf: (test) => pictureOf(page, options.name, test),
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function pictureOf(page: Page, lab: string, test: EndedTest): Promise<void> {
  if (test.result?.state !== 'fail') return;
  await page.screenshot({
    path: `${PICTURES}/lab-${lab}-${test.name.slice(0, 40).replaceAll(/\W+/g, '-')}.png`,
    fullPage: true,
  });
}
