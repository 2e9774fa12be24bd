import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { axeViolations } from '../support/browser/axe';
import { openDemoPage, waitForText } from '../support/browser/demo-page';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';

let started: AppInBrowser;

beforeAll(async () => {
  started = await startAppInBrowser();
  const { client, close } = await started.app.connect();
  await client.vault.useSession();
  await client.demo.start({
    clusters: [
      { scope: 'orders', members: 3 },
      { scope: 'orders-dr', members: 3, standbyOf: 'orders' },
      { scope: 'alone', members: 3 },
    ],
  });
  close();
}, 120_000);
afterAll(() => started?.close());

const openStandby = (page: Page, scope: string): Promise<unknown> =>
  page.goto(`${started.app.origin}/#/cluster/demo-cluster-${scope}/maintenance/standby`);

describe('a standby cluster in the demo', () => {
  it('begins at the cluster that it follows, with its addresses, and what that one still needs', async () => {
    const { page, close } = await openDemoPage(started);
    await openStandby(page, 'alone');
    await page.getByRole('button', { name: 'Set up a standby cluster' }).click();
    await page.getByRole('heading', { name: 'Servers', level: 2, exact: true }).waitFor();
    await page.goto(`${page.url().replace(/\/servers$/, '')}/settings`);
    await page.getByText('Slot alone_standby: missing').waitFor({ timeout: 30_000 });
    const hosts = await page.getByLabel('Addresses to follow').inputValue();
    expect(hosts.split('\n')).toHaveLength(3);
    await page.getByText('Databases and roles come from the cluster that this one follows.').waitFor();
    await page.getByRole('button', { name: 'Prepare alone' }).waitFor();
    await page.getByText('A cluster of its own').click();
    await page.getByLabel('Addresses to follow').waitFor({ state: 'detached' });
    await page.getByLabel('Database 1', { exact: true }).waitFor();
    await close();
  }, 90_000);

  it.each(['light', 'dark'] as const)(
    'has no accessibility violations where it is shown and where it is set up (%s)',
    async (theme) => {
      const { page, close } = await openDemoPage(started, theme);
      await openStandby(page, 'orders-dr');
      await page.getByTestId('standby-view').filter({ hasText: 'WAL is streamed' }).waitFor({ timeout: 60_000 });
      expect(await axeViolations(page)).toEqual([]);
      await openStandby(page, 'alone');
      await page.getByRole('button', { name: 'Set up a standby cluster' }).click();
      await page.getByRole('heading', { name: 'Servers', level: 2, exact: true }).waitFor();
      await page.goto(`${page.url().replace(/\/servers$/, '')}/settings`);
      await page.getByTestId('standby-preparation').waitFor({ timeout: 30_000 });
      expect(await axeViolations(page)).toEqual([]);
      await close();
    },
    90_000,
  );

  it('stands in the fleet with the one that it follows, and is promoted once the whole first site lost its power', async () => {
    const { page, problems, close } = await openDemoPage(started);
    await page.locator('.m-fleet-row').filter({ hasText: 'follows orders' }).waitFor({ timeout: 60_000 });
    await page.goto(`${started.app.origin}/#/cluster/demo-cluster-orders`);
    await page.getByRole('button', { name: 'Break something' }).click();
    await page.getByRole('menuitem', { name: 'The whole site loses power' }).click();
    await openStandby(page, 'orders-dr');
    const view = page.getByTestId('standby-view');
    await view.filter({ hasText: /not received|does not receive|Not known/ }).waitFor({ timeout: 90_000 });
    await view.getByRole('button', { name: 'Promote', exact: true }).click();
    const dialog = page.getByRole('dialog').last();
    await dialog.getByLabel(/to confirm/).fill('orders-dr', { timeout: 60_000 });
    await dialog.getByTestId('confirm').click({ timeout: 30_000 });
    await waitForText(
      page.getByTestId('job-result'),
      /orders-dr takes writes: \S+ is the primary on timeline 4/,
      90_000,
    );
    expect(problems).toEqual([]);
    await close();
  }, 300_000);
});
