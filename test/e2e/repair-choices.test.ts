import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeViolations } from '../support/browser/axe';
import { launchChromium } from '../support/browser/browser';
import { openDouble } from '../support/browser/double-page';
import { waitForText } from '../support/browser/demo-page';

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

const checks = (page: Page) => page.getByRole('list', { name: 'Checks' });
const look = (page: Page, name: string) => page.getByRole('button', { name: `Look for it: ${name}` }).click();
const isRefused = async (page: Page) => (await page.getByTestId('confirm').getAttribute('aria-disabled')) === 'true';

describe('a repair in which something is chosen first', () => {
  it.each([false, true])(
    'shows what may go, and is judged anew by the slot that is chosen (dark: %s)',
    async (dark) => {
      const { page, problems, close } = await openDouble(browser, { hash: '/cluster/orders/maintenance/repair', dark });
      await look(page, 'Free a disk of WAL');
      await waitForText(checks(page), /Choose what may go/);
      expect(await isRefused(page)).toBe(true);
      expect(await page.getByRole('radio').count()).toBe(2);
      await page.getByRole('radio', { name: /^Drop the slot warehouse/ }).check();
      await waitForText(checks(page), /About 36 GB become free/);
      await waitForText(page.getByRole('list', { name: 'Steps' }), /Drop the slot warehouse.*checkpoint/s);
      await page.getByLabel('Type Orders to confirm').fill('Orders');
      await expect.poll(() => isRefused(page)).toBe(false);
      await page.getByRole('radio', { name: /^Drop the slot reports/ }).check();
      await waitForText(checks(page), /Little becomes free by that/);
      expect(await isRefused(page), 'what was typed for one slot confirms no other').toBe(true);
      await waitForText(
        page.getByRole('list', { name: 'The cause' }),
        /archive_command is mended in the configuration/,
      );
      expect(await axeViolations(page)).toEqual([]);
      expect(problems).toEqual([]);
      await close();
    },
  );

  it('restores etcd only from a snapshot and on a server that were chosen, when the others are said to be gone', async () => {
    const { page, problems, close } = await openDouble(browser, { hash: '/cluster/orders/maintenance/repair' });
    await look(page, 'Restore etcd from a snapshot');
    await waitForText(checks(page), /Whether etcd on db2 can come back is not known/);
    await page.getByLabel('Type db2 to say that it never comes back').fill('db2');
    await page.getByLabel('Type db3 to say that it never comes back').fill('db3');
    await page.getByRole('radio', { name: /^db1/ }).check();
    await page.getByRole('radio', { name: /^etcd-orders/ }).check();
    await waitForText(checks(page), /The snapshot is whole/);
    await page.getByLabel('Type Orders to confirm').fill('Orders');
    await expect.poll(() => isRefused(page)).toBe(false);
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });

  it.each([false, true])(
    'shows the requests for certificates of a foreign authority, and takes files for this once (dark: %s)',
    async (dark) => {
      const { page, problems, close } = await openDouble(browser, { hash: '/cluster/orders/maintenance/repair', dark });
      await look(page, 'Renew certificates');
      await waitForText(checks(page), /The key of the authority that signed them .* is not in this app/);
      await waitForText(page.getByRole('list', { name: 'Requests for what is missing' }), /openssl req -new -key/);
      expect(await isRefused(page)).toBe(true);
      await page.getByLabel('Certificates and keys').setInputFiles({
        ...{ name: 'ca.pem', mimeType: 'application/x-pem-file' },
        buffer: Buffer.from('-----BEGIN CERTIFICATE-----'),
      });
      await waitForText(page.getByRole('list', { name: 'Given files' }), /ca\.pem: the authority CN=Example/);
      await waitForText(checks(page), /signed by CN=Example, whose key was given, and is forgotten afterwards/);
      await waitForText(page.getByRole('list', { name: 'Steps' }), /Put 2 certificates in place.*Bring etcd on/s);
      await expect.poll(() => isRefused(page)).toBe(false);
      expect(await axeViolations(page)).toEqual([]);
      expect(problems).toEqual([]);
      await close();
    },
  );

  it('is offered on the row of a certificate that ends within 30 days', async () => {
    const { page, problems, close } = await openDouble(browser, { hash: '/cluster/orders/health/certificates' });
    const row = page.getByRole('row', { name: /PostgreSQL/ });
    await row.getByRole('button', { name: 'Renew' }).click();
    await waitForText(checks(page), /6 of 9 certificates have ended, end within 30 days/);
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });
});
