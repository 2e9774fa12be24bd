import { afterEach, beforeEach, expect, it } from 'vitest';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { axeViolations } from '../support/browser/axe';
import { openDemoPage, waitForText } from '../support/browser/demo-page';

let started: AppInBrowser;

// Servers that were set up are bare no more: each set-up gets a demo of its own.
beforeEach(async () => {
  started = await startAppInBrowser({ demo: true });
});
afterEach(() => started?.close());

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

it('a Prometheus that was chosen in the settings comes with the cluster, is found by the charts, and shown under Health', async () => {
  const { page, problems, close } = await openDemoPage(started);
  page.setDefaultTimeout(20_000);
  await page.getByRole('link', { name: 'Set up a cluster' }).first().click();
  await page.getByRole('button', { name: 'Start a new set-up' }).click();
  for (const name of ['bare-1', 'bare-2', 'bare-3'])
    await page.getByLabel(new RegExp(`^${name} `)).check({ force: true });
  await page.getByRole('button', { name: 'Add 3 servers' }).click();
  await expect.poll(() => page.getByLabel('Address of bare-3').inputValue()).toBe('10.98.1.13');
  for (const step of ['Roles', 'Sources and versions', 'Settings']) {
    await page.getByRole('button', { name: /^Continue to/ }).click();
    await page.getByRole('heading', { name: step, level: 2, exact: true }).waitFor();
  }
  const choice = page.getByLabel('Prometheus and Alertmanager');
  expect(await choice.inputValue(), 'it is off').toBe('');
  await choice.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page
    .getByTestId('monitoring-reach')
    .getByText(/listen on bare-2 itself alone/)
    .waitFor();
  expect(await axeViolations(page)).toEqual([]);
  await page.getByRole('button', { name: /^Continue to/ }).click();
  await expect.poll(() => page.getByRole('button', { name: /^Install on/ }).isEnabled()).toBe(true);
  await page.getByRole('tab', { name: /^bare-2/ }).click();
  await page.getByText('/etc/prometheus/matriarch-exporter.password', { exact: true }).click();
  await waitForText(page.getByLabel('Difference of /etc/prometheus/matriarch-exporter.password'), /••••••/);
  await page.getByRole('button', { name: /^Install on/ }).click();
  await page.getByRole('button', { name: 'Keep secrets until I close the app' }).click();
  await page.getByRole('button', { name: 'Open the cluster' }).click({ timeout: 240_000 });
  await page.getByTestId('health-sentence').filter({ hasText: 'leads' }).waitFor();
  await page.getByRole('link', { name: 'Charts', exact: true }).click();
  await page.getByRole('checkbox', { name: 'From the Prometheus at 127.0.0.1:9090, as seen from bare-2' }).waitFor();
  await page.getByRole('link', { name: 'Health', exact: true }).click();
  await page.getByRole('button', { name: 'Prometheus', exact: true }).click();
  await page.getByText('Prometheus runs on bare-2').waitFor();
  expect(problems).toEqual([]);
  await close();
}, 360_000);
