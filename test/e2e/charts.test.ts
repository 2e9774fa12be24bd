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

async function openCharts(page: Page): Promise<void> {
  await openDemoCluster(page, 'orders');
  await page.getByRole('navigation', { name: 'Parts of this cluster' }).getByRole('link', { name: 'Charts' }).click();
  await page.getByTestId('charts').waitFor();
}

const figure = (page: Page, title: string) => page.getByRole('figure', { name: title });
const latest = (page: Page, title: string) =>
  page.getByRole('region', { name: 'Latest figures as a table' }).getByRole('row').filter({ hasText: title });

describe('the charts of a cluster', () => {
  it('draw figures of every member within seconds, and say them in a table too', async () => {
    const { page, problems, close } = await openDemoPage(started);
    await openCharts(page);
    await waitForText(latest(page, 'WAL'), /WAL(\s*[\d.]+ .?B\/s){3}/);
    await waitForText(latest(page, 'Lag in bytes'), /–\s*\d/);
    await waitForText(figure(page, 'Processor'), /\d+ %/);
    const painted = await figure(page, 'Processor')
      .locator('canvas')
      .evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
        return data.some((value) => value !== 0);
      });
    expect(painted).toBe(true);
    expect(problems).toEqual([]);
    await close();
  }, 60_000);

  it('share their time: it is changed by the keyboard, moved, and brought back to the present', async () => {
    const { page, close } = await openDemoPage(started);
    await openCharts(page);
    const status = page.getByRole('status').filter({ hasText: /Live|\d{4}-\d\d-\d\d/ });
    await page.getByRole('button', { name: '1 h', exact: true }).focus();
    await page.keyboard.press('Enter');
    await waitForText(status, /Live/);
    await page.getByRole('button', { name: 'Earlier' }).click();
    await waitForText(status, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d to /);
    await waitForText(figure(page, 'Processor'), /No figures in this time/);
    await page.getByRole('button', { name: 'Later' }).click();
    await page.getByRole('button', { name: 'Later' }).click();
    await waitForText(status, /Live/);
    await close();
  }, 60_000);

  it('leave a member out and take it in again by its button', async () => {
    const { page, close } = await openDemoPage(started);
    await openCharts(page);
    await waitForText(latest(page, 'Connections'), /\d/);
    const members = page.getByRole('group', { name: 'Members that are shown' });
    const replica = members.getByRole('button', { name: 'orders-2' });
    const swatches = figure(page, 'Connections').locator('.m-chart-swatch');
    await expect.poll(() => swatches.count()).toBe(3);
    await replica.click();
    expect(await replica.getAttribute('aria-pressed')).toBe('false');
    await expect.poll(() => swatches.count()).toBe(2);
    await replica.click();
    await expect.poll(() => swatches.count()).toBe(3);
    await close();
  }, 60_000);

  it('go on being collected while the page is closed, where that was asked for', async () => {
    const { page, close } = await openDemoPage(started);
    await openCharts(page);
    const keep = page.getByRole('checkbox', { name: 'Collect also while this page is closed' });
    await keep.click({ force: true });
    await expect.poll(() => keep.isChecked()).toBe(true);
    await page.reload();
    await openCharts(page);
    await expect.poll(() => keep.isChecked()).toBe(true);
    await keep.click({ force: true });
    await expect.poll(() => keep.isChecked()).toBe(false);
    await close();
  }, 60_000);

  it('say at once that no Prometheus answers where one is named, and go on with their own figures', async () => {
    const { page, close } = await openDemoPage(started);
    await openCharts(page);
    await page.getByRole('button', { name: 'Read from a Prometheus' }).press('Enter');
    const form = page.getByRole('form', { name: 'A Prometheus for these charts' });
    await form.getByLabel('Host').fill('10.99.0.1');
    expect(await axeViolations(page)).toEqual([]);
    await form.getByRole('button', { name: 'Use it' }).press('Enter');
    await waitForText(form.getByRole('alert'), /The Prometheus at 10\.99\.0\.1:9090 does not answer/);
    await waitForText(latest(page, 'WAL'), /B\/s/);
    await close();
  }, 60_000);

  it("show a Prometheus in place of their own figures, say which is in use, and pause the app's own readings meanwhile", async () => {
    const { page, close } = await openDemoPage(started);
    await openCharts(page);
    await waitForText(latest(page, 'WAL'), /B\/s/);
    await page.getByRole('button', { name: 'Read from a Prometheus' }).press('Enter');
    await page
      .getByRole('form', { name: 'A Prometheus for these charts' })
      .getByRole('button', { name: 'Use it' })
      .click();
    const choice = page.getByLabel(/^From the Prometheus at 127\.0\.0\.1:9090/);
    await choice.press('Space');
    await page.getByText("The app's own readings are paused").waitFor();
    await page.getByText(/charts? (is|are) empty: this Prometheus lacks/).waitFor();
    expect(await latest(page, 'WAL').count()).toBe(0);
    await choice.press('Space');
    await waitForText(latest(page, 'WAL'), /B\/s/);
    await page.getByRole('button', { name: 'Forget it' }).click();
    await close();
  }, 90_000);

  it.each(['light', 'dark'] as const)(
    'have no accessibility violations (%s)',
    async (theme) => {
      const { page, close } = await openDemoPage(started, theme);
      await openCharts(page);
      await waitForText(latest(page, 'WAL'), /B\/s/);
      expect(await axeViolations(page)).toEqual([]);
      await close();
    },
    60_000,
  );
});
