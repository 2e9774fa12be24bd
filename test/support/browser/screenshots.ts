import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { repositoryRoot } from '../app/app';
import { startAppInBrowser, type AppInBrowser } from '../app/app-in-browser';
import { openDemoCluster, openDemoPage } from './demo-page';

/** Takes the pictures of the README from the running demo: `npm run screenshots`. */
const folder = join(repositoryRoot, 'assets', 'screenshots');
const SIZE = { width: 1440, height: 900 };

async function picture(
  started: AppInBrowser,
  name: string,
  theme: 'light' | 'dark',
  show: (page: Page) => Promise<void>,
): Promise<void> {
  const { page, close } = await openDemoPage(started, theme);
  await page.setViewportSize(SIZE);
  await show(page);
  await page.waitForTimeout(1_500);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await close();
}

async function openSwitchover(page: Page): Promise<void> {
  await openDemoCluster(page, 'orders');
  await page
    .getByTestId('member-orders-2')
    .getByRole('button', { name: /^Switch over to this member/ })
    .click();
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
  const started = await startAppInBrowser({ demo: true });
  try {
    for (const theme of ['light', 'dark'] as const) {
      await picture(started, `fleet-${theme}`, theme, async () => undefined);
      await picture(started, `cluster-${theme}`, theme, (page) => openDemoCluster(page, 'reports'));
    }
    await picture(started, 'switchover-light', 'light', openSwitchover);
    await picture(started, 'job-dark', 'dark', followSwitchover);
  } finally {
    await started.close();
  }
}

await main();
