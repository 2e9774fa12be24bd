import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { builtDouble } from './built-page';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
};

/** The page on the double's states, without a core. */
export interface DoublePage {
  readonly page: Page;
  readonly problems: readonly string[];
  /** Goes to a part of the page, e.g. `/cluster/orders/servers`. */
  go(hash: string): Promise<void>;
  close(): Promise<void>;
}

/** A secure context, as the app's own page is one. */
const ORIGIN = 'https://page.double';

/** Opens the double in a browser; its files are handed to the browser by the test itself, nothing listens. */
export async function openDouble(
  browser: Browser,
  options: {
    readonly scene?: string;
    readonly dark?: boolean;
    readonly hash: string;
    /** Which of the double's pages; the app's own without it. */
    readonly file?: string;
    readonly context?: BrowserContextOptions;
    /** Hears what the page says on the console as a warning or an error. */
    readonly onConsole?: (text: string) => void;
  },
): Promise<DoublePage> {
  const folder = await builtDouble();
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, ...options.context });
  await context.route(`${ORIGIN}/**`, async (route) => {
    const path = normalize(new URL(route.request().url()).pathname);
    const file = path === '/' ? '/index.html' : path;
    await route.fulfill({
      body: await readFile(join(folder, file)),
      contentType: types[extname(file)] ?? 'application/octet-stream',
    });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const problems: string[] = [];
  page.on('pageerror', (error) => {
    problems.push(error.message);
  });
  page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) options.onConsole?.(message.text());
  });
  await page.goto(
    `${ORIGIN}/${options.file ?? ''}?scene=${options.scene ?? 'healthy'}${options.dark === true ? '&dark' : ''}#${options.hash}`,
  );
  return {
    page,
    problems,
    go: async (hash) => {
      await page.evaluate((to) => {
        window.location.hash = to;
      }, hash);
    },
    close: () => context.close(),
  };
}
