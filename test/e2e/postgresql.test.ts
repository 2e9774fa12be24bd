import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoCluster, openDemoPage, waitForText } from '../support/browser/demo-page';

let started: AppInBrowser;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
});
afterAll(() => started?.close());

const view = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Views of PostgreSQL' }).getByRole('button', { name, exact: true });

async function openPostgres(page: Page, title = 'reports'): Promise<void> {
  await openDemoCluster(page, title);
  await page
    .getByRole('navigation', { name: 'Parts of this cluster' })
    .getByRole('link', { name: 'PostgreSQL' })
    .click();
  await page.getByRole('table', { name: 'Replication', exact: true }).waitFor();
}

describe('PostgreSQL of a cluster', () => {
  it.each(['light', 'dark'] as const)(
    'has no accessibility violations in any view (%s)',
    async (theme) => {
      const { page, problems, close } = await openDemoPage(started, theme);
      await openPostgres(page);
      expect(await axeViolations(page)).toEqual([]);
      for (const name of await page
        .getByRole('group', { name: 'Views of PostgreSQL' })
        .getByRole('button')
        .allInnerTexts()) {
        await view(page, name).click();
        await page.waitForTimeout(700);
        expect(await axeViolations(page), name).toEqual([]);
      }
      expect(problems).toEqual([]);
      await close();
    },
    90_000,
  );

  it('shows a forgotten slot, with the time until the disk is full after the second reading', async () => {
    const { page, close } = await openDemoPage(started);
    await openPostgres(page);
    const slot = page.getByRole('row').filter({ hasText: 'cdc_orders' });
    await waitForText(slot, /Not in use/);
    await waitForText(slot.getByTestId('slot-forecast'), /Disk full in/);
    await close();
  }, 60_000);

  it('shows who blocks whom, and ends the one at the root by the keyboard with one confirmation', async () => {
    const { page, close } = await openDemoPage(started);
    await openPostgres(page, 'billing');
    await view(page, 'Locks').focus();
    await page.keyboard.press('Enter');
    const root = page.getByTestId('blocking-3104');
    await waitForText(root, /blocks 2 sessions/);
    await root.getByRole('button', { name: 'Terminate the session 3104' }).focus();
    await page.keyboard.press('Enter');
    await waitForText(page.getByRole('dialog'), /transaction is rolled back/);
    await page.getByTestId('confirm').focus();
    await page.keyboard.press('Enter');
    await waitForText(page.getByTestId('job-status'), /Done/);
    await page.getByRole('button', { name: 'Close the jobs' }).click();
    await page.getByTestId('blocking-3104').waitFor({ state: 'detached' });
    await close();
  }, 60_000);

  it('finds sessions by any word, and says when none is left', async () => {
    const { page, close } = await openDemoPage(started);
    await openPostgres(page, 'orders');
    await view(page, 'Activity').click();
    const table = page.getByRole('table', { name: 'Sessions' });
    await table.getByText('idle in transaction').first().waitFor();
    await page.getByRole('searchbox', { name: 'Filter the sessions' }).fill('erin psql');
    await expect.poll(() => table.getByRole('row').count()).toBe(2);
    await page.getByRole('searchbox', { name: 'Filter the sessions' }).fill('nobody at all');
    await page.getByText('No session is like this.').waitFor();
    await close();
  }, 60_000);

  it('shows databases, their largest tables and checkpoints, and the statements that took most time', async () => {
    const { page, close } = await openDemoPage(started);
    await openPostgres(page, 'orders');
    await view(page, 'Databases').click();
    await waitForText(page.getByRole('table', { name: 'Databases' }), /app.*48 GB/);
    await waitForText(page.getByRole('table', { name: 'Largest tables' }), /Quarter "3"/);
    await page.getByRole('heading', { name: 'Checkpoints' }).waitFor();
    await view(page, 'Statements').click();
    await waitForText(page.getByRole('table', { name: 'Statements' }), /UPDATE stock SET/);
    await close();
  }, 60_000);

  it('says by which way it is asked, and keeps that way when a role is not let in', async () => {
    const { page, close } = await openDemoPage(started);
    await openPostgres(page, 'orders');
    await waitForText(page.getByTestId('sql-way'), /by psql as the system user postgres/);
    await page.getByRole('button', { name: 'Ask as a role' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Role').fill('nobody');
    await dialog.getByLabel('Password').fill('not-the-password');
    await page.keyboard.press('Enter');
    await waitForText(dialog.getByRole('alert'), /PostgreSQL on orders-\d/);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await waitForText(page.getByTestId('sql-way'), /by psql as the system user postgres/);
    await close();
  }, 60_000);

  it('runs a statement by the keyboard, shows NULL, cut values and more rows, and refuses what writes', async () => {
    const { page, close } = await openDemoPage(started);
    await openPostgres(page, 'orders');
    await view(page, 'Query').click();
    const editor = page.getByRole('textbox', { name: 'Statement' });
    const result = page.getByRole('table', { name: 'Result' });
    await editor.fill('table stock');
    await page.keyboard.press('Control+Enter');
    await waitForText(result, /NULL.*48000 characters/s);
    await editor.fill('select generate_series(1, 10000000)');
    await page.keyboard.press('Control+Enter');
    await waitForText(page.getByTestId('result-note'), /the first 100 rows, there are more/);
    await page.getByRole('button', { name: 'More' }).click();
    await waitForText(page.getByTestId('result-note'), /the first 200 rows/);
    expect(await result.getByRole('row').count()).toBeLessThan(60);
    await editor.fill('update stock set reserved = 0');
    await page.keyboard.press('Control+Enter');
    await page.getByText(/cannot execute UPDATE in a read-only transaction/).waitFor();
    await page.getByRole('button', { name: 'Read and write' }).click();
    await page.getByText('Read and write: what is run is committed').waitFor();
    const commit = page.getByRole('button', { name: 'Run and commit' });
    expect(await commit.getAttribute('aria-disabled')).toBe('true');
    await page.getByLabel('Type read and write to confirm').fill('read and write');
    await expect.poll(() => commit.getAttribute('aria-disabled')).not.toBe('true');
    expect(await axeViolations(page)).toEqual([]);
    await close();
  }, 60_000);
});
