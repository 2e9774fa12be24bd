import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { shownLeader, memberRow, openDemoCluster, openDemoPage, waitForText } from '../support/browser/demo-page';

let started: AppInBrowser;
let page: Page;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
  ({ page } = await openDemoPage(started));
});
afterAll(() => started?.close());

const FOLLOW_MS = 60_000;
const closeJobs = async (on: Page) => {
  await on.getByRole('button', { name: 'Close the jobs' }).click();
};

describe('a switchover', () => {
  it('a switchover takes one click and one confirmation, and is followed until the new leader leads', async () => {
    await openDemoCluster(page, 'orders');
    expect(await shownLeader(page)).toBe('orders-1');
    await memberRow(page, 'orders-2')
      .getByRole('button', { name: /^Switch over to this member/ })
      .click();
    const dialog = page.getByRole('dialog');
    await waitForText(dialog, /in place of orders-1/);
    await page.getByTestId('confirm').click();
    await waitForText(page.getByTestId('job-status'), /Done/, FOLLOW_MS);
    await waitForText(page.getByTestId('job-result'), /orders-2.*\d s\s*without a primary/);
    expect(await shownLeader(page)).toBe('orders-2');
    await closeJobs(page);
  });

  it('a finished switchover is still listed with its phases after a reload', async () => {
    await page.reload();
    await page.getByRole('button', { name: 'Jobs' }).click();
    await page
      .getByRole('complementary', { name: 'Jobs' })
      .getByRole('button', { name: /orders-1 to orders-2/ })
      .click();
    await waitForText(page.getByTestId('job-status'), /Done/);
    expect(await page.getByRole('list', { name: 'Phases' }).getByRole('listitem').count()).toBeGreaterThan(2);
    await closeJobs(page);
  });

  it('a switchover works with the keyboard alone', async () => {
    await waitForText(page.getByTestId('health-sentence'), /leads/);
    await page.getByRole('main').focus();
    await page.keyboard.press('s');
    await page.getByRole('dialog').waitFor();
    await expect.poll(() => page.getByTestId('confirm').isEnabled(), { timeout: 15_000 }).toBe(true);
    for (
      let steps = 0;
      steps < 15 && !(await page.getByTestId('confirm').evaluate((button) => button === document.activeElement));
      steps += 1
    )
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await waitForText(page.getByTestId('job-status'), /Done/, FOLLOW_MS);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('complementary', { name: 'Jobs' }).count()).toBe(0);
  });

  it('a switchover is not sent when the cluster changed in the meantime, and the window says so', async () => {
    const other = await openDemoPage(started);
    await openDemoCluster(other.page, 'billing');
    await openDemoCluster(page, 'billing');
    await memberRow(other.page, 'billing-3')
      .getByRole('button', { name: /^Switch over to this member/ })
      .click();
    await expect.poll(() => other.page.getByTestId('confirm').isEnabled(), { timeout: 15_000 }).toBe(true);
    await memberRow(page, 'billing-2')
      .getByRole('button', { name: /^Switch over to this member/ })
      .click();
    await page.getByTestId('confirm').click();
    await waitForText(page.getByTestId('job-status'), /Done/, FOLLOW_MS);
    await waitForText(
      other.page.getByRole('dialog').getByRole('alert'),
      /Nothing was sent.*leader was billing-1 and is now billing-2/,
    );
    expect(await other.page.getByTestId('confirm').isDisabled()).toBe(true);
    await waitForText(other.page.getByRole('dialog'), /The leader is billing-2, not billing-1/);
    expect(await shownLeader(page)).toBe('billing-2');
    await closeJobs(page);
    await other.close();
  });
});

describe('a failover', () => {
  it('a failover starts only after the name of the cluster was typed', async () => {
    await openDemoCluster(page, 'reports');
    await page.getByRole('button', { name: 'Actions for reports-3' }).click();
    await page.getByRole('menuitem', { name: 'Fail over to this member' }).click();
    const typed = page.getByRole('textbox', { name: /^Type .* to confirm$/ });
    await typed.waitFor();
    expect(await page.getByTestId('confirm').isEnabled()).toBe(false);
    await typed.fill((await page.locator('label', { hasText: /^Type/ }).locator('strong').textContent()) ?? '');
    await expect.poll(() => page.getByTestId('confirm').isEnabled()).toBe(true);
    await page.getByTestId('confirm').click();
    await waitForText(page.getByTestId('job-status'), /Done/, FOLLOW_MS);
    expect(await shownLeader(page)).toBe('reports-3');
    await closeJobs(page);
  });
});

describe('pause and resume', () => {
  it('a paused cluster says that no replica takes over, and can be resumed from the notice', async () => {
    await openDemoCluster(page, 'reports');
    await page.getByRole('button', { name: 'Actions', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Pause automatic failover' }).click();
    await page.getByTestId('confirm').click();
    await waitForText(page.getByTestId('job-status'), /Done/, FOLLOW_MS);
    await closeJobs(page);
    await waitForText(page.getByRole('main'), /Automatic failover is paused/);
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await page.getByTestId('confirm').click();
    await waitForText(page.getByTestId('job-status'), /Done/, FOLLOW_MS);
    await closeJobs(page);
    await expect.poll(() => page.getByText('Automatic failover is paused.').count(), { timeout: 20_000 }).toBe(0);
  });
});
