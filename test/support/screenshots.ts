import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { repositoryRoot, startApp, type TestApp } from './app';
import { launchChromium } from './browser';
import { openCluster, openDemoPage } from './demo-page';

/** Takes the pictures of the README from the running demo: `npm run screenshots`. */
const folder = join(repositoryRoot, 'assets', 'screenshots');
const SIZE = { width: 1440, height: 900 };

async function picture(app: TestApp, browser: Browser, name: string, theme: 'light' | 'dark', show: (page: Page) => Promise<void>): Promise<void> {
  const { page, close } = await openDemoPage(app, browser, theme);
  await page.setViewportSize(SIZE);
  await show(page);
  await page.waitForTimeout(1_500);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await close();
}

async function openSwitchover(page: Page): Promise<void> {
  await openCluster(page, 'orders');
  await page.getByTestId('member-orders-2').getByRole('button', { name: /^Switch over to this member/ }).click();
  await page.getByTestId('confirm').waitFor();
}

async function followSwitchover(page: Page): Promise<void> {
  await openSwitchover(page);
  await page.waitForTimeout(1_000);
  await page.getByTestId('confirm').click();
  await page.getByTestId('job-result').waitFor({ timeout: 60_000 });
}

async function main(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const app = await startApp({ demo: true });
  const browser = await launchChromium();
  try {
    for (const theme of ['light', 'dark'] as const) {
      await picture(app, browser, `fleet-${theme}`, theme, async () => undefined);
      await picture(app, browser, `cluster-${theme}`, theme, (page) => openCluster(page, 'reports'));
    }
    await picture(app, browser, 'switchover-light', 'light', openSwitchover);
    await picture(app, browser, 'job-dark', 'dark', followSwitchover);
  } finally {
    await browser.close();
    await app.close();
  }
}

await main();
