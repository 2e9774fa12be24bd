import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoCluster, openDemoPage, waitForText } from '../support/browser/demo-page';
import { openDouble } from '../support/browser/double-page';

let started: AppInBrowser;
let page: Page;

const FOLLOW_MS = 90_000;
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
  ({ page } = await openDemoPage(started));
  await openDemoCluster(page, 'reports');
  await page.getByRole('link', { name: 'Configuration', exact: true }).click();
  await press('Passwords');
});
afterAll(() => started?.close());

it('the guide says before anything is done what happens in which order, and a password that is too short is not taken', async () => {
  await page.getByRole('checkbox', { name: 'Change the password of replicator' }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('checkbox', { name: 'Change the password of app' }).check();
  await waitForText(page.getByTestId('password-order'), /validates the new text.*one transaction.*reload/s);
  await waitForText(page.getByRole('main'), /For applications this is an instant change/);
  await page.getByLabel('New password of app; empty: made by the app').fill('short');
  await waitForText(page.getByTestId('password-accounts'), /at least 8 characters/);
  await press('Show the new password of app');
  expect(await page.getByLabel('New password of app; empty: made by the app').getAttribute('type')).toBe('text');
  await page.getByTestId('change-passwords').hover();
  await waitForText(page.locator('.bp6-popover'), /at least 8 characters/);
  await page.mouse.move(0, 0);
  await page.locator('.bp6-popover').waitFor({ state: 'detached' });
  await page.getByLabel('New password of app; empty: made by the app').fill('');
  expect(await axeViolations(page)).toEqual([]);
});

it('passwords are changed with live steps, and shown afterwards on demand with who else must be told', async () => {
  await expect
    .poll(() => page.getByTestId('change-passwords').getAttribute('aria-disabled'), { message: 'it can be pressed' })
    .toBeNull();
  await page.getByTestId('change-passwords').click();
  await waitForText(page.getByTestId('job-status'), /Done/, FOLLOW_MS);
  await press('Close the jobs');
  await waitForText(page.getByRole('main'), /What else must be told/);
  await press('Show the password of replicator');
  await waitForText(page.getByRole('main'), /[A-Za-z2-9]{24}/);
  expect(await axeViolations(page)).toEqual([]);
});

it.each([false, true])(
  'a change of passwords that was broken off says what stands where, and offers both ways (dark: %s)',
  async (dark) => {
    const double = await openDouble(started.browser, { hash: '/cluster/orders/configuration', dark });
    try {
      await double.page.getByRole('button', { name: 'Passwords', exact: true }).click();
      const progress = double.page.getByTestId('password-progress');
      await waitForText(progress, /PostgreSQL has the new passwords/);
      await waitForText(progress, /the new passwords, Patroni was told to read them again/);
      await waitForText(progress, /a mix of new and other passwords, Patroni was not told/);
      await double.page.getByRole('button', { name: 'Continue with the new passwords' }).waitFor();
      await double.page.getByRole('button', { name: 'Put back the former passwords' }).click();
      await waitForText(double.page.getByRole('dialog'), /use the new passwords already are locked out at once/);
      expect(await axeViolations(double.page)).toEqual([]);
      await double.page.getByRole('button', { name: 'Cancel', exact: true }).click();
      await double.page.getByRole('dialog').waitFor({ state: 'detached' });
      await double.page.getByRole('checkbox', { name: 'Change the password of app' }).check();
      await double.page.getByRole('checkbox', { name: 'Change the password of postgres' }).check();
      await double.page.getByText('Equivalent commands', { exact: true }).click();
      await waitForText(double.page.getByRole('main'), /patronictl -c \/etc\/patroni\/orders\.yml reload/);
      await double.page.getByTestId('change-passwords').hover();
      await waitForText(double.page.locator('.bp6-popover'), /Go on with it, or put back the former passwords, first/);
      expect(await axeViolations(double.page)).toEqual([]);
      expect(double.problems).toEqual([]);
    } finally {
      await double.close();
    }
  },
);
