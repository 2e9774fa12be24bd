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
});
afterAll(() => started?.close());

const openAlerts = () =>
  page
    .getByRole('navigation', { name: 'Pages' })
    .getByRole('link', { name: /^Alerts/ })
    .click();
const rules = () => page.getByRole('table', { name: 'Rules' });
const now = () => page.getByRole('table', { name: 'Alerts now' });

describe('the page of the alerts', () => {
  it('raises an alert by the rule of its cluster, in the length of time that was set there', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.getByRole('heading', { level: 1, name: 'Alerts' }).waitFor();
    await page.getByRole('combobox', { name: 'Cluster of the rules' }).selectOption({ label: 'catalog' });
    const row = page.getByTestId('rule-not_streaming');
    await row.getByRole('combobox', { name: 'Not streaming: raised after, unit' }).selectOption('s');
    const after = row.getByRole('textbox', { name: 'Not streaming: raised after, s' });
    await after.fill('3');
    await after.press('Enter');
    await row.getByRole('button', { name: 'Not streaming: default' }).waitFor();
    const alert = now().getByTestId('alert-not_streaming');
    await waitForText(alert, /Not streaming: catalog-4.*catalog/s, 60_000);
    await page.getByRole('link', { name: /^Alerts \d/ }).waitFor();
  });

  it('counts what nobody has acknowledged, and says who did', async () => {
    const badge = page.getByRole('link', { name: /^Alerts/ });
    const before = Number((await badge.innerText()).replace(/\D/g, ''));
    const alert = now().getByTestId('alert-not_streaming');
    await alert.getByRole('button', { name: 'Acknowledge' }).click();
    await waitForText(alert, /by \S+, /);
    await expect
      .poll(async () => Number((await badge.innerText()).replace(/\D/g, '')), { timeout: 10_000 })
      .toBe(before - 1);
  });

  it('mutes a cluster for a while, and says so where its alerts stand', async () => {
    await page.getByRole('button', { name: 'Mute for 1 h' }).click();
    await page.getByText(/catalog is muted until /).waitFor();
    await waitForText(now().getByTestId('alert-not_streaming'), /muted/);
    await page.getByRole('button', { name: 'Unmute' }).click();
    await page.getByRole('button', { name: 'Mute for 8 h' }).waitFor();
  });

  it('keeps quiet hours only where they are times of the day', async () => {
    const keep = page.getByRole('button', { name: 'Set quiet hours' });
    await page.getByLabel('From', { exact: true }).fill('25:00');
    expect(await keep.isDisabled()).toBe(true);
    await page.getByLabel('From', { exact: true }).fill('21:30');
    await keep.click();
    await waitForText(page.getByTestId('quiet-hours'), /Every day from 21:30 to 07:00/);
    await page.getByRole('button', { name: 'No quiet hours' }).click();
    await waitForText(page.getByTestId('quiet-hours'), /None are set/);
  });

  it('has no accessibility violation, neither while alerts last nor with rules switched off', async () => {
    await rules().getByRole('checkbox', { name: 'Paused for long' }).click({ force: true });
    expect(await axeViolations(page)).toEqual([]);
  });

  it('shows an alert as ended, with how long it lasted, once its cause is repaired', async () => {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'catalog' }).click();
    await page.getByRole('button', { name: 'Break something' }).click();
    await page.getByRole('menuitem', { name: 'Repair everything' }).click();
    await openAlerts();
    const ended = page.getByRole('table', { name: 'Alerts that ended' });
    await waitForText(ended, /Not streaming: catalog-4/, 90_000);
    expect(await now().getByTestId('alert-not_streaming').count()).toBe(0);
  });
});
