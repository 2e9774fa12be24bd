import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoCluster, openDemoPage, shownLeader, waitForText } from '../support/browser/demo-page';

let started: AppInBrowser;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
});
afterAll(() => started?.close());

const DRILL_MS = 100_000;

async function openTab(page: Page, tab: 'Health' | 'Maintenance'): Promise<void> {
  await page.getByRole('navigation', { name: 'Parts of this cluster' }).getByRole('link', { name: tab }).click();
}

describe('the drill of a cluster', () => {
  it('is held from the page: it says what speaks against it, asks once, and shows what each way in saw', async () => {
    const { page, problems, close } = await openDemoPage(started);
    await openDemoCluster(page, 'reports');
    const leader = await shownLeader(page);
    await openTab(page, 'Maintenance');
    await page.getByRole('button', { name: 'Check and confirm' }).click();
    await waitForText(page.getByRole('list', { name: 'Checks' }), /may take over/);
    await expect.poll(() => page.getByTestId('confirm').isEnabled(), { timeout: 20_000 }).toBe(true);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByTestId('confirm').click();
    await waitForText(page.getByTestId('job-status'), /Done/, DRILL_MS);
    await page.getByRole('button', { name: 'Close the jobs' }).click();
    await waitForText(page.getByTestId('drill-sentence'), /acknowledged writes are there/);
    await waitForText(page.getByTestId('measure-workstation-haproxy'), /\d s.*none/s);
    await waitForText(page.getByTestId('measure-server-direct'), /\d s.*none/s);
    expect(await shownLeader(page)).not.toBe(leader);
    expect(problems).toEqual([]);
    await close();
  });

  it.each(['light', 'dark'] as const)(
    'and the availability have no accessibility violations in the %s theme',
    async (theme) => {
      const { page, problems, close } = await openDemoPage(started, theme);
      await openDemoCluster(page, 'reports');
      await openTab(page, 'Maintenance');
      await page.getByTestId('drill-sentence').waitFor();
      await page.waitForTimeout(500);
      expect(await axeViolations(page)).toEqual([]);
      await openTab(page, 'Health');
      await page.getByRole('button', { name: 'Availability', exact: true }).click();
      await waitForText(page.getByTestId('availability-sentence'), /of the time that is known/);
      await waitForText(page.getByRole('region', { name: 'Times without a primary as a table' }), /planned/);
      await page.waitForTimeout(500);
      expect(await axeViolations(page)).toEqual([]);
      expect(problems).toEqual([]);
      await close();
    },
  );
});
