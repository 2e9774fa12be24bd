import { readFile } from 'node:fs/promises';
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

async function openHealth(page: Page): Promise<void> {
  await openDemoCluster(page, 'orders');
  await page.getByRole('link', { name: 'Health', exact: true }).click();
}

describe('the advice of a cluster on its page', () => {
  it('is read when asked for, set aside with a reason, and saved as a report', async () => {
    const { page, problems, close } = await openDemoPage(started);
    await openHealth(page);
    await page.getByText('Nothing has been checked yet').waitFor();
    await page.getByRole('button', { name: 'Check this cluster' }).click();
    const row = page.getByTestId('advice-watchdog');
    await row.waitFor({ timeout: 30_000 });
    await row.getByText(/^What this rests on/).click();
    await row
      .getByText(/watchdog\.mode is automatic/)
      .first()
      .waitFor();
    await row.getByRole('button', { name: 'Set aside' }).click();
    await page.getByRole('textbox', { name: 'Reason' }).fill('Virtual <b>machines</b>.');
    await page.getByRole('dialog').getByRole('button', { name: 'Set aside' }).click();
    const aside = page.getByRole('table', { name: 'Set aside' }).getByTestId('advice-watchdog');
    await waitForText(aside, /Set aside by .*Virtual <b>machines<\/b>\./s);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as a report' }).click();
    const html = await readFile(await (await download).path(), 'utf8');
    expect(html).toContain('<h1>Advice for orders</h1>');
    expect(html).toContain('Virtual &#60;b&#62;machines&#60;/b&#62;.');
    await aside.getByRole('button', { name: 'Bring back' }).click();
    await page.getByRole('table', { name: 'To look at' }).getByTestId('advice-watchdog').waitFor();
    await page.getByTestId('advice-rest_open').getByRole('button', { name: 'Open patroni.yml' }).click();
    await page.waitForURL(/configuration\/member$/);
    expect(problems).toEqual([]);
    await close();
  }, 120_000);

  it.each(['light', 'dark'] as const)(
    'has no barriers (%s)',
    async (theme) => {
      const { page, close } = await openDemoPage(started, theme);
      await openHealth(page);
      await page.getByRole('button', { name: /^Check / }).click();
      await page.getByTestId('advice-rest_open').waitFor({ timeout: 30_000 });
      expect(await axeViolations(page)).toEqual([]);
      await close();
    },
    90_000,
  );
});

it('shows the files for Prometheus by what is collected, and saves them', async () => {
  const { page, problems, close } = await openDemoPage(started);
  await openHealth(page);
  await page.getByRole('button', { name: 'Prometheus', exact: true }).click();
  const rules = page.getByRole('region', { name: 'Alert rules, text' });
  await waitForText(rules, /alert: PatroniNoLeader/);
  await waitForText(rules, /alert: NodeDown/);
  await page.getByRole('checkbox', { name: 'node_exporter' }).uncheck({ force: true });
  await page
    .getByRole('table', { name: 'Left out' })
    .getByRole('row', { name: /NodeDown/ })
    .waitFor();
  expect(await rules.textContent()).not.toContain('NodeDown');
  await page.getByRole('textbox', { name: 'Port of postgres_exporter' }).fill('99999');
  await page.getByText('A port is a number from 1 to 65535.').waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save: Scrape configuration' }).click();
  const text = await readFile(await (await download).path(), 'utf8');
  expect(text).toMatch(/job_name: orders patroni/);
  expect(text).toMatch(/:9187\n/);
  expect(await axeViolations(page)).toEqual([]);
  expect(problems).toEqual([]);
  await close();
}, 90_000);
