import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoCluster, openDemoPage } from '../support/browser/demo-page';

let started: AppInBrowser;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
});
afterAll(() => started?.close());

const routes = ['#/', '#/cluster', '#/connect', '#/connect/direct', '#/servers', '#/history', '#/settings'] as const;

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  it.each(routes)('the page %s has no accessibility violations', async (route) => {
    const { page, close } = await openDemoPage(started, colorScheme);
    if (route === '#/cluster') await openDemoCluster(page, 'reports');
    else await page.goto(`${started.app.origin}/${route}`);
    await page.getByRole('heading').first().waitFor();
    await page.waitForTimeout(700);
    expect(await axeViolations(page)).toEqual([]);
    await close();
  });

  it('the switchover dialog and the jobs drawer have no accessibility violations', async () => {
    const { page, close } = await openDemoPage(started, colorScheme);
    await openDemoCluster(page, 'reports');
    await page.getByRole('button', { name: 'Switchover', exact: true }).click();
    await expect.poll(() => page.getByTestId('confirm').isEnabled(), { timeout: 15_000 }).toBe(true);
    await page.waitForTimeout(500);
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Jobs/ }).click();
    await page.getByRole('complementary', { name: 'Jobs' }).waitFor();
    await page.waitForTimeout(300);
    expect(await axeViolations(page)).toEqual([]);
    await close();
  });
});

describe('at the sizes of small and large screens', () => {
  it.each([
    [1280, 800],
    [1600, 1000],
    [1024, 700],
  ])('at %i x %i pixels no page scrolls sideways', async (width, height) => {
    const { page, close } = await openDemoPage(started);
    await page.setViewportSize({ width, height });
    const routes = ['servers', 'history', 'settings', 'connect', 'deploy'].map(
      (route) => () => page.goto(`${started.app.origin}/#/${route}`),
    );
    for (const go of [() => page.goto(`${started.app.origin}/#/`), () => openDemoCluster(page, 'reports'), ...routes]) {
      await go();
      await page.waitForTimeout(600);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
      ).toBe(0);
      expect(
        await page
          .getByRole('main')
          .evaluate((main) =>
            [main, ...main.querySelectorAll('*')]
              .filter(
                (one) => /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1,
              )
              .map((one) => `${one.className} ${one.scrollWidth} in ${one.clientWidth}`),
          ),
        page.url(),
      ).toEqual([]);
    }
    await close();
  });
});
