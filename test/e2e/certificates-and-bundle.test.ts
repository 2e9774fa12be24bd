import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoPage, waitForText } from '../support/browser/demo-page';

let started: AppInBrowser;
let page: Page;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
  ({ page } = await openDemoPage(started));
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'orders' }).click();
  await page.getByRole('link', { name: 'Health', exact: true }).click();
});
afterAll(() => started?.close());

describe('the health of a cluster', () => {
  it('shows the certificate of every port, what cannot be compared, and which ports have none', async () => {
    await page.getByRole('button', { name: 'Certificates', exact: true }).click();
    const table = page.getByRole('table', { name: 'Certificates' });
    await waitForText(table, /PostgreSQL.*CN=orders-1.*orders demo authority.*in \d+ days/s, 60_000);
    await waitForText(page.getByRole('list', { name: 'Ports without TLS' }), /Patroni on orders-1/);
    expect(await axeViolations(page)).toEqual([]);
  });

  it('shows what is in a diagnostic bundle before it is saved, and says where it was saved', async () => {
    await page.getByRole('button', { name: 'Diagnostic bundle', exact: true }).click();
    await page.getByLabel('Logs around').fill('yesterday');
    expect(await page.getByRole('button', { name: 'Gather' }).getAttribute('aria-disabled')).toBe('true');
    await page.getByLabel('Logs around').fill('2099-01-01 00:00:00');
    await page.getByRole('button', { name: 'Gather' }).click();
    await waitForText(page.getByTestId('bundle-progress'), /Gathered; not saved yet/, 60_000);
    const files = page.getByRole('table', { name: 'Files of the bundle' });
    await waitForText(files, /README\.txt.*servers\/orders-1\/patroni\/config\.yml/s);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .getByText(/diagnostics.*\.zip/)
      .first()
      .waitFor();
  });

  it('sends alerts nowhere until an address is saved, and says why a test of it was not taken', async () => {
    await page
      .getByRole('navigation', { name: 'Pages' })
      .getByRole('link', { name: /^Alerts/ })
      .click();
    await page.getByLabel('Address').fill('ftp://example.com');
    await page.getByText('Post alerts to a webhook').click();
    expect(await page.getByRole('button', { name: 'Save webhook' }).getAttribute('aria-disabled')).toBe('true');
    await page.getByLabel('Address').fill('http://127.0.0.1:1/hook');
    await page.getByRole('button', { name: 'Save webhook' }).click();
    const test = page.getByRole('button', { name: 'Send a test' }).first();
    await expect.poll(() => test.getAttribute('aria-disabled'), { timeout: 10_000 }).toBeNull();
    await test.click();
    await page.getByText(/The test was not delivered/).waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });
});
