import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { startApp, type TestApp } from '../support/app';
import { launchChromium } from '../support/browser';
import { openCluster, openDemoPage } from '../support/demo-page';

let app: TestApp;
let browser: Browser;

beforeAll(async () => {
  app = await startApp({ demo: true });
  browser = await launchChromium();
});
afterAll(async () => { await browser?.close(); await app?.close(); });

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface AxeResult { readonly passes: readonly unknown[]; readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[] }[] }

const RULES = "{ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }";

/** What axe finds, one line each. The page's own policy forbids scripts from elsewhere, so the test hands axe in past it. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(axePath, 'utf8'));
  const result = await page.evaluate<AxeResult, undefined>(`axe.run(${RULES})`, undefined);
  expect(result.passes.length).toBeGreaterThan(10);
  return result.violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`));
}

const routes = ['#/', '#/cluster', '#/connect', '#/connect/direct', '#/servers', '#/history', '#/settings'] as const;

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  it.each(routes)('%s has nothing that axe complains about', async (route) => {
    const { page, close } = await openDemoPage(app, browser, colorScheme);
    if (route === '#/cluster') await openCluster(page, 'reports');
    else await page.goto(`${app.origin}/${route}`);
    await page.getByRole('heading').first().waitFor();
    await page.waitForTimeout(700);
    expect(await violations(page)).toEqual([]);
    await close();
  });

  it('the switchover dialog and the jobs have nothing that axe complains about', async () => {
    const { page, close } = await openDemoPage(app, browser, colorScheme);
    await openCluster(page, 'reports');
    await page.getByRole('button', { name: 'Switchover', exact: true }).click();
    await expect.poll(() => page.getByTestId('confirm').isEnabled(), { timeout: 15_000 }).toBe(true);
    await page.waitForTimeout(500);
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Jobs/ }).click();
    await page.getByRole('complementary', { name: 'Jobs' }).waitFor();
    await page.waitForTimeout(300);
    expect(await violations(page)).toEqual([]);
    await close();
  });
});

describe('at the sizes of small and large screens', () => {
  it.each([[1280, 800], [1600, 1000], [1024, 700]])('%i x %i: nothing sticks out to the side', async (width, height) => {
    const { page, close } = await openDemoPage(app, browser);
    await page.setViewportSize({ width, height });
    for (const go of [() => page.goto(`${app.origin}/#/`), () => openCluster(page, 'reports')]) {
      await go();
      await page.waitForTimeout(600);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
      expect(await page.getByRole('main').evaluate((main) => main.scrollWidth - main.clientWidth)).toBe(0);
    }
    await close();
  });
});
