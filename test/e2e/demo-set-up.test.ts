import { afterAll, beforeAll, expect, it } from 'vitest';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { openDemoPage } from '../support/browser/demo-page';

let started: AppInBrowser;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
});
afterAll(() => started?.close());

it('a newcomer follows the set-up with its defaults in the demo and ends on a running cluster', async () => {
  const { page, problems, close } = await openDemoPage(started);
  page.setDefaultTimeout(20_000);
  await page.getByRole('link', { name: 'Set up a cluster' }).first().click();
  await page.getByRole('button', { name: 'Start a new set-up' }).click();
  for (const name of ['bare-1', 'bare-2', 'bare-3'])
    await page.getByLabel(new RegExp(`^${name} `)).check({ force: true });
  await page.getByRole('button', { name: 'Add 3 servers' }).click();
  await expect.poll(() => page.getByLabel('Address of bare-3').inputValue()).toBe('10.98.1.13');
  for (const step of ['Roles', 'Sources and versions', 'Settings', 'Review']) {
    await page.getByRole('button', { name: /^Continue to/ }).click();
    await page.getByRole('heading', { name: step, level: 2, exact: true }).waitFor();
  }
  await expect.poll(() => page.getByRole('button', { name: /^Install on/ }).isEnabled()).toBe(true);
  await page.getByRole('button', { name: /^Install on/ }).click();
  await page.getByRole('button', { name: 'Keep secrets until I close the app' }).click();
  await page.getByRole('button', { name: 'Open the cluster' }).click({ timeout: 60_000 });
  await page.getByTestId('health-sentence').filter({ hasText: 'leads' }).waitFor();
  expect(await page.getByTestId(/^member-bare-/).count()).toBe(3);
  expect(problems).toEqual([]);
  await close();
});
