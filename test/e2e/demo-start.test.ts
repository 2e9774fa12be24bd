import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { memberRow, openDemoCluster, openDemoPage, waitForText } from '../support/browser/demo-page';

let started: AppInBrowser;
let page: Page;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
  ({ page } = await openDemoPage(started));
});
afterAll(() => started?.close());

const faultMenu = () => page.getByRole('button', { name: 'Break something' }).click();

describe('the demo that is started with the app', () => {
  it('begins with one cluster that is sick, and says how to find out what it has', async () => {
    await page.getByText('A cluster of the demo has a problem.').waitFor({ timeout: 30_000 });
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'catalog' }).click();
    await page.getByRole('heading', { level: 1, name: 'catalog' }).waitFor();
    await waitForText(page.getByTestId('active-faults'), /Broken in the demo:.*only looks healthy: catalog-4/);
    await waitForText(memberRow(page, 'catalog-4'), /Not streaming|Old timeline/, 60_000);
    await page.getByRole('region', { name: 'Findings' }).getByText('catalog-4').first().waitFor();
  });

  it('says that everything is repaired, and has no hint of a problem then', async () => {
    await faultMenu();
    await page.getByRole('menuitem', { name: 'Repair everything' }).click();
    await waitForText(page.getByTestId('active-faults'), /Everything is repaired/);
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Fleet' }).click();
    await page.getByText('A cluster of the demo has a problem.').waitFor({ state: 'detached', timeout: 60_000 });
  });

  it('shows a crash of PostgreSQL for long enough to be seen, as a fault and on the member', async () => {
    await openDemoCluster(page, 'orders');
    await faultMenu();
    await page.getByRole('menuitem', { name: 'Crash PostgreSQL' }).click();
    await page.getByRole('menuitem', { name: 'orders-3' }).click();
    await waitForText(page.getByTestId('active-faults'), /Crash PostgreSQL: orders-3/, 10_000);
    await waitForText(memberRow(page, 'orders-3'), /PostgreSQL (is )?(down|starting)|Starting|down/i, 10_000);
    await waitForText(page.getByTestId('active-faults'), /Everything is repaired/, 60_000);
    expect(await memberRow(page, 'orders-3').count()).toBe(1);
  });
});
