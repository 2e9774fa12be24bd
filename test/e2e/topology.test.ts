import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { openDemoCluster, openDemoPage, type DemoPage } from '../support/browser/demo-page';

let app: AppInBrowser;
let demo: DemoPage;

beforeAll(async () => {
  app = await startAppInBrowser({ demo: true });
  demo = await openDemoPage(app, 'light');
  await openDemoCluster(demo.page, 'orders');
});

afterAll(async () => {
  await demo?.close();
  await app?.close();
});

describe('the topology of a cluster', () => {
  it('goes on showing who streams from whom after the leader has changed', async () => {
    const { page } = demo;
    const edges = page.locator('.react-flow__edge');
    await expect.poll(() => edges.count()).toBe(2);
    await page
      .getByTestId('member-orders-2')
      .getByRole('button', { name: /^Switch over to this member/ })
      .click();
    await page.getByTestId('confirm').click();
    await page.getByTestId('job-result').waitFor({ timeout: 60_000 });
    await page.keyboard.press('Escape');
    await page.waitForTimeout(3_000);
    expect(await edges.count()).toBe(2);
    expect(await page.getByLabel('orders-2 streams to orders-1').count()).toBe(1);
  });

  it('opens the actions of a member by a click on it', async () => {
    const { page } = demo;
    await page
      .locator('.react-flow__node')
      .filter({ hasText: 'orders-3' })
      .locator('button')
      .click({ timeout: 10_000 });
    await page.getByRole('menu').first().waitFor({ timeout: 10_000 });
    expect(await page.getByRole('menuitem').count()).toBeGreaterThan(3);
  });
});
